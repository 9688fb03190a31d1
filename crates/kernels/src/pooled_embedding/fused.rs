//! The pooled embedding as one operation with a backward pass of its own.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind, unary};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, DispatchKindConversion};
use burn::tensor::{BackendPrimitive, DType, DispatchTensor, Float, Int, Tensor};

use crate::decisions::Decisions;

/// A backend that has the pooled embedding as one operation.
pub(super) trait Fused: Backend {
    /// For each maximum, the row of the table that it comes from. If that element was dropped, the
    /// row's bitwise complement, which is negative.
    type Origins: Clone + std::fmt::Debug + Send + Sync + 'static;

    /// The maxima, `[batch, width]`, and where they come from; `None` if the tokens are not on this
    /// backend.
    fn maxima(
        table: FloatTensor<Self>,
        tokens: &Tensor<2, Int>,
        dropout: Option<Decisions>,
    ) -> Option<(FloatTensor<Self>, Self::Origins)>;

    /// The gradient of a table of shape `table`: adds each entry of `gradient`, `[batch, width]`,
    /// times the scale, where its maximum came from, always in the order of the batch.
    fn table_gradient(
        table: [usize; 2],
        gradient: FloatTensor<Self>,
        origins: &Self::Origins,
        scale: f32,
    ) -> FloatTensor<Self>;
}

type Differentiable<B> = Autodiff<B, NoCheckpointing>;

/// The pooled embedding; `None` if the table is not on the backend or not of 32-bit floats.
pub(super) fn pooled_embedding<B: Fused>(
    table: &Tensor<2>,
    tokens: &Tensor<2, Int>,
    dropout: Option<Decisions>,
) -> Option<Tensor<2>>
where
    Float: BackendPrimitive<B, Primitive = FloatTensor<B>>
        + BackendPrimitive<Differentiable<B>, Primitive = FloatTensor<Differentiable<B>>>,
    DispatchTensor: DispatchKindConversion<B> + DispatchKindConversion<Differentiable<B>>,
{
    if table.dtype() != DType::F32 {
        return None;
    }
    let shape = table.dims();
    if let Ok(table) = table.clone().try_into_primitive::<B>() {
        let (maxima, _) = B::maxima(table, tokens, dropout)?;
        return Some(Tensor::from_primitive::<B>(maxima));
    }
    let table = table
        .clone()
        .try_into_primitive::<Differentiable<B>>()
        .ok()?;
    let (table, node) = table.into_parts();
    let (maxima, origins) = B::maxima(table, tokens, dropout)?;
    let operation = PooledEmbedding.prepare::<NoCheckpointing>([node]);
    let maxima = match operation.compute_bound().stateful() {
        OpsKind::UnTracked(operation) => operation.finish(maxima),
        OpsKind::Tracked(operation) => {
            let state = State {
                table: shape,
                origins,
                scale: dropout.map_or(1.0, |decisions| decisions.scale()),
            };
            operation.finish(state, maxima)
        }
    };
    Some(Tensor::from_primitive::<Differentiable<B>>(maxima))
}

#[derive(Debug)]
struct PooledEmbedding;

#[derive(Clone, Debug)]
struct State<O> {
    /// The table's shape.
    table: [usize; 2],
    origins: O,
    /// The factor of kept elements.
    scale: f32,
}

impl<B: Fused> Backward<B, 1> for PooledEmbedding {
    type State = State<B::Origins>;

    fn backward(self, ops: Ops<Self::State, 1>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let State {
            table,
            origins,
            scale,
        } = ops.state;
        unary::<B, _>(ops.parents, ops.node, gradients, |gradient| {
            B::table_gradient(table, gradient, &origins, scale)
        });
    }
}
