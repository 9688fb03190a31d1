use pulp::{Simd, WithSimd};

use crate::philox::blocks;

/// The use of a stream of random words. Streams for different purposes are independent.
///
/// A purpose's number is part of a stream's address, so it determines which words a seed gives. The
/// numbers never change; a new purpose gets a new number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Purpose {
    /// Weights before training.
    InitialWeights = 1,
    /// The order of the training examples.
    Shuffle = 2,
    /// Dropout masks.
    Dropout = 3,
    /// Synthetic images of digits.
    SyntheticDigits = 4,
    /// Synthetic texts of reviews.
    SyntheticReviews = 5,
    /// The weights that a gradient check perturbs.
    GradientCheck = 6,
    /// The examples that are held out of a person's own data.
    Split = 7,
    /// The values of a random search.
    Sweep = 8,
    /// Simulated runs, for the error rate of a test that is repeated as runs are added.
    Simulation = 9,
}

/// 2^34 random words, addressed by position.
#[derive(Clone, Copy, Debug)]
pub struct Stream {
    key: [u32; 2],
    /// The upper three words of Philox's counter. The lowest word counts blocks of four words.
    place: [u32; 3],
}

impl Stream {
    /// The stream of a seed for a purpose. `which` distinguishes streams for the same purpose (the
    /// layer, the data split), `when` places them in time (the epoch, the training step).
    pub fn new(seed: u64, purpose: Purpose, which: u32, when: u32) -> Self {
        Self {
            key: [seed as u32, (seed >> 32) as u32],
            place: [when, which, purpose as u32],
        }
    }

    /// Philox's key.
    #[inline]
    pub fn key(&self) -> [u32; 2] {
        self.key
    }

    /// The upper three words of Philox's counter, the same for the whole stream.
    #[inline]
    pub fn place(&self) -> [u32; 3] {
        self.place
    }

    /// Fills `words` with the first words of the stream.
    pub fn fill(&self, words: &mut [u32]) {
        pulp::Arch::new().dispatch(Fill {
            stream: self,
            words,
        });
    }

    /// The first `count` words.
    pub fn words(&self, count: usize) -> Vec<u32> {
        let mut words = vec![0; count];
        self.fill(&mut words);
        words
    }

    /// The counters of as many blocks as a vector has lanes, from block `first` on.
    #[inline(always)]
    pub(crate) fn counters<S: Simd>(&self, simd: S, first: u32) -> [S::u32s; 4] {
        let lanes: [u32; WIDEST] = std::array::from_fn(|lane| lane as u32);
        let lanes = simd.partial_load_u32s(&lanes[..S::U32_LANES]);
        let [when, which, purpose] = self.place.map(|word| simd.splat_u32s(word));
        let index = simd.add_u32s(simd.splat_u32s(first), lanes);
        [index, when, which, purpose]
    }

    /// The numbers `0..count` in random order, by Fisher and Yates. Every pick is uniform up to a
    /// relative error of 2^-32.
    ///
    /// Written here because `rand`'s shuffle may draw differently in a later release.
    ///
    /// # Panics
    ///
    /// If `count` does not fit 32 bits.
    pub fn permutation(&self, count: usize) -> Vec<u32> {
        let mut order: Vec<u32> = (0..u32::try_from(count).expect("at most 2^32 items")).collect();
        let words = self.words(2 * count);
        for last in (1..count).rev() {
            let draw = u64::from(words[2 * last]) << 32 | u64::from(words[2 * last + 1]);
            order.swap(last, scaled(draw, last as u64 + 1) as usize);
        }
        order
    }
}

/// Lanes of the widest vectors.
const WIDEST: usize = 16;

struct Fill<'a> {
    stream: &'a Stream,
    words: &'a mut [u32],
}

impl WithSimd for Fill<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let lanes = S::U32_LANES;
        for (group, words) in self.words.chunks_mut(4 * lanes).enumerate() {
            let counters = self.stream.counters(simd, (group * lanes) as u32);
            let block = blocks(simd, counters, self.stream.key);
            let mut by_word = [[0; WIDEST]; 4];
            for (stored, vector) in by_word.iter_mut().zip(block) {
                simd.partial_store_u32s(&mut stored[..lanes], vector);
            }
            for (lane, words) in words.chunks_mut(4).enumerate() {
                for (word, stored) in words.iter_mut().zip(&by_word) {
                    *word = stored[lane];
                }
            }
        }
    }
}

/// A uniform whole number below `bound`, from 64 random bits (Lemire's multiplication).
fn scaled(draw: u64, bound: u64) -> u64 {
    ((u128::from(draw) * u128::from(bound)) >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_depends_on_its_position_alone() {
        let stream = Stream::new(7, Purpose::Dropout, 2, 40);
        let long = stream.words(1000);
        for count in [1, 3, 4, 63, 64, 65, 999] {
            assert_eq!(stream.words(count), long[..count]);
        }
    }

    #[test]
    fn every_part_of_the_address_changes_the_words() {
        let base = Stream::new(7, Purpose::Dropout, 2, 40).words(8);
        for other in [
            Stream::new(8, Purpose::Dropout, 2, 40),
            Stream::new(7 + (1 << 32), Purpose::Dropout, 2, 40),
            Stream::new(7, Purpose::Shuffle, 2, 40),
            Stream::new(7, Purpose::Dropout, 3, 40),
            Stream::new(7, Purpose::Dropout, 2, 41),
        ] {
            assert_ne!(base, other.words(8));
        }
    }

    #[test]
    fn a_permutation_holds_every_number_once_and_all_orders_occur() {
        let mut sorted = Stream::new(1, Purpose::Shuffle, 0, 0).permutation(1000);
        sorted.sort_unstable();
        assert!(sorted.iter().copied().eq(0..1000));

        let mut seen = std::collections::BTreeMap::new();
        for epoch in 0..6000 {
            let order = Stream::new(1, Purpose::Shuffle, 0, epoch).permutation(3);
            *seen.entry(order).or_insert(0) += 1;
        }
        assert_eq!(seen.len(), 6);
        assert!(
            seen.values().all(|&count| (850..1150).contains(&count)),
            "{seen:?}"
        );
        assert!(
            Stream::new(1, Purpose::Shuffle, 0, 0)
                .permutation(0)
                .is_empty()
        );
    }
}
