//! Finds the maxima over time in one pass over the rows of the tokens.

use std::cell::Cell;
use std::ops::Range;

use pulp::{Simd, WithSimd};
use random::{DRAW_BLOCK, DRAW_GROUP};

use super::candidates::{Candidates, Distinct, Settled, TOGETHER, are_few};
use crate::decisions::Decisions;
use crate::team;

/// The maxima of each example and column, `[batch, width]`.
pub(super) struct Maxima {
    pub values: Vec<f32>,
    /// For each maximum, the row of the table that it comes from. If that element was dropped, the
    /// row's bitwise complement, which is negative.
    pub origins: Vec<i32>,
}

/// Examples in a task: few enough to balance the threads, enough to outweigh the scheduling.
const TASK: usize = 4;

/// Finds the maxima over each `time` tokens in a table with rows of `width`. The first of equal
/// values is the maximum; NaNs are skipped.
pub(super) fn search(
    table: &[f32],
    width: usize,
    tokens: &[i32],
    time: usize,
    dropout: Option<&Decisions>,
) -> Maxima {
    let entries = tokens.len() / time * width;
    let mut maxima = Maxima {
        values: vec![0.0; entries],
        origins: vec![0; entries],
    };
    let search = Search {
        table,
        width,
        time,
        dropout,
    };
    let outputs = maxima.values.chunks_mut(TASK * width);
    let outputs = outputs.zip(maxima.origins.chunks_mut(TASK * width));
    let tasks = tokens.chunks(TASK * time).zip(outputs).enumerate();
    team::for_each(tasks.collect(), |(task, (tokens, (values, origins)))| {
        let mut distinct = DISTINCT.take();
        pulp::Arch::new().dispatch(Examples {
            search: &search,
            distinct: &mut distinct,
            first_row: task * TASK * time,
            tokens,
            values,
            origins,
        });
        DISTINCT.set(distinct);
    });
    maxima
}

thread_local! {
    /// Kept, since it is as large as the table has tokens.
    static DISTINCT: Cell<Distinct> = Cell::default();
}

struct Search<'a> {
    table: &'a [f32],
    width: usize,
    time: usize,
    dropout: Option<&'a Decisions>,
}

/// The examples of one task.
struct Examples<'a> {
    search: &'a Search<'a>,
    distinct: &'a mut Distinct,
    /// The number of the first token in the whole batch: its row of dropout decisions.
    first_row: usize,
    tokens: &'a [i32],
    values: &'a mut [f32],
    origins: &'a mut [i32],
}

impl WithSimd for Examples<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Search { width, time, .. } = *self.search;
        let outputs = self
            .values
            .chunks_mut(width)
            .zip(self.origins.chunks_mut(width));
        let examples = self.tokens.chunks(time).zip(outputs).enumerate();
        let few = self.search.dropout.filter(|dropout| are_few(dropout));
        for (example, (tokens, (values, origins))) in examples {
            if few.is_some() {
                self.distinct.find(tokens, self.search.table.len() / width);
            }
            let blocks = values
                .chunks_mut(DRAW_BLOCK)
                .zip(origins.chunks_mut(DRAW_BLOCK));
            for (block, (values, origins)) in blocks.enumerate() {
                for first in (0..DRAW_GROUP).step_by(S::F32_LANES) {
                    let part = Part {
                        search: self.search,
                        first_row: (self.first_row + example * time) as u32,
                        block,
                        first,
                    };
                    let few = few.map(|decisions| (decisions, &mut *self.distinct));
                    match values.len() {
                        // The compiler knows the length: whole vectors.
                        DRAW_BLOCK => {
                            part.find(simd, few, tokens, values, origins, |row, group| {
                                let (vectors, _) = S::as_simd_f32s(row);
                                vectors[(DRAW_GROUP * group + first) / S::F32_LANES]
                            })
                        }
                        columns => part.find(simd, few, tokens, values, origins, |row, group| {
                            simd.partial_load_f32s(&row[part.lanes::<S>(group, columns)])
                        }),
                    }
                }
            }
        }
    }
}

/// In each group of a block, as many columns as a vector has lanes.
pub(super) struct Part<'a> {
    search: &'a Search<'a>,
    first_row: u32,
    block: usize,
    first: usize,
}

const GROUPS: usize = DRAW_BLOCK / DRAW_GROUP;
/// Lanes of the widest vectors.
pub(super) const WIDEST: usize = DRAW_GROUP;
/// Marks a position whose element was dropped.
pub(super) const DROPPED: u32 = 1 << 31;

