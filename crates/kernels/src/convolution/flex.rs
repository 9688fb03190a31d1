//! A convolution as one operation. The threads share the images.

use burn::backend::flex::FlexTensor;
use burn::nn::conv::{Conv1d, Conv2d};
use burn::nn::{PaddingConfig1d, PaddingConfig2d};
use burn::tensor::Tensor;
use ndarray::{Array2, ArrayView2, ArrayViewMut2, Axis};

use super::patches::{gather, scatter};
use crate::channels_last::{from_images, images};
use crate::memory::unset;
use crate::product::{add_product, product};
use crate::team;
use crate::weighted::{
    Activation, Finish, Found, Start, Wanted, Weighted, apply, matrix, tensor, values,
};
use crate::windows::Windows;

/// Images whose gradients of the weights are summed one after another. The groups' sums are added in their
/// order, so the number of threads does not change the result.
const GROUP: usize = 8;

/// The layer's output; `None` if it has dilation or groups, and where [`apply`] has none.
pub(super) fn over_images(
    layer: &Conv2d,
    input: &Tensor<4>,
    activation: Activation,
) -> Option<Tensor<4>> {
    if layer.dilation != [1, 1] || layer.groups != 1 {
        return None;
    }
    let [_, channels, rows, columns] = input.dims();
    let image = [rows, columns];
    let windows = Windows::new(image, layer.kernel_size, layer.stride, &layer.padding);
    let bias = layer.bias.as_ref().map(|bias| bias.val());
    let convolution = Convolution { windows, channels };
    apply(convolution, input, layer.weight.val(), bias, activation)
}

/// The same over time, `[batch, time, features]`: images of one row.
pub(super) fn over_time(
    layer: &Conv1d,
    input: &Tensor<3>,
    activation: Activation,
) -> Option<Tensor<3>> {
    if layer.dilation != 1 || layer.groups != 1 {
        return None;
    }
    let [_, time, channels] = input.dims();
    let padding = match layer.padding {
        PaddingConfig1d::Valid => PaddingConfig2d::Valid,
        PaddingConfig1d::Same => PaddingConfig2d::Same,
        PaddingConfig1d::Explicit(before, after) => PaddingConfig2d::Explicit(0, before, 0, after),
    };
    let size = [1, layer.kernel_size];
    let windows = Windows::new([1, time], size, [1, layer.stride], &padding);
    let convolution = Convolution { windows, channels };
    let input = input.clone().unsqueeze_dim::<4>(1).permute([0, 3, 1, 2]);
    let weight = layer.weight.val().unsqueeze_dim::<4>(2);
    let bias = layer.bias.as_ref().map(|bias| bias.val());
    let output = apply(convolution, &input, weight, bias, activation)?;
    Some(output.permute([0, 2, 3, 1]).squeeze_dim::<3>(1))
}

#[derive(Clone, Debug)]
struct Convolution {
    windows: Windows,
    /// Of the input.
    channels: usize,
}

impl Convolution {
    /// Numbers in an image.
    fn image(&self) -> usize {
        self.windows.image.iter().product::<usize>() * self.channels
    }

    /// Inputs of a window.
    fn inputs(&self) -> usize {
        self.windows.area() * self.channels
    }

    /// The weights as a matrix, `[inputs of a window, filters]`.
    fn weights(&self, weight: &FlexTensor) -> Array2<f32> {
        let filters = weight.layout().shape()[0];
        let weight = weight.permute(&[2, 3, 1, 0]).to_contiguous();
        matrix(&weight, filters).to_owned()
    }
}

impl Weighted for Convolution {
    fn forward(
        &self,
        input: &FlexTensor,
        weight: &FlexTensor,
        bias: Option<&FlexTensor>,
        activation: Activation,
    ) -> FlexTensor {
        let weights = self.weights(weight);
        let bias = bias.map(FlexTensor::to_contiguous);
        let bias = bias.as_ref().map(values);
        let input = images(input);
        let input = matrix(&input, self.image());
        let (windows, filters) = (self.windows.total(), weights.ncols());
        let mut output = unset([input.nrows() * windows, filters]);
        let parts = input.axis_chunks_iter(Axis(0), GROUP);
        let parts = parts.zip(output.axis_chunks_iter_mut(Axis(0), (GROUP * windows).max(1)));
        team::for_each(parts.collect(), |(input, mut output)| {
            let mut patches = unset([windows, self.inputs()]);
            let outputs = output.axis_chunks_iter_mut(Axis(0), windows.max(1));
            for (image, mut output) in input.rows().into_iter().zip(outputs) {
                self.gather(image.to_slice(), &mut patches);
                product(patches.view(), weights.view(), output.view_mut());
                pulp::Arch::new().dispatch(Finish {
                    sums: output,
                    bias,
                    activation,
                });
            }
        });
        let [rows, columns] = self.windows.count;
        from_images(output, [input.nrows(), rows, columns, filters])
    }

