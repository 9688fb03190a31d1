//! Batches of examples that are kept as bytes.

use crate::team;

/// Numbers that are worth a further thread.
const WORTH_SHARING: usize = 1 << 14;

/// The rows of a matrix of bytes, `[examples, width]`, with these indices: numbers from 0 to 1, in steps of
/// 1/255, `[indices, width]`.
///
/// A quarter of the memory that the numbers would take is read. For a batch of pictures that are scattered over
/// a data set, this is what counts.
///
/// # Panics
///
/// If an index is beyond the matrix.
pub fn scaled_rows(bytes: &[u8], width: usize, indices: &[usize]) -> Vec<f32> {
    let mut numbers = vec![0.0; indices.len() * width];
    let threads = (numbers.len() / WORTH_SHARING).clamp(1, team::threads());
    let share = indices.len().div_ceil(threads).max(1);
    let parts = numbers
        .chunks_mut((share * width).max(1))
        .zip(indices.chunks(share));
    team::for_each(parts.collect(), |(numbers, indices)| {
        for (numbers, &index) in numbers.chunks_mut(width).zip(indices) {
            let row = &bytes[index * width..][..width];
            pulp::Arch::new().dispatch(
                #[inline(always)]
                || {
                    for (number, &byte) in numbers.iter_mut().zip(row) {
                        *number = f32::from(byte) / 255.0;
                    }
                },
            );
        }
    });
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_scaled_to_one() {
        let bytes: Vec<u8> = (0..=255).collect();
        assert_eq!(
            scaled_rows(&bytes, 3, &[1, 84, 0]),
            [3, 4, 5, 252, 253, 254, 0, 1, 2].map(|byte| byte as f32 / 255.0)
        );
        assert!(scaled_rows(&bytes, 3, &[]).is_empty());
        // Enough for several threads.
        let rows: Vec<usize> = (0..1000).map(|row| row * 7 % 16).collect();
        let scaled = scaled_rows(&bytes, 16, &rows.repeat(10));
        let expected = rows
            .repeat(10)
            .into_iter()
            .flat_map(|row| row * 16..row * 16 + 16);
        assert!(
            scaled
                .into_iter()
                .eq(expected.map(|byte| byte as f32 / 255.0))
        );
    }
}
