//! A dense layer as one operation with a backward pass of its own. The threads share its columns: the weights
//! of a column stay in the cache of one core.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::flex::FlexTensor;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Flex};
use burn::nn::Linear;
use burn::tensor::{DType, Tensor, TensorData};
use ndarray::{Array2, ArrayView2, ArrayViewMut1, ArrayViewMut2, Axis, s};

use crate::memory;
use crate::product::product;
use crate::team;
use crate::vector_unit::has_vectors;

type Differentiable = Autodiff<Flex, NoCheckpointing>;

/// What follows the sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Activation {
    None,
    Relu,
}

/// The layer's output; `None` if its tensors are not on flex or not of 32-bit floats, or if this CPU has no
/// fused multiplication and addition.
pub(super) fn linear(
    layer: &Linear,
    input: &Tensor<2>,
    activation: Activation,
) -> Option<Tensor<2>> {
    let weight = layer.weight.val();
    let bias = layer.bias.as_ref().map(|bias| bias.val());
    if [input.dtype(), weight.dtype()] != [DType::F32; 2] || !has_vectors() {
        return None;
    }
    let input = input.clone();
    if let Ok(weight) = weight.clone().try_into_primitive::<Flex>() {
        let input = input.try_into_primitive::<Flex>().ok()?;
        let bias = bias.map(|bias| bias.try_into_primitive::<Flex>());
        let output = forward(&input, &weight, bias.transpose().ok()?.as_ref(), activation);
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
    let output = forward(&input, &weight, has_bias.then_some(&bias), activation);
    let operation = Layer.prepare::<NoCheckpointing>([input_node, weight_node, bias_node]);
    let output = match operation.compute_bound().stateful() {
        OpsKind::UnTracked(operation) => operation.finish(output),
        OpsKind::Tracked(operation) => {
            let state = State {
                input,
                weight,
                rectified: (activation == Activation::Relu).then(|| output.clone()),
            };
            operation.finish(state, output)
        }
    };
    Some(Tensor::from_primitive::<Differentiable>(output))
}

fn forward(
    input: &FlexTensor,
    weight: &FlexTensor,
    bias: Option<&FlexTensor>,
    activation: Activation,
) -> FlexTensor {
    let (input, weight) = (input.to_contiguous(), weight.to_contiguous());
    let bias = bias.map(FlexTensor::to_contiguous);
    let (input, weight) = (matrix(&input), matrix(&weight));
    let bias = bias
        .as_ref()
        .map(|bias| &bias.storage::<f32>()[bias.layout().start_offset()..]);
    let mut output = unset([input.nrows(), weight.ncols()]);
    let width = share(weight.ncols(), input.len());
    let parts = output.axis_chunks_iter_mut(Axis(1), width).enumerate();
    team::for_each(parts.collect(), |(number, mut part)| {
        let columns = number * width..number * width + part.ncols();
        product(
            input,
            weight.slice(s![.., columns.clone()]),
            part.view_mut(),
        );
        let bias = bias.map(|bias| &bias[columns]);
        pulp::Arch::new().dispatch(
            #[inline(always)]
            || finish(part, bias, activation),
        );
    });
    from_matrix(output)
}

/// Adds the biases to the sums and applies the activation.
#[inline(always)]
fn finish(mut sums: ArrayViewMut2<f32>, bias: Option<&[f32]>, activation: Activation) {
    for mut row in sums.rows_mut() {
        let row = row.as_slice_mut().expect(CONTIGUOUS);
        if let Some(bias) = bias {
            for (sum, bias) in row.iter_mut().zip(bias) {
                *sum += bias;
            }
        }
        if activation == Activation::Relu {
            for sum in row {
                // What is not a number stays so.
                *sum = if *sum <= 0.0 { 0.0 } else { *sum };
            }
        }
    }
}

#[derive(Debug)]
struct Layer;

#[derive(Clone, Debug)]
struct State {
    input: FlexTensor,
    weight: FlexTensor,
    /// The output of a rectified layer. Gradients pass where it is positive.
    rectified: Option<FlexTensor>,
}

impl Backward<Flex, 3> for Layer {
    type State = State;

    fn backward(self, ops: Ops<State, 3>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = gradients.consume::<Flex>(&ops.node).to_contiguous();
        let gradient = matrix(&gradient);
        let State {
            input,
            weight,
            rectified,
        } = ops.state;
        let (input, weight) = (input.to_contiguous(), weight.to_contiguous());
        let (input, weight) = (matrix(&input), matrix(&weight));
        let rectified = rectified.as_ref().map(matrix);
        let [input_node, weight_node, bias_node] = ops.parents;

        let mut of_sums = unset([gradient.nrows(), gradient.ncols()]);
        let mut of_weight = unset([weight.nrows(), weight.ncols()]);
        let mut of_bias = unset([1, weight.ncols()]).remove_axis(Axis(0));
        let width = share(weight.ncols(), input.len());
        let parts = of_sums.axis_chunks_iter_mut(Axis(1), width);
        let parts = parts.zip(of_weight.axis_chunks_iter_mut(Axis(1), width));
        let parts = parts.zip(of_bias.axis_chunks_iter_mut(Axis(0), width));
        team::for_each(
            parts.enumerate().collect(),
            |(number, ((mut of_sums, of_weight), of_bias))| {
                let columns = s![.., number * width..number * width + of_sums.ncols()];
                let gradient = gradient.slice(columns);
                let rectified = rectified.map(|rectified| rectified.slice_move(columns));
                pulp::Arch::new().dispatch(
                    #[inline(always)]
                    || start(gradient, rectified, of_sums.view_mut(), of_bias),
                );
                product(input.t(), of_sums.view(), of_weight);
            },
        );
        if let Some(node) = input_node {
            let mut of_input = unset([input.nrows(), input.ncols()]);
            let width = share(input.ncols(), of_sums.len());
            let parts = of_input.axis_chunks_iter_mut(Axis(1), width).enumerate();
            team::for_each(parts.collect(), |(number, part)| {
                let inputs = number * width..number * width + part.ncols();
                let weight = weight.slice(s![inputs, ..]).reversed_axes();
                product(of_sums.view(), weight, part);
            });
            gradients.register::<Flex>(node.id, from_matrix(of_input));
        }
        if let Some(node) = weight_node {
            gradients.register::<Flex>(node.id, from_matrix(of_weight));
        }
        if let Some(node) = bias_node {
            let shape = [of_bias.len()];
            gradients.register::<Flex>(node.id, tensor(of_bias.into_raw_vec_and_offset().0, shape));
        }
    }
}

/// The gradients of the sums and of the biases.
#[inline(always)]
fn start(
    gradient: ArrayView2<f32>,
    rectified: Option<ArrayView2<f32>>,
    mut of_sums: ArrayViewMut2<f32>,
    mut of_bias: ArrayViewMut1<f32>,
) {
    let of_bias = of_bias.as_slice_mut().expect(CONTIGUOUS);
    of_bias.fill(0.0);
    for (number, mut of_sums) in of_sums.rows_mut().into_iter().enumerate() {
        let of_sums = of_sums.as_slice_mut().expect(CONTIGUOUS);
        let gradient = gradient.row(number);
        of_sums.copy_from_slice(gradient.as_slice().expect(CONTIGUOUS));
        if let Some(rectified) = &rectified {
            let rectified = rectified.row(number);
            let rectified = rectified.as_slice().expect(CONTIGUOUS);
            for (gradient, &output) in of_sums.iter_mut().zip(rectified) {
                *gradient = if output > 0.0 { *gradient } else { 0.0 };
            }
        }
        for (sum, gradient) in of_bias.iter_mut().zip(of_sums) {
            *sum += *gradient;
        }
    }
}

const CONTIGUOUS: &str = "rows are contiguous";

/// The number of columns in each thread's share, of so many columns that take `work` multiplications each.
fn share(columns: usize, work: usize) -> usize {
    /// Columns in a cache line: no line is written by two threads.
    const LINE: usize = 16;
    /// Multiplications that are worth a further thread: it takes a microsecond to begin and to end with it.
    const WORTH_SHARING: usize = 1 << 18;
    let shares = (columns * work / WORTH_SHARING).clamp(1, team::threads());
    columns.div_ceil(LINE).div_ceil(shares) * LINE
}

/// A matrix of which each entry is still to be set.
fn unset(shape: [usize; 2]) -> Array2<f32> {
    let values = memory::unset(shape[0] * shape[1]);
    Array2::from_shape_vec(shape, values).expect("as many values as the shape says")
}

/// The tensor as a matrix. It is contiguous.
fn matrix(tensor: &FlexTensor) -> ArrayView2<'_, f32> {
    let shape = tensor.layout().shape();
    let values = &tensor.storage()[tensor.layout().start_offset()..][..shape.num_elements()];
    ArrayView2::from_shape([shape[0], shape[1]], values).expect("as many values as the shape says")
}

fn from_matrix(matrix: Array2<f32>) -> FlexTensor {
    let shape = [matrix.nrows(), matrix.ncols()];
    tensor(matrix.into_raw_vec_and_offset().0, shape)
}

fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D]) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(values, shape))
}
