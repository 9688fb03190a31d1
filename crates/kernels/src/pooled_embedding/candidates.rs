//! Finds maxima under dropout with few draws: most of them would decide about elements that are no maximum.
//!
//! A pass over an example's distinct tokens finds the largest elements of each column, whether dropout keeps
//! them or not. Then draws are made for these alone, the largest first, until one is kept. That is the maximum
//! if it is above zero, the value of dropped elements. The numbers are those of the plain search, which decides
//! where a few passes do not settle a column.

use aligned_vec::AVec;
use pulp::Simd;

use super::search::{DROPPED, Part};
use crate::decisions::Decisions;

/// Elements found in a pass. The last is only known to be below the others.
const FOUND: usize = 3;
/// Passes over the tokens, after which drawing for all elements is quicker.
const PASSES: usize = 6;
/// No position.
const NONE: u32 = u32::MAX;

/// Whether candidates are worth it: with more dropped, too many of them are.
pub(super) fn are_few(decisions: &Decisions) -> bool {
    decisions.threshold <= 1 << 15
}

/// The distinct tokens of an example.
pub(super) struct Distinct {
    /// Each with its first position, in the order of these.
    tokens: Vec<(u32, u32)>,
    /// For each position the next one with the same token.
    next: Vec<u32>,
    /// For each position the place of its token among the distinct ones.
    places: Vec<u32>,
    /// For each token of the table the last position that was seen.
    last: Vec<u32>,
    /// Some columns of the tokens' rows, in the order in which they are searched.
    rows: AVec<f32>,
}

impl Default for Distinct {
    fn default() -> Self {
        Self {
            tokens: Vec::new(),
            next: Vec::new(),
            places: Vec::new(),
            last: Vec::new(),
            rows: AVec::new(0),
        }
    }
}

impl Distinct {
    /// Finds those of an example, whose tokens are below `known`.
    pub fn find(&mut self, tokens: &[i32], known: usize) {
        self.last.resize(known, NONE);
        self.tokens.clear();
        self.places.clear();
        self.next.clear();
        self.next.resize(tokens.len(), NONE);
        for (position, &token) in (0..).zip(tokens) {
            let last = &mut self.last[token as usize];
            let place = match *last {
                NONE => {
                    self.tokens.push((token as u32, position));
                    self.tokens.len() as u32 - 1
                }
                before => {
                    self.next[before as usize] = position;
                    self.places[before as usize]
                }
            };
            self.places.push(place);
            *last = position;
        }
        for &(token, _) in &self.tokens {
            self.last[token as usize] = NONE;
        }
    }

    /// Copies columns of the tokens' rows together: the groups of a pass after one another, and in these the
    /// tokens. `load` reads the columns of a group from a token's row.
    ///
    /// The table is larger than a core's cache and its rows are read in no order. Read once, and all columns
    /// of a block together, they come faster than pass by pass.
    #[inline(always)]
    pub fn gather<S: Simd, const GROUPS: usize>(
        &mut self,
        simd: S,
        scale: f32,
        load: impl Fn(u32, usize) -> S::f32s,
    ) {
        let count = self.tokens.len();
        let size = GROUPS * count * S::F32_LANES;
        if self.rows.len() < size {
            self.rows.resize(size, 0.0);
        }
        let scale = simd.splat_f32s(scale);
        let (vectors, _) = S::as_mut_simd_f32s(&mut self.rows[..size]);
        let (rows, _) = vectors.as_chunks_mut::<TOGETHER>();
        for (place, &(token, _)) in self.tokens.iter().enumerate() {
            for group in 0..GROUPS {
                let value = simd.mul_f32s(load(token, group), scale);
                rows[group / TOGETHER * count + place][group % TOGETHER] = value;
            }
        }
    }

    /// What was copied for a pass.
    #[inline(always)]
    pub fn rows<S: Simd>(&self, pass: usize) -> &[[S::f32s; TOGETHER]] {
        let count = self.tokens.len();
        let (vectors, _) = S::as_simd_f32s(&self.rows);
        &vectors.as_chunks().0[pass * count..][..count]
    }
}

