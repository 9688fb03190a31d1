//! Dropout masks made by a GPU.
#![allow(clippy::manual_div_ceil, reason = "kernels have no `div_ceil`")]
#![allow(
    unsafe_code,
    reason = "kernels are launched without checks, inside the bounds they compute"
)]

use burn::backend::Cube;
use burn::tensor::{DType, Shape, Tensor as BurnTensor};
use cubecl::prelude::*;
use random::{DRAW_BLOCK, DRAW_GROUP};

use crate::decisions::Decisions;
use crate::gpu::{Draws, draws, kept, launch_size, new_tensor, philox, queue};

/// The factors of a matrix with that many columns, laid out as `shape`, on the device of `like`;
/// `None` if that is not a GPU.
pub(super) fn factors<const D: usize>(
    like: BurnTensor<D>,
    shape: Shape,
    columns: usize,
    decisions: Decisions,
) -> Option<BurnTensor<D>> {
    let client = &like.inner().try_into_primitive::<Cube>().ok()?.client;
    let [factors] = queue(
        "hearth::dropout_factors",
        client,
        [],
        [(shape.clone(), DType::F32)],
        move |device, []| {
            let factors = new_tensor(device, shape.clone(), DType::F32);
            let blocks = shape.num_elements() / columns * columns.div_ceil(DRAW_BLOCK);
            let (count, size) = launch_size(device, blocks * DRAW_GROUP);
            // SAFETY: units write inside the tensor.
            unsafe {
                factors_kernel::launch_unchecked(
                    &device.client(),
                    count,
                    size,
                    factors.clone().into_tensor_arg(),
                    columns,
                    draws(&decisions),
                );
            }
            [factors]
        },
    );
    Some(BurnTensor::from_primitive::<Cube>(factors))
}

/// Each unit writes the factors of one counter's draws: one in each group of the block.
#[cube(launch_unchecked)]
fn factors_kernel(factors: &mut Tensor<f32>, columns: usize, draws: Draws) {
    let blocks = (columns + DRAW_BLOCK - 1) / DRAW_BLOCK;
    let lane = ABSOLUTE_POS % DRAW_GROUP;
    let block = ABSOLUTE_POS / DRAW_GROUP % blocks;
    let row = ABSOLUTE_POS / DRAW_GROUP / blocks;
    if row * columns >= factors.len() {
        terminate!();
    }
    let words = philox(&draws, ABSOLUTE_POS as u32);
    #[unroll]
    for group in 0..comptime!(DRAW_BLOCK / DRAW_GROUP) {
        let column = block * DRAW_BLOCK + comptime!(group * DRAW_GROUP) + lane;
        if column < columns {
            let is_kept = kept(&draws, &words, group);
            factors[row * columns + column] = select(is_kept, draws.scale, 0.0f32);
        }
    }
}
