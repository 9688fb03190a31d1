//! Philox4x32-10, the counter-based generator of Salmon, Moraes, Dror and Shaw, "Parallel Random
//! Numbers: As Easy as 1, 2, 3" (SC11); cuRAND, PyTorch and TensorFlow use the same one.
//!
//! Written here because a vectorised CPU loop and a GPU program must give the same integers. Crates
//! that offer Philox hide its function from counter to words behind a stateful stream.

use pulp::Simd;

/// The factors of the first and third word of the counter in a round.
pub const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
/// Added to the two words of the key after a round.
pub const KEY_INCREMENTS: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];
/// Rounds from a counter to its words.
pub const ROUNDS: usize = 10;

/// The four words of each counter, for as many counters side by side as a vector has lanes.
#[inline(always)]
pub(crate) fn blocks<S: Simd>(
    simd: S,
    mut counters: [S::u32s; 4],
    mut key: [u32; 2],
) -> [S::u32s; 4] {
    let multipliers = MULTIPLIERS.map(|multiplier| simd.splat_u32s(multiplier));
    for _ in 0..ROUNDS {
        let (even_low, even_high) = simd.widening_mul_u32s(multipliers[0], counters[0]);
        let (odd_low, odd_high) = simd.widening_mul_u32s(multipliers[1], counters[2]);
        let mixed =
            |high, counter, key| simd.xor_u32s(simd.xor_u32s(high, counter), simd.splat_u32s(key));
        counters = [
            mixed(odd_high, counters[1], key[0]),
            odd_low,
            mixed(even_high, counters[3], key[1]),
            even_low,
        ];
        key[0] = key[0].wrapping_add(KEY_INCREMENTS[0]);
        key[1] = key[1].wrapping_add(KEY_INCREMENTS[1]);
    }
    counters
}

#[cfg(test)]
mod tests {
    use pulp::Scalar;

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
            assert_eq!(blocks(Scalar::new(), counter, key), expected);
        }
    }
}
