use pulp::Simd;

use crate::philox::blocks;
use crate::stream::Stream;

/// The columns in one block of draws: sixteen counters, each with eight draws of 16 bits.
pub const DRAW_BLOCK: usize = 128;
/// Counters in a block, and columns in each of its eight groups.
pub const DRAW_GROUP: usize = 16;

impl Stream {
    /// One draw of 16 bits for each of [`DRAW_BLOCK`] columns. It takes half the words that a draw
    /// of 32 bits would, and no word leaves its lane.
    ///
    /// Vector `k` holds the draws of the columns from `DRAW_GROUP * k + first` on, one in each
    /// lane's upper 16 bits; ignore the lower bits. `first` is a multiple of the number of lanes,
    /// below [`DRAW_GROUP`]. The draws use the same words as [`words`](Self::words), so use a
    /// stream for one of them only.
    #[inline(always)]
    pub fn draws<S: Simd>(
        &self,
        simd: S,
        block: u32,
        first: usize,
    ) -> [S::u32s; DRAW_BLOCK / DRAW_GROUP] {
        let counter = block
            .wrapping_mul(DRAW_GROUP as u32)
            .wrapping_add(first as u32);
        let words = blocks(simd, self.counters(simd, counter), self.key());
        std::array::from_fn(|group| draw(simd, words, group))
    }

    /// The draws of the same columns as vector `group` of [`draws`](Self::draws), with a block of its own for
    /// each lane.
    #[inline(always)]
    pub fn draws_in<S: Simd>(
        &self,
        simd: S,
        blocks_of_lanes: S::u32s,
        first: usize,
        group: usize,
    ) -> S::u32s {
        let shift = simd.splat_u32s(DRAW_GROUP.trailing_zeros());
        let start = simd.wrapping_dyn_shl_u32s(blocks_of_lanes, shift);
        let [lanes, rest @ ..] = self.counters(simd, first as u32);
        let [when, which, purpose] = rest;
        let counters = [simd.add_u32s(start, lanes), when, which, purpose];
        draw(simd, blocks(simd, counters, self.key()), group)
    }
}

/// The draws of a group among the words of its counters.
#[inline(always)]
fn draw<S: Simd>(simd: S, words: [S::u32s; 4], group: usize) -> S::u32s {
    let word = words[group / 2];
    if group.is_multiple_of(2) {
        simd.wrapping_dyn_shl_u32s(word, simd.splat_u32s(16))
    } else {
        word
    }
}

#[cfg(test)]
mod tests {
    use pulp::{Scalar, WithSimd};

    use super::*;
    use crate::stream::Purpose;

    /// The draws of a block, column by column.
    struct Columns(Stream, u32);

    impl WithSimd for Columns {
        type Output = Vec<u16>;

        fn with_simd<S: Simd>(self, simd: S) -> Vec<u16> {
            let mut columns = vec![0; DRAW_BLOCK];
            for first in (0..DRAW_GROUP).step_by(S::U32_LANES) {
                let vectors = self.0.draws(simd, self.1, first);
                for (group, vector) in vectors.into_iter().enumerate() {
                    let mut lanes = [0; DRAW_GROUP];
                    simd.partial_store_u32s(&mut lanes[..S::U32_LANES], vector);
                    for (lane, draw) in lanes[..S::U32_LANES].iter().enumerate() {
                        columns[DRAW_GROUP * group + first + lane] = (draw >> 16) as u16;
                    }
                }
            }
            columns
        }
    }

    /// Computes the draws from the stream's words as documented.
    #[test]
    fn are_halves_of_the_streams_words_for_any_width_of_vectors() {
        let stream = Stream::new(9, Purpose::Dropout, 1, 7);
        for block in [0, 3] {
            let words = stream.words((block + 1) * 4 * DRAW_GROUP);
            let words = &words[block * 4 * DRAW_GROUP..];
            let expected: Vec<u16> = (0..DRAW_BLOCK)
                .map(|column| {
                    let (group, lane) = (column / DRAW_GROUP, column % DRAW_GROUP);
                    let word = words[4 * lane + group / 2];
                    (word >> (16 * (group % 2))) as u16
                })
                .collect();
            let columns = Columns(stream, block as u32);
            assert_eq!(columns.with_simd(Scalar::new()), expected);
            let columns = Columns(stream, block as u32);
            assert_eq!(pulp::Arch::new().dispatch(columns), expected);
        }
    }
}
