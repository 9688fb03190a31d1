//! Dropout's random decisions, the same on every backend.

use pulp::Simd;
use random::{DRAW_BLOCK, DRAW_GROUP, Purpose, Stream};

/// With the layer and an element's position, all that decides whether dropout keeps the element.
#[derive(Clone, Copy, Debug)]
pub struct DropoutKey {
    /// The run's seed.
    pub seed: u64,
    /// Training steps taken before this one, since the beginning of the run.
    pub step: u32,
}

/// Values of a draw.
const DRAWS: f64 = 65536.0;

/// Which elements of a matrix a dropout layer keeps in one step: a function of the key, the layer,
/// and the element's row and column.
#[derive(Clone, Copy)]
pub(crate) struct Decisions {
    /// Where the draws come from.
    pub stream: Stream,
    /// Draws below it drop.
    pub threshold: u32,
    blocks_per_row: u32,
}

impl Decisions {
    /// The decisions of a layer in the key's step, for a matrix with that many columns. `rate` is
    /// the probability to drop an element, `[0, 1)`, and is rounded to a multiple of 2^-16.
    pub fn new(rate: f64, layer: u32, key: DropoutKey, columns: usize) -> Self {
        // At least one draw keeps: the kept elements are scaled up by what is dropped.
        let threshold = f64::min((rate * DRAWS).round(), DRAWS - 1.0);
        Self {
            stream: Stream::new(key.seed, Purpose::Dropout, layer, key.step),
            threshold: threshold as u32,
            blocks_per_row: columns.div_ceil(DRAW_BLOCK) as u32,
        }
    }

    /// The factor of kept elements.
    pub fn scale(&self) -> f32 {
        (DRAWS / (DRAWS - f64::from(self.threshold))) as f32
    }

    /// Which elements of a row's block are kept, laid out as [`Stream::draws`] is.
    #[inline(always)]
    pub fn kept<S: Simd>(
        &self,
        simd: S,
        row: u32,
        block: usize,
        first: usize,
    ) -> [S::m32s; DRAW_BLOCK / DRAW_GROUP] {
        let block = row
            .wrapping_mul(self.blocks_per_row)
            .wrapping_add(block as u32);
        // A draw is in the upper half of its lane. The lower half decides nothing.
        let threshold = simd.splat_u32s(self.threshold << 16);
        let draws = self.stream.draws(simd, block, first);
        draws.map(|draw| simd.greater_than_or_equal_u32s(draw, threshold))
    }

    /// Which elements of a block's group are kept, with a row of its own for each lane.
    #[cfg(feature = "flex")]
    #[inline(always)]
    pub fn kept_in<S: Simd>(
        &self,
        simd: S,
        rows: S::u32s,
        block: usize,
        first: usize,
        group: usize,
    ) -> S::m32s {
        let (starts, _) = simd.widening_mul_u32s(rows, simd.splat_u32s(self.blocks_per_row));
        let blocks = simd.add_u32s(starts, simd.splat_u32s(block as u32));
        let draws = self.stream.draws_in(simd, blocks, first, group);
        simd.greater_than_or_equal_u32s(draws, simd.splat_u32s(self.threshold << 16))
    }
}
