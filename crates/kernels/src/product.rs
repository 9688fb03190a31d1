//! The matrix product.
//!
//! Each entry is one chain of fused multiplications and additions over the inner dimension, in its order. So
//! the result does not depend on the number of threads, on the width of the vectors, or on the blocks below.
//!
//! The blocks are those of Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication" (2008),
//! without a copy of the left matrix: the matrices of a training step are small, and copying it costs more
//! than it gains.

use std::cell::Cell;
use std::ops::{Range, RangeFrom};

use aligned_vec::AVec;
use ndarray::{ArrayView2, ArrayViewMut2, s};
use pulp::{Simd, WithSimd};

/// The rows of the right matrix that are multiplied at once: with four vectors of 16 columns, 32 KB.
const DEPTH: usize = 128;

/// Sets `out`, `[rows, columns]`, to the product of `left`, `[rows, inner]`, and `right`, `[inner, columns]`.
///
/// # Panics
///
/// If the shapes do not fit, or the rows of `out` are not contiguous.
pub(crate) fn product(left: ArrayView2<f32>, right: ArrayView2<f32>, out: ArrayViewMut2<f32>) {
    multiply(left, right, out, Chains::Begin);
}

/// Adds the product to `out`: goes on with the chains that ended there.
///
/// # Panics
///
/// If the shapes do not fit, or the rows of `out` are not contiguous.
pub(crate) fn add_product(left: ArrayView2<f32>, right: ArrayView2<f32>, out: ArrayViewMut2<f32>) {
    multiply(left, right, out, Chains::GoOn);
}

/// What the chains of the entries begin with: zero, or what is there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Chains {
    Begin,
    GoOn,
}

fn multiply(
    left: ArrayView2<f32>,
    right: ArrayView2<f32>,
    mut out: ArrayViewMut2<f32>,
    chains: Chains,
) {
    assert_eq!(left.ncols(), right.nrows(), "inner dimensions");
    assert_eq!(
        [left.nrows(), right.ncols()],
        [out.nrows(), out.ncols()],
        "outer dimensions"
    );
    if left.is_empty() || right.is_empty() {
        if chains == Chains::Begin {
            out.fill(0.0);
        }
        return;
    }
    let arch = pulp::Arch::new();
    let [rows, inner] = [left.nrows(), left.ncols()];
    let mut panel = PANEL.take();
    if let Some(values) = left.t().to_slice() {
        arch.dispatch(Product {
            left: Columns { values, rows },
            right,
            out,
            chains,
            panel: &mut panel,
        });
    } else {
        let left = left.as_standard_layout();
        let values = left.as_slice().expect("the standard layout");
        arch.dispatch(Product {
            left: Rows { values, inner },
            right,
            out,
            chains,
            panel: &mut panel,
        });
    }
    PANEL.set(panel);
}

/// The left matrix of a product.
trait Left: Copy {
    /// Calls `step` with the `M` entries from `row` on of each column in `depth`, in order.
    fn columns<const M: usize>(
        self,
        row: usize,
        depth: Range<usize>,
        step: impl FnMut(usize, [f32; M]),
    );
}

/// A matrix whose rows are contiguous.
#[derive(Clone, Copy)]
struct Rows<'a> {
    values: &'a [f32],
    inner: usize,
}

impl Left for Rows<'_> {
    #[inline(always)]
    fn columns<const M: usize>(
        self,
        row: usize,
        depth: Range<usize>,
        mut step: impl FnMut(usize, [f32; M]),
    ) {
        let rows: [&[f32]; M] =
            std::array::from_fn(|index| &self.values[(row + index) * self.inner..][depth.clone()]);
        #[expect(clippy::needless_range_loop, reason = "in all rows at once")]
        for place in 0..depth.len() {
            step(place, std::array::from_fn(|index| rows[index][place]));
        }
    }
}

/// A matrix whose columns are contiguous.
#[derive(Clone, Copy)]
struct Columns<'a> {
    values: &'a [f32],
    rows: usize,
}

impl Left for Columns<'_> {
    #[inline(always)]
    fn columns<const M: usize>(
        self,
        row: usize,
        depth: Range<usize>,
        mut step: impl FnMut(usize, [f32; M]),
    ) {
        let columns = self.values[depth.start * self.rows..].chunks(self.rows);
        for (place, column) in columns.take(depth.len()).enumerate() {
            let column = &column[row..][..M];
            step(place, std::array::from_fn(|index| column[index]));
        }
    }
}