/// The maxima of a vector of columns, and where they are.
pub(super) struct Settled<S: Simd> {
    pub values: S::f32s,
    pub positions: S::u32s,
}

/// The largest elements of each column, falling, equal ones by position. Zero and no position where there are
/// no more above zero.
#[derive(Clone, Copy)]
struct Largest<S: Simd> {
    values: [S::f32s; FOUND],
    positions: [S::u32s; FOUND],
}

impl<S: Simd> Largest<S> {
    #[inline(always)]
    fn none(simd: S) -> Self {
        Self {
            values: [simd.splat_f32s(0.0); FOUND],
            positions: [simd.splat_u32s(NONE); FOUND],
        }
    }

    #[inline(always)]
    fn add(&mut self, simd: S, value: S::f32s, position: S::u32s) {
        let larger = self.values.map(
            #[inline(always)]
            |found| simd.greater_than_f32s(value, found),
        );
        for place in (0..FOUND).rev() {
            // Moved down by one where the new one goes above.
            let (above, above_at) = match place {
                0 => (value, position),
                _ => (
                    simd.select_f32s(larger[place - 1], self.values[place - 1], value),
                    simd.select_u32s(larger[place - 1], self.positions[place - 1], position),
                ),
            };
            self.values[place] = simd.select_f32s(larger[place], above, self.values[place]);
            self.positions[place] =
                simd.select_u32s(larger[place], above_at, self.positions[place]);
        }
    }
}

/// Groups whose candidates are found in one pass.
pub(super) const TOGETHER: usize = 2;

/// A search for the maxima of a part's columns in some groups.
pub(super) struct Candidates<'a, S: Simd> {
    pub part: &'a Part<'a>,
    pub decisions: &'a Decisions,
    pub distinct: &'a Distinct,
    pub groups: [usize; TOGETHER],
    /// For each distinct token its elements in the groups, scaled as if they were kept.
    pub rows: &'a [[S::f32s; TOGETHER]],
    /// Columns of the block.
    pub columns: usize,
}

