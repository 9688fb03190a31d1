//! Layers of weights and biases as one operation on flex, with a backward pass of its own.

use std::fmt::Debug;
use std::marker::PhantomData;

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::flex::FlexTensor;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Flex};
use burn::tensor::{DType, Tensor, TensorData};
use ndarray::{ArrayView2, ArrayViewMut2};
use pulp::{Simd, WithSimd};

use crate::vector_unit::has_vectors;

type Differentiable = Autodiff<Flex, NoCheckpointing>;

/// What follows the sums of products.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Activation {
    None,
    Relu,
}

/// A layer that sums products of inputs and weights.
pub(crate) trait Weighted: Clone + Debug + Send + 'static {
    /// The activations.
    fn forward(
        &self,
        input: &FlexTensor,
        weight: &FlexTensor,
        bias: Option<&FlexTensor>,
        activation: Activation,
    ) -> FlexTensor;

    /// The gradients, given those of the activations. Where `rectified`, the activations, are given, only the
    /// gradients of positive ones pass.
    fn backward(
        &self,
        input: &FlexTensor,
        weight: &FlexTensor,
        gradient: &FlexTensor,
        rectified: Option<&FlexTensor>,
        wanted: Wanted,
    ) -> Found;
}

/// Whether the gradient of the input is wanted: not that of the network's input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    All,
    OfWeights,
}

/// The gradients of a layer.
pub(crate) struct Found {
    pub input: Option<FlexTensor>,
    pub weight: FlexTensor,
    pub bias: FlexTensor,
}

/// The layer's output; `None` if its tensors are not on flex or not of 32-bit floats, or if this CPU has no
/// fused multiplication and addition.
pub(crate) fn apply<L: Weighted, const D: usize>(
    layer: L,
    input: &Tensor<D>,
    weight: Tensor<D>,
    bias: Option<Tensor<1>>,
    activation: Activation,
) -> Option<Tensor<D>> {
    if [input.dtype(), weight.dtype()] != [DType::F32; 2] || !has_vectors() {
        return None;
    }
    let input = input.clone();
    if let Ok(weight) = weight.clone().try_into_primitive::<Flex>() {
        let input = input.try_into_primitive::<Flex>().ok()?;
        let bias = bias.map(|bias| bias.try_into_primitive::<Flex>());
        let bias = bias.transpose().ok()?;
        let output = layer.forward(&input, &weight, bias.as_ref(), activation);
        return Some(Tensor::from_primitive::<Flex>(output));
    }
    let weight = weight.try_into_primitive::<Differentiable>().ok()?;
    let input = match input.clone().try_into_primitive::<Flex>() {
        // The network's inputs need no gradient.
        Ok(input) => FloatTensor::<Differentiable>::new(input),
        Err(_) => input.try_into_primitive::<Differentiable>().ok()?,
    };
    let has_bias = bias.is_some();
    let bias = match bias {
        // Takes the place of a parent.
        None => FloatTensor::<Differentiable>::new(tensor(vec![0.0], [1])),
        Some(bias) => bias.try_into_primitive::<Differentiable>().ok()?,
    };
    let (input, input_node) = input.into_parts();
    let (weight, weight_node) = weight.into_parts();
    let (bias, bias_node) = bias.into_parts();
    let output = layer.forward(&input, &weight, has_bias.then_some(&bias), activation);
    let operation = Operation(PhantomData);
    let operation = operation.prepare::<NoCheckpointing>([input_node, weight_node, bias_node]);
    let output = match operation.compute_bound().stateful() {
        OpsKind::UnTracked(operation) => operation.finish(output),
        OpsKind::Tracked(operation) => {
            let state = State {
                layer,
                input,
                weight,
                rectified: (activation == Activation::Relu).then(|| output.clone()),
            };
            operation.finish(state, output)
        }
    };
    Some(Tensor::from_primitive::<Differentiable>(output))
}

#[derive(Debug)]
struct Operation<L>(PhantomData<L>);

#[derive(Clone, Debug)]
struct State<L> {
    layer: L,
    input: FlexTensor,
    weight: FlexTensor,
    rectified: Option<FlexTensor>,
}

impl<L: Weighted> Backward<Flex, 3> for Operation<L> {
    type State = State<L>;

    fn backward(self, ops: Ops<State<L>, 3>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = gradients.consume::<Flex>(&ops.node);
        let [input, weight, bias] = ops.parents;
        let state = ops.state;
        let wanted = match &input {
            Some(_) => Wanted::All,
            None => Wanted::OfWeights,
        };
        let found = state.layer.backward(
            &state.input,
            &state.weight,
            &gradient,
            state.rectified.as_ref(),
            wanted,
        );
        if let (Some(node), Some(gradient)) = (input, found.input) {
            gradients.register::<Flex>(node.id, gradient);
        }
        if let Some(node) = weight {
            gradients.register::<Flex>(node.id, found.weight);
        }
        if let Some(node) = bias {
            gradients.register::<Flex>(node.id, found.bias);
        }
    }
}

/// Adds the biases to sums, `[examples, units]`, and applies the activation.
pub(crate) struct Finish<'a> {
    pub sums: ArrayViewMut2<'a, f32>,
    pub bias: Option<&'a [f32]>,
    pub activation: Activation,
}

impl WithSimd for Finish<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, _: S) {
        for mut row in self.sums.rows_mut() {
            let row = row.as_slice_mut().expect(CONTIGUOUS);
            if let Some(bias) = self.bias {
                for (sum, bias) in row.iter_mut().zip(bias) {
                    *sum += bias;
                }
            }
            if self.activation == Activation::Relu {
                for sum in row {
                    // What is not a number stays so.
                    *sum = if *sum <= 0.0 { 0.0 } else { *sum };
                }
            }
        }
    }
}

/// Sets the gradients of sums, `[examples, units]`, and adds them to those of the biases.
pub(crate) struct Start<'a> {
    pub gradient: ArrayView2<'a, f32>,
    pub rectified: Option<ArrayView2<'a, f32>>,
    pub of_sums: ArrayViewMut2<'a, f32>,
    pub of_bias: &'a mut [f32],
}

impl WithSimd for Start<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, _: S) {
        for (number, mut of_sums) in self.of_sums.rows_mut().into_iter().enumerate() {
            let of_sums = of_sums.as_slice_mut().expect(CONTIGUOUS);
            let gradient = self.gradient.row(number);
            of_sums.copy_from_slice(gradient.as_slice().expect(CONTIGUOUS));
            if let Some(rectified) = &self.rectified {
                let rectified = rectified.row(number);
                let rectified = rectified.as_slice().expect(CONTIGUOUS);
                for (gradient, &output) in of_sums.iter_mut().zip(rectified) {
                    *gradient = if output > 0.0 { *gradient } else { 0.0 };
                }
            }
            for (sum, gradient) in self.of_bias.iter_mut().zip(of_sums) {
                *sum += *gradient;
            }
        }
    }
}

const CONTIGUOUS: &str = "rows are contiguous";

/// The values of a tensor that is contiguous.
pub(crate) fn values(tensor: &FlexTensor) -> &[f32] {
    let count = tensor.layout().shape().num_elements();
    &tensor.storage()[tensor.layout().start_offset()..][..count]
}

/// A contiguous tensor as a matrix of so many columns.
pub(crate) fn matrix(tensor: &FlexTensor, columns: usize) -> ArrayView2<'_, f32> {
    let values = values(tensor);
    let rows = values.len() / columns.max(1);
    ArrayView2::from_shape([rows, columns], values).expect("whole rows")
}

pub(crate) fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D]) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(values, shape))
}