struct Product<'a, L> {
    left: L,
    right: ArrayView2<'a, f32>,
    out: ArrayViewMut2<'a, f32>,
    chains: Chains,
    panel: &'a mut Panel,
}

impl<L: Left> WithSimd for Product<'_, L> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let columns = self.right.ncols();
        let mut column = 0;
        while column < columns {
            let vectors = (columns - column).div_ceil(S::F32_LANES);
            let strip = column..;
            column += match vectors {
                4.. if S::REGISTER_COUNT >= 32 => self.strip::<S, 6, 4>(simd, strip),
                2.. => self.strip::<S, 6, 2>(simd, strip),
                _ => self.strip::<S, 12, 1>(simd, strip),
            };
        }
    }
}

impl<L: Left> Product<'_, L> {
    /// Computes the next `V` vectors of columns, in tiles of `M` rows. Returns the number of columns.
    #[inline(always)]
    fn strip<S: Simd, const M: usize, const V: usize>(
        &mut self,
        simd: S,
        columns: RangeFrom<usize>,
    ) -> usize {
        let width = (V * S::F32_LANES).min(self.right.ncols() - columns.start);
        let columns = columns.start..columns.start + width;
        let (inner, rows) = (self.right.nrows(), self.out.nrows());
        let mut out = self.out.slice_mut(s![.., columns.clone()]);
        for start in (0..inner).step_by(DEPTH) {
            let depth = start..inner.min(start + DEPTH);
            let block = self.right.slice(s![depth.clone(), columns.clone()]);
            let mut tile = Tile::<S, L, V> {
                left: self.left,
                depth,
                chains: self.chains,
                panel: self.panel.copy::<S, V>(block),
                out: out.view_mut(),
            };
            let mut row = 0;
            while row < rows {
                row += match rows - row {
                    left if left >= M => tile.add::<M>(simd, row),
                    4.. => tile.add::<4>(simd, row),
                    2.. => tile.add::<2>(simd, row),
                    _ => tile.add::<1>(simd, row),
                };
            }
        }
        width
    }
}

/// What the tiles of a strip have in common.
struct Tile<'a, S: Simd, L, const V: usize> {
    left: L,
    /// The columns of the left matrix.
    depth: Range<usize>,
    chains: Chains,
    /// The rows of the right matrix.
    panel: &'a [[S::f32s; V]],
    out: ArrayViewMut2<'a, f32>,
}

impl<S: Simd, L: Left, const V: usize> Tile<'_, S, L, V> {
    /// Adds the products to `M` rows of the output, or stores them there if they are the first. Returns `M`.
    #[inline(always)]
    fn add<const M: usize>(&mut self, simd: S, row: usize) -> usize {
        let mut sums = [[simd.splat_f32s(0.0); V]; M];
        if self.depth.start > 0 || self.chains == Chains::GoOn {
            for (index, sums) in sums.iter_mut().enumerate() {
                let out = self.out.row(row + index);
                let out = out.to_slice().expect("contiguous rows");
                for (vector, sum) in sums.iter_mut().enumerate() {
                    *sum = load(simd, out, vector);
                }
            }
        }
        self.left.columns(
            row,
            self.depth.clone(),
            #[inline(always)]
            |place, left: [f32; M]| {
                let right = self.panel[place];
                for (sums, left) in sums.iter_mut().zip(left) {
                    let left = simd.splat_f32s(left);
                    for (sum, right) in sums.iter_mut().zip(right) {
                        *sum = simd.mul_add_f32s(left, right, *sum);
                    }
                }
            },
        );
        for (index, sums) in sums.into_iter().enumerate() {
            let mut out = self.out.row_mut(row + index);
            let out = out.as_slice_mut().expect("contiguous rows");
            for (vector, sum) in sums.into_iter().enumerate() {
                store(simd, out, vector, sum);
            }
        }
        M
    }
}

/// Reads one of the vectors of a row, with zeros beyond its end.
#[inline(always)]
fn load<S: Simd>(simd: S, row: &[f32], index: usize) -> S::f32s {
    let (vectors, rest) = S::as_simd_f32s(row);
    match vectors.get(index) {
        Some(vector) => *vector,
        None if index == vectors.len() => simd.partial_load_f32s(rest),
        None => simd.splat_f32s(0.0),
    }
}

/// Writes one of the vectors of a row, as far as it goes.
#[inline(always)]
fn store<S: Simd>(simd: S, row: &mut [f32], index: usize, vector: S::f32s) {
    let (vectors, rest) = S::as_mut_simd_f32s(row);
    let whole = vectors.len();
    match vectors.get_mut(index) {
        Some(place) => *place = vector,
        None if index == whole => simd.partial_store_f32s(rest, vector),
        None => {}
    }
}