impl<S: Simd> Candidates<'_, S> {
    /// The maxima of the groups; `None` if one of them is not settled.
    #[inline(always)]
    pub fn settle(&self, simd: S) -> Option<[Settled<S>; TOGETHER]> {
        let mut largest = [Largest::none(simd); TOGETHER];
        for (&(_, position), row) in self.distinct.tokens.iter().zip(self.rows) {
            let here = simd.splat_u32s(position);
            for (largest, value) in largest.iter_mut().zip(row) {
                largest.add(simd, *value, here);
            }
        }
        let mut settled = self.groups.map(|_| Settled {
            values: simd.splat_f32s(0.0),
            positions: simd.splat_u32s(NONE),
        });
        for (index, (settled, largest)) in settled.iter_mut().zip(largest).enumerate() {
            self.settle_group(simd, index, largest, settled)?;
        }
        Some(settled)
    }

    #[inline(always)]
    fn settle_group(
        &self,
        simd: S,
        index: usize,
        mut largest: Largest<S>,
        settled: &mut Settled<S>,
    ) -> Option<()> {
        let group = self.groups[index];
        let mut open = self.part.present(simd, group, self.columns);
        for pass in 1.. {
            open = self.draw(simd, group, &largest, open, settled)?;
            if !any(simd, open) {
                return Some(());
            }
            // Where the last one is missing, nothing above zero is kept.
            let last = largest.positions[FOUND - 1];
            let is_out = simd.and_m32s(open, simd.equal_u32s(last, simd.splat_u32s(NONE)));
            if any(simd, is_out) {
                self.zero(simd, index, is_out, settled)?;
                open = simd.and_m32s(open, simd.not_m32s(is_out));
                if !any(simd, open) {
                    return Some(());
                }
            }
            if pass == PASSES {
                return None;
            }
            largest = self.below(simd, index, &largest);
        }
        None
    }

    /// Finds the first zero of columns where nothing above it is kept: as a rule, the first dropped element.
    /// `None` if there is none.
    #[inline(always)]
    fn zero(
        &self,
        simd: S,
        index: usize,
        mut open: S::m32s,
        settled: &mut Settled<S>,
    ) -> Option<()> {
        let zero = simd.splat_f32s(0.0);
        for (position, &place) in (0..).zip(&self.distinct.places) {
            let at = simd.splat_u32s(position);
            let kept = self
                .part
                .kept_at(simd, self.decisions, at, self.groups[index]);
            let value = simd.select_f32s(kept, self.rows[place as usize][index], zero);
            let found = simd.and_m32s(open, simd.equal_f32s(value, zero));
            let at = simd.select_u32s(kept, at, simd.splat_u32s(position | DROPPED));
            settled.values = simd.select_f32s(found, value, settled.values);
            settled.positions = simd.select_u32s(found, at, settled.positions);
            open = simd.and_m32s(open, simd.not_m32s(found));
            if !any(simd, open) {
                return Some(());
            }
        }
        None
    }

    /// Draws for elements, the largest first. Returns the columns in which none is kept; `None` if equal
    /// elements of different tokens would have to be compared by position.
    #[inline(always)]
    fn draw(
        &self,
        simd: S,
        group: usize,
        largest: &Largest<S>,
        mut open: S::m32s,
        settled: &mut Settled<S>,
    ) -> Option<S::m32s> {
        let none = simd.splat_u32s(NONE);
        for place in 0..FOUND {
            let value = largest.values[place];
            let mut at = largest.positions[place];
            let mut live = simd.and_m32s(open, simd.not_m32s(simd.equal_u32s(at, none)));
            let mut is_first = true;
            while any(simd, live) {
                let kept = self.part.kept_at(simd, self.decisions, at, group);
                let kept = simd.and_m32s(kept, live);
                if !is_first {
                    let below = largest.values[place + 1];
                    let equal = simd.and_m32s(kept, simd.equal_f32s(value, below));
                    if any(simd, equal) {
                        return None;
                    }
                }
                settled.values = simd.select_f32s(kept, value, settled.values);
                settled.positions = simd.select_u32s(kept, at, settled.positions);
                let dropped = simd.not_m32s(kept);
                open = simd.and_m32s(open, dropped);
                live = simd.and_m32s(live, dropped);
                // What is below the last one is not known. The next pass begins with it.
                if place + 1 == FOUND || !any(simd, live) {
                    break;
                }
                at = self.next(simd, at);
                live = simd.and_m32s(live, simd.not_m32s(simd.equal_u32s(at, none)));
                is_first = false;
            }
        }
        Some(open)
    }

    /// The next position of the token at each position.
    #[inline(always)]
    fn next(&self, simd: S, at: S::u32s) -> S::u32s {
        let mut positions = [NONE; super::search::WIDEST];
        simd.partial_store_u32s(&mut positions[..S::U32_LANES], at);
        for position in &mut positions {
            let next = self.distinct.next.get(*position as usize);
            *position = next.copied().unwrap_or(NONE);
        }
        simd.partial_load_u32s(&positions[..S::U32_LANES])
    }

    /// The largest elements of a group from the last one of those found on.
    #[inline(always)]
    fn below(&self, simd: S, index: usize, found: &Largest<S>) -> Largest<S> {
        let (bound, bound_at) = (found.values[FOUND - 1], found.positions[FOUND - 1]);
        let mut largest = Largest::none(simd);
        for (&(_, position), row) in self.distinct.tokens.iter().zip(self.rows) {
            let here = simd.splat_u32s(position);
            let value = row[index];
            let is_later = simd.greater_than_or_equal_u32s(here, bound_at);
            let is_equal = simd.and_m32s(simd.equal_f32s(value, bound), is_later);
            let is_below = simd.or_m32s(simd.less_than_f32s(value, bound), is_equal);
            let value = simd.select_f32s(is_below, value, simd.splat_f32s(0.0));
            largest.add(simd, value, here);
        }
        largest
    }
}

#[inline(always)]
fn any<S: Simd>(simd: S, mask: S::m32s) -> bool {
    simd.first_true_m32s(mask) < S::F32_LANES
}