    fn backward(
        &self,
        input: &FlexTensor,
        weight: &FlexTensor,
        gradient: &FlexTensor,
        rectified: Option<&FlexTensor>,
        wanted: Wanted,
    ) -> Found {
        let weights = self.weights(weight);
        let transposed = weights.t().as_standard_layout().to_owned();
        let input = images(input);
        let input = matrix(&input, self.image());
        let (batch, windows, filters) = (input.nrows(), self.windows.total(), weights.ncols());
        let gradient = images(gradient);
        let gradient = matrix(&gradient, filters);
        let rectified = rectified.map(images);
        let rectified = rectified
            .as_ref()
            .map(|rectified| matrix(rectified, filters));

        let groups = batch.div_ceil(GROUP);
        let mut of_weights: Vec<Array2<f32>> = (0..groups)
            .map(|_| Array2::zeros(weights.raw_dim()))
            .collect();
        let mut of_biases = vec![vec![0.0; filters]; groups];
        let mut of_input = match wanted {
            Wanted::All => Some(unset([batch, self.image()])),
            Wanted::OfWeights => None,
        };
        let mut of_inputs: Vec<Option<ArrayViewMut2<f32>>> = match &mut of_input {
            Some(of_input) => of_input
                .axis_chunks_iter_mut(Axis(0), GROUP)
                .map(Some)
                .collect(),
            None => (0..groups).map(|_| None).collect(),
        };
        let parts = of_weights
            .iter_mut()
            .zip(&mut of_biases)
            .zip(&mut of_inputs);
        team::for_each(
            parts.enumerate().collect(),
            |(group, ((of_weights, of_bias), of_input))| {
                let mut patches = unset([windows, self.inputs()]);
                let mut of_sums = unset([windows, filters]);
                for number in group * GROUP..batch.min((group + 1) * GROUP) {
                    let rows = number * windows..(number + 1) * windows;
                    let gradient = rows_of(gradient, rows.clone());
                    let rectified = rectified.map(|rectified| rows_of(rectified, rows));
                    pulp::Arch::new().dispatch(Start {
                        gradient,
                        rectified,
                        of_sums: of_sums.view_mut(),
                        of_bias,
                    });
                    self.gather(input.row(number).to_slice(), &mut patches);
                    add_product(patches.t(), of_sums.view(), of_weights.view_mut());
                    if let Some(of_input) = of_input {
                        product(of_sums.view(), transposed.view(), patches.view_mut());
                        let mut image = of_input.row_mut(number - group * GROUP);
                        let image = image.as_slice_mut().expect("rows are contiguous");
                        image.fill(0.0);
                        let patches = patches.as_slice().expect("the standard layout");
                        scatter(&self.windows, self.channels, patches, image);
                    }
                }
            },
        );

        let mut of_weight = Array2::zeros(weights.raw_dim());
        for of_group in &of_weights {
            of_weight += of_group;
        }
        let mut of_bias = vec![0.0; filters];
        for of_group in &of_biases {
            for (sum, gradient) in of_bias.iter_mut().zip(of_group) {
                *sum += gradient;
            }
        }
        let ([rows, columns], [height, width]) = (self.windows.size, self.windows.image);
        let (of_weight, _) = of_weight.into_raw_vec_and_offset();
        let of_weight = tensor(of_weight, [rows, columns, self.channels, filters]);
        Found {
            input: of_input
                .map(|of_input| from_images(of_input, [batch, height, width, self.channels])),
            weight: of_weight.permute(&[3, 2, 0, 1]),
            bias: tensor(of_bias, [filters]),
        }
    }
}

impl Convolution {
    fn gather(&self, image: Option<&[f32]>, patches: &mut Array2<f32>) {
        let image = image.expect("rows are contiguous");
        let patches = patches.as_slice_mut().expect("the standard layout");
        gather(&self.windows, self.channels, image, patches);
    }
}

fn rows_of(matrix: ArrayView2<'_, f32>, rows: std::ops::Range<usize>) -> ArrayView2<'_, f32> {
    matrix.slice_move(ndarray::s![rows, ..])
}
