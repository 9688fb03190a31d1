//! The pooled embedding on GPUs.
#![allow(clippy::manual_div_ceil, reason = "kernels have no `div_ceil`")]
#![allow(
    unsafe_code,
    reason = "kernels are launched without checks, inside the bounds they compute"
)]

use burn::backend::Cube;
use burn::tensor::{DType, Int, Shape, Tensor as BurnTensor};
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::ops::numeric::zeros_client;
use cubecl::prelude::*;
use random::{DRAW_BLOCK, DRAW_GROUP};

use super::fused::Fused;
use crate::decisions::{Decisions, DropoutKey};
use crate::gpu::{Draws, Queued, draws, kept, launch_size, new_tensor, philox, queue};

const GROUPS: usize = DRAW_BLOCK / DRAW_GROUP;
/// Units that divide a column of the table's gradient among them.
const SHARES: usize = 32;

impl Fused for Cube {
    type Origins = Queued;

    fn maxima(
        table: Queued,
        tokens: &BurnTensor<2, Int>,
        dropout: Option<Decisions>,
    ) -> Option<(Queued, Queued)> {
        let tokens = tokens.clone().try_into_primitive::<Self>().ok()?;
        let (batch, time) = (tokens.shape[0], tokens.shape[1]);
        let width = table.shape[1];
        let blocks = width.div_ceil(DRAW_BLOCK);
        let decisions = dropout.unwrap_or_else(|| {
            let any = DropoutKey { seed: 0, step: 0 };
            Decisions::new(0.0, 0, any, width)
        });
        let shape = Shape::new([batch, width]);
        let client = table.client.clone();
        let [maxima, origins] = queue(
            "hearth::pooled_embedding",
            &client,
            [table, tokens],
            [(shape.clone(), DType::F32), (shape.clone(), DType::I32)],
            move |device, inputs| {
                let [table, tokens] = inputs.map(into_contiguous);
                let maxima = new_tensor(device, shape.clone(), DType::F32);
                let origins = new_tensor(device, shape.clone(), DType::I32);
                let (count, size) = launch_size(device, batch * blocks * DRAW_GROUP);
                // SAFETY: tokens are rows of the table, so units read and write inside the tensors.
                unsafe {
                    maxima_kernel::launch_unchecked(
                        &device.client(),
                        count,
                        size,
                        table.into_tensor_arg(),
                        tokens.into_tensor_arg(),
                        maxima.clone().into_tensor_arg(),
                        origins.clone().into_tensor_arg(),
                        width,
                        time,
                        draws(&decisions),
                        dropout.is_some(),
                    );
                }
                [maxima, origins]
            },
        );
        Some((maxima, origins))
    }

    fn table_gradient(table: [usize; 2], gradient: Queued, origins: &Queued, scale: f32) -> Queued {
        let [_, width] = table;
        let client = gradient.client.clone();
        let [summed] = queue(
            "hearth::pooled_embedding_gradient",
            &client,
            [gradient, origins.clone()],
            [(Shape::new(table), DType::F32)],
            move |device, inputs| {
                let [gradient, origins] = inputs.map(into_contiguous);
                let shape = Shape::new(table);
                let summed = zeros_client(device.client(), device.clone(), shape, DType::F32);
                let (count, size) = launch_size(device, width * SHARES);
                // SAFETY: origins are rows of the table.
                unsafe {
                    gradient_kernel::launch_unchecked(
                        &device.client(),
                        count,
                        size,
                        gradient.into_tensor_arg(),
                        origins.into_tensor_arg(),
                        summed.clone().into_tensor_arg(),
                        width,
                        scale,
                    );
                }
                [summed]
            },
        );
        summed
    }
}

/// Each unit finds the maxima of one example for the columns of one counter's draws: one in each
/// group of the block.
#[cube(launch_unchecked)]
fn maxima_kernel(
    table: &Tensor<f32>,
    tokens: &Tensor<i32>,
    maxima: &mut Tensor<f32>,
    origins: &mut Tensor<i32>,
    width: usize,
    time: usize,
    draws: Draws,
    #[comptime] dropout: bool,
) {
    let blocks = (width + DRAW_BLOCK - 1) / DRAW_BLOCK;
    let lane = ABSOLUTE_POS % DRAW_GROUP;
    let block = ABSOLUTE_POS / DRAW_GROUP % blocks;
    let example = ABSOLUTE_POS / DRAW_GROUP / blocks;
    let first_column = block * DRAW_BLOCK + lane;
    if example * time >= tokens.len() {
        terminate!();
    }
    let mut largest = Array::<f32>::new(GROUPS);
    let mut found = Array::<i32>::new(GROUPS);
    for position in 0..time {
        let row = example * time + position;
        let token = tokens[row];
        let start = usize::cast_from(token) * width;
        let counter = (row * blocks + block) * DRAW_GROUP + lane;
        let mut words = Array::<u32>::new(4usize);
        if comptime!(dropout) {
            words = philox(&draws, counter as u32);
        }
        #[unroll]
        for group in 0..GROUPS {
            let column = first_column + comptime!(group * DRAW_GROUP);
            if column < width {
                let mut value = table[start + column];
                let mut origin = token;
                if comptime!(dropout) {
                    let is_kept = kept(&draws, &words, group);
                    value = select(is_kept, value * draws.scale, 0.0f32);
                    origin = select(is_kept, token, -1i32 - token);
                }
                if position == 0 || value > largest[group] {
                    largest[group] = value;
                    found[group] = origin;
                }
            }
        }
    }
    #[unroll]
    for group in 0..GROUPS {
        let column = first_column + comptime!(group * DRAW_GROUP);
        if column < width {
            maxima[example * width + column] = largest[group];
            origins[example * width + column] = found[group];
        }
    }
}

/// Each unit walks down one column of the batch and adds to its own share of the table's rows. No
/// two units add to the same entry, and each adds in the same order every time.
#[cube(launch_unchecked)]
fn gradient_kernel(
    gradient: &Tensor<f32>,
    origins: &Tensor<i32>,
    summed: &mut Tensor<f32>,
    width: usize,
    scale: f32,
) {
    let column = ABSOLUTE_POS % width;
    let share = ABSOLUTE_POS / width;
    if share >= SHARES {
        terminate!();
    }
    for example in 0..gradient.len() / width {
        let entry = example * width + column;
        let origin = origins[entry];
        if origin >= 0 {
            let row = usize::cast_from(origin);
            if row % SHARES == share {
                summed[row * width + column] += gradient[entry] * scale;
            }
        }
    }
}