impl Part<'_> {
    /// This part's columns of a group, as far as the block has them.
    #[inline(always)]
    fn lanes<S: Simd>(&self, group: usize, columns: usize) -> Range<usize> {
        let start = (DRAW_GROUP * group + self.first).min(columns);
        start..columns.min(start + S::F32_LANES)
    }

    /// This part's columns in the row of a token, as far as the block has them.
    #[inline(always)]
    fn row(&self, token: usize, columns: usize) -> &[f32] {
        let start = token * self.search.width + self.block * DRAW_BLOCK;
        &self.search.table[start..start + columns]
    }

    /// Which lanes of a group have a column.
    #[inline(always)]
    pub fn present<S: Simd>(&self, simd: S, group: usize, columns: usize) -> S::m32s {
        let lanes: [u32; WIDEST] = std::array::from_fn(|lane| lane as u32);
        let lanes = simd.partial_load_u32s(&lanes[..S::U32_LANES]);
        let count = self.lanes::<S>(group, columns).len();
        simd.less_than_u32s(lanes, simd.splat_u32s(count as u32))
    }

    /// Whether dropout keeps the elements at a position for each column of a group.
    #[inline(always)]
    pub fn kept_at<S: Simd>(
        &self,
        simd: S,
        decisions: &Decisions,
        positions: S::u32s,
        group: usize,
    ) -> S::m32s {
        let rows = simd.add_u32s(simd.splat_u32s(self.first_row), positions);
        decisions.kept_in(simd, rows, self.block, self.first, group)
    }

    /// Finds the maxima by candidates, if there are `few`, or else by all elements. `load` reads this part's
    /// columns of a group from a row's block.
    #[inline(always)]
    fn find<S: Simd>(
        &self,
        simd: S,
        few: Option<(&Decisions, &mut Distinct)>,
        tokens: &[i32],
        values: &mut [f32],
        origins: &mut [i32],
        load: impl Fn(&[f32], usize) -> S::f32s + Copy,
    ) {
        let columns = values.len();
        let Some((decisions, distinct)) = few else {
            return self.search(simd, tokens, values, origins, load);
        };
        distinct.gather::<S, GROUPS>(
            simd,
            decisions.scale(),
            #[inline(always)]
            |token, group| load(self.row(token as usize, columns), group),
        );
        for pass in 0..GROUPS / TOGETHER {
            let groups = std::array::from_fn(|index| TOGETHER * pass + index);
            let candidates = Candidates::<S> {
                part: self,
                decisions,
                distinct,
                groups,
                rows: distinct.rows::<S>(pass),
                columns,
            };
            let Some(settled) = candidates.settle(simd) else {
                return self.search(simd, tokens, values, origins, load);
            };
            for (group, settled) in groups.into_iter().zip(settled) {
                let Settled {
                    values: maxima,
                    positions,
                } = settled;
                self.store(simd, group, maxima, positions, tokens, values, origins);
            }
        }
    }

    /// `load` is that of [`find`](Self::find).
    #[inline(always)]
    fn search<S: Simd>(
        &self,
        simd: S,
        tokens: &[i32],
        values: &mut [f32],
        origins: &mut [i32],
        load: impl Fn(&[f32], usize) -> S::f32s,
    ) {
        let columns = values.len();
        let zero = simd.splat_f32s(0.0);
        let mut maxima = [simd.splat_f32s(f32::NEG_INFINITY); GROUPS];
        let mut positions = [simd.splat_u32s(0); GROUPS];
        for (position, &token) in (0..).zip(tokens) {
            let row = self.row(token as usize, columns);
            let row: [S::f32s; GROUPS] = std::array::from_fn(|group| load(row, group));
            let here = simd.splat_u32s(position);
            let mut consider = |group: usize, value, position| {
                let larger = simd.greater_than_f32s(value, maxima[group]);
                maxima[group] = simd.select_f32s(larger, value, maxima[group]);
                positions[group] = simd.select_u32s(larger, position, positions[group]);
            };
            match self.search.dropout {
                None => {
                    for (group, value) in row.into_iter().enumerate() {
                        consider(group, value, here);
                    }
                }
                Some(decisions) => {
                    let scale = simd.splat_f32s(decisions.scale());
                    let dropped = simd.splat_u32s(position | DROPPED);
                    let number = self.first_row.wrapping_add(position);
                    let kept = decisions.kept(simd, number, self.block, self.first);
                    for (group, (value, kept)) in row.into_iter().zip(kept).enumerate() {
                        let value = simd.select_f32s(kept, simd.mul_f32s(value, scale), zero);
                        consider(group, value, simd.select_u32s(kept, here, dropped));
                    }
                }
            }
        }
        for (group, (maxima, positions)) in maxima.into_iter().zip(positions).enumerate() {
            self.store(simd, group, maxima, positions, tokens, values, origins);
        }
    }

    /// Writes the maxima of a group and where they come from.
    #[inline(always)]
    #[expect(clippy::too_many_arguments, reason = "they are the loop's variables")]
    fn store<S: Simd>(
        &self,
        simd: S,
        group: usize,
        maxima: S::f32s,
        positions: S::u32s,
        tokens: &[i32],
        values: &mut [f32],
        origins: &mut [i32],
    ) {
        let lanes = self.lanes::<S>(group, values.len());
        simd.partial_store_f32s(&mut values[lanes.clone()], maxima);
        let mut stored = [0; WIDEST];
        simd.partial_store_u32s(&mut stored[..S::U32_LANES], positions);
        for (origin, position) in origins[lanes].iter_mut().zip(stored) {
            let token = tokens[(position & !DROPPED) as usize];
            *origin = if position < DROPPED { token } else { !token };
        }
    }
}