thread_local! {
    /// Kept, since to allocate and clear it takes as long as a small product.
    static PANEL: Cell<Panel> = Cell::default();
}

/// Rows of the right matrix in the order in which tiles read them, on the boundaries of cache lines.
struct Panel(AVec<f32>);

impl Default for Panel {
    fn default() -> Self {
        Self(AVec::new(0))
    }
}

impl Panel {
    /// Copies a block, with zeros up to whole rows of `V` vectors.
    #[inline(always)]
    fn copy<S: Simd, const V: usize>(&mut self, block: ArrayView2<f32>) -> &[[S::f32s; V]] {
        let width = V * S::F32_LANES;
        if self.0.len() < block.nrows() * width {
            self.0.resize(block.nrows() * width, 0.0);
        }
        let panel = &mut self.0[..block.nrows() * width];
        if block.ncols() < width {
            panel.fill(0.0);
        }
        if block.strides()[1] == 1 {
            for (row, copy) in block.rows().into_iter().zip(panel.chunks_mut(width)) {
                let row = row.to_slice().expect("a stride of 1");
                copy[..row.len()].copy_from_slice(row);
            }
        } else {
            for (place, column) in block.columns().into_iter().enumerate() {
                let copies = panel[place..].iter_mut().step_by(width);
                match column.to_slice() {
                    Some(column) => copies.zip(column).for_each(|(copy, value)| *copy = *value),
                    None => copies.zip(column).for_each(|(copy, value)| *copy = *value),
                }
            }
        }
        let (vectors, _) = S::as_simd_f32s(panel);
        vectors.as_chunks().0
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    fn matrix(rows: usize, columns: usize) -> Array2<f32> {
        Array2::from_shape_fn([rows, columns], |(row, column)| {
            ((row * 31 + column * 17) % 23) as f32 / 7.0 - 1.5
        })
    }

    /// The definition: one chain of fused operations per entry.
    fn defined(left: &Array2<f32>, right: &Array2<f32>) -> Array2<f32> {
        Array2::from_shape_fn([left.nrows(), right.ncols()], |(row, column)| {
            let terms = left.row(row).into_iter().zip(right.column(column));
            terms.fold(0.0, |sum, (left, right)| left.mul_add(*right, sum))
        })
    }

    #[test]
    fn every_entry_is_one_chain_of_fused_operations() {
        for rows in [1, 2, 5, 12, 13, 31] {
            for inner in [1, 7, 128, 129, 300] {
                for columns in [1, 10, 16, 17, 40, 64, 100, 131] {
                    let (left, right) = (matrix(rows, inner), matrix(inner, columns));
                    let expected = defined(&left, &right);
                    let lefts = [
                        left.clone(),
                        left.t().as_standard_layout().reversed_axes().to_owned(),
                    ];
                    let rights = [
                        right.clone(),
                        right.t().as_standard_layout().reversed_axes().to_owned(),
                    ];
                    for left in &lefts {
                        for right in &rights {
                            let mut out = Array2::from_elem([rows, columns], f32::NAN);
                            product(left.view(), right.view(), out.view_mut());
                            assert_eq!(out, expected, "{rows} x {inner} x {columns}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_chain_can_be_interrupted() {
        let (left, right) = (matrix(9, 200), matrix(200, 21));
        let mut out = Array2::from_elem([9, 21], f32::NAN);
        let (begin, rest) = (s![.., ..77], s![77.., ..]);
        product(left.slice(begin), right.slice(s![..77, ..]), out.view_mut());
        add_product(left.slice(s![.., 77..]), right.slice(rest), out.view_mut());
        assert_eq!(out, defined(&left, &right));
    }

    #[test]
    fn columns_can_be_computed_apart() {
        let (left, right) = (matrix(20, 30), matrix(30, 50));
        let mut out = Array2::zeros([20, 50]);
        let (one, other) = out.view_mut().split_at(ndarray::Axis(1), 20);
        product(left.view(), right.slice(s![.., ..20]), one);
        product(left.view(), right.slice(s![.., 20..]), other);
        assert_eq!(out, defined(&left, &right));
    }

    #[test]
    fn products_over_nothing_are_zero() {
        let mut out = Array2::<f32>::ones([2, 3]);
        product(matrix(2, 0).view(), matrix(0, 3).view(), out.view_mut());
        assert_eq!(out, Array2::<f32>::zeros([2, 3]));
    }
}
