//! The pooled embedding as one operation on flex, with a backward pass of its own.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind, unary};
use burn::backend::flex::FlexTensor;
use burn::backend::{Autodiff, Flex};
use burn::tensor::{DType, Int, Tensor, TensorData};
use rayon::prelude::*;

use super::search::{Maxima, search};
use crate::dropout::Decisions;

type Differentiable = Autodiff<Flex, NoCheckpointing>;

/// The pooled embedding; nothing where the table is not on flex or not of 32-bit floats.
pub(super) fn pooled_embedding(
    table: &Tensor<2>,
    tokens: &Tensor<2, Int>,
    dropout: Option<Decisions>,
) -> Option<Tensor<2>> {
    if table.dtype() != DType::F32 {
        return None;
    }
    let [rows, width] = table.dims();
    if let Ok(table) = table.clone().try_into_primitive::<Flex>() {
        let (pooled, _) = forward(table, tokens, width, dropout.as_ref());
        return Some(Tensor::from_primitive::<Flex>(pooled));
    }
    let table = table.clone().try_into_primitive::<Differentiable>().ok()?;
    let (table, node) = table.into_parts();
    let (pooled, origins) = forward(table, tokens, width, dropout.as_ref());
    let operation = PooledEmbedding.prepare::<NoCheckpointing>([node]);
    let pooled = match operation.compute_bound().stateful() {
        OpsKind::UnTracked(operation) => operation.finish(pooled),
        OpsKind::Tracked(operation) => {
            let state = State {
                table: [rows, width],
                origins,
                scale: dropout.map_or(1.0, |decisions| decisions.scale()),
            };
            operation.finish(state, pooled)
        }
    };
    Some(Tensor::from_primitive::<Differentiable>(pooled))
}

/// The maxima, `[batch, width]`, and the rows they come from.
fn forward(
    table: FlexTensor,
    tokens: &Tensor<2, Int>,
    width: usize,
    dropout: Option<&Decisions>,
) -> (FlexTensor, Vec<i32>) {
    let [batch, time] = tokens.dims();
    let table = table.to_contiguous();
    let start = table.layout().start_offset();
    let tokens = tokens.clone().into_data().convert::<i32>();
    let tokens = tokens.as_slice().expect("converted to 32-bit integers");
    let Maxima { values, origins } =
        search(&table.storage()[start..], width, tokens, time, dropout);
    let pooled = FlexTensor::from_data(TensorData::new(values, [batch, width]));
    (pooled, origins)
}

#[derive(Debug)]
struct PooledEmbedding;

#[derive(Clone, Debug)]
struct State {
    /// The table's shape.
    table: [usize; 2],
    /// As in [`Maxima`].
    origins: Vec<i32>,
    /// What kept elements were multiplied by.
    scale: f32,
}

impl Backward<Flex, 1> for PooledEmbedding {
    type State = State;

    fn backward(self, ops: Ops<State, 1>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let state = ops.state;
        unary::<Flex, _>(ops.parents, ops.node, gradients, |gradient| {
            state.table_gradient(&gradient.to_contiguous())
        });
    }
}

impl State {
    /// Adds each entry's gradient where its maximum came from, always in the order of the batch:
    /// each task does so for some rows of the table.
    fn table_gradient(&self, gradient: &FlexTensor) -> FlexTensor {
        let [rows, width] = self.table;
        let start = gradient.layout().start_offset();
        let gradient = &gradient.storage::<f32>()[start..];
        let mut summed = vec![0.0; rows * width];
        let rows_per_task = rows.div_ceil(rayon::current_num_threads());
        summed
            .par_chunks_mut(rows_per_task * width)
            .enumerate()
            .for_each(|(task, summed)| {
                let first = task * rows_per_task * width;
                let origins = self.origins.chunks(width).zip(gradient.chunks(width));
                for (origins, gradient) in origins {
                    for (column, (&origin, gradient)) in origins.iter().zip(gradient).enumerate() {
                        // A dropped one's is below zero, and far beyond the table.
                        let place = (origin as usize).wrapping_mul(width).wrapping_add(column);
                        if let Some(sum) = summed.get_mut(place.wrapping_sub(first)) {
                            *sum += gradient * self.scale;
                        }
                    }
                }
            });
        FlexTensor::from_data(TensorData::new(summed, self.table))
    }
}
