//! Dropout's random decisions inside a kernel: the integers of `random`, bit for bit.

use cubecl::prelude::*;
use random::philox::{KEY_INCREMENTS, MULTIPLIERS, ROUNDS};

use crate::decisions::Decisions;

/// One dropout layer's decisions in one step, as arguments of a kernel.
#[derive(CubeLaunch, CubeType)]
pub(crate) struct Draws {
    key_0: u32,
    key_1: u32,
    when: u32,
    which: u32,
    purpose: u32,
    /// In the upper 16 bits, as draws are.
    threshold: u32,
    /// The factor of kept elements.
    pub scale: f32,
}

/// The arguments to launch a kernel with.
pub(crate) fn draws(decisions: &Decisions) -> DrawsLaunch {
    let [key_0, key_1] = decisions.stream.key();
    let [when, which, purpose] = decisions.stream.place();
    DrawsLaunch::new(
        key_0,
        key_1,
        when,
        which,
        purpose,
        decisions.threshold << 16,
        decisions.scale(),
    )
}

/// The four words that belong to a counter.
#[cube]
pub(crate) fn philox(draws: &Draws, counter: u32) -> Array<u32> {
    let multiplier_0 = u32::new(comptime!(MULTIPLIERS[0] as i64));
    let multiplier_1 = u32::new(comptime!(MULTIPLIERS[1] as i64));
    let mut word_0 = counter;
    let mut word_1 = draws.when;
    let mut word_2 = draws.which;
    let mut word_3 = draws.purpose;
    let mut key_0 = draws.key_0;
    let mut key_1 = draws.key_1;
    #[unroll]
    for _ in 0..ROUNDS {
        let even_high = multiplier_0.mul_hi(word_0);
        let even_low = multiplier_0 * word_0;
        let odd_high = multiplier_1.mul_hi(word_2);
        let odd_low = multiplier_1 * word_2;
        word_0 = odd_high ^ word_1 ^ key_0;
        word_1 = odd_low;
        word_2 = even_high ^ word_3 ^ key_1;
        word_3 = even_low;
        key_0 += u32::new(comptime!(KEY_INCREMENTS[0] as i64));
        key_1 += u32::new(comptime!(KEY_INCREMENTS[1] as i64));
    }
    let mut words = Array::new(4usize);
    words[0] = word_0;
    words[1] = word_1;
    words[2] = word_2;
    words[3] = word_3;
    words
}

/// Whether the words' column in this group is kept.
#[cube]
pub(crate) fn kept(draws: &Draws, words: &Array<u32>, #[comptime] group: usize) -> bool {
    let word = words[comptime!(group / 2)];
    // A draw is in the upper half of its lane. The lower half decides nothing.
    let draw = if comptime!(group.is_multiple_of(2)) {
        word << 16
    } else {
        word
    };
    draw >= draws.threshold
}
