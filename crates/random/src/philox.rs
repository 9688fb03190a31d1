//! Philox4x32-10, the counter-based generator of Salmon, Moraes, Dror and Shaw, "Parallel Random
//! Numbers: As Easy as 1, 2, 3" (SC11); cuRAND, PyTorch and TensorFlow use the same one.
//!
//! Written here because the same integers must come out of a vectorised CPU loop and of a GPU
//! kernel; crates that offer it hide the function from counter to words behind a stateful stream.

const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
const KEY_INCREMENTS: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];
const ROUNDS: usize = 10;

/// Blocks computed side by side: one AVX-512 register, two AVX2 registers of 32-bit words.
pub(crate) const LANES: usize = 16;

/// The four words for each of `LANES` counters, element `[word][lane]`.
///
/// The loops over lanes have a constant length and no branches, so that they become vector
/// instructions of whatever width the caller is compiled for.
#[inline(always)]
pub(crate) fn blocks(mut counter: [[u32; LANES]; 4], mut key: [u32; 2]) -> [[u32; LANES]; 4] {
    for _ in 0..ROUNDS {
        let mut next = [[0; LANES]; 4];
        for lane in 0..LANES {
            let even = u64::from(MULTIPLIERS[0]) * u64::from(counter[0][lane]);
            let odd = u64::from(MULTIPLIERS[1]) * u64::from(counter[2][lane]);
            next[0][lane] = (odd >> 32) as u32 ^ counter[1][lane] ^ key[0];
            next[1][lane] = odd as u32;
            next[2][lane] = (even >> 32) as u32 ^ counter[3][lane] ^ key[1];
            next[3][lane] = even as u32;
        }
        counter = next;
        key[0] = key[0].wrapping_add(KEY_INCREMENTS[0]);
        key[1] = key[1].wrapping_add(KEY_INCREMENTS[1]);
    }
    counter
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Known answers published with the authors' Random123 library (`kat_vectors`).
    #[test]
    fn gives_the_published_answers() {
        let cases = [
            (
                [0; 4],
                [0; 2],
                [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8],
            ),
            (
                [u32::MAX; 4],
                [u32::MAX; 2],
                [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd],
            ),
            (
                [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
                [0xa409_3822, 0x299f_31d0],
                [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1],
            ),
        ];
        for (counter, key, expected) in cases {
            let words = blocks(counter.map(|word| [word; LANES]), key);
            assert_eq!(words, expected.map(|word| [word; LANES]));
        }
    }
}
