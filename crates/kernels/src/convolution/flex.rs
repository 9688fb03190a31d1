//! A convolution as one operation. The threads share the images.

use std::ops::Range;

use burn::backend::flex::FlexTensor;
use burn::nn::conv::{Conv1d, Conv2d};
use burn::nn::{PaddingConfig1d, PaddingConfig2d};
use burn::tensor::Tensor;
use ndarray::{Array2, ArrayView2, ArrayViewMut2, Axis, s};

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

/// Some rows of the windows on an image, few enough for the numbers under them to stay in a cache.
struct Strip {
    rows: Range<usize>,
    /// Their windows, counted from the image's first.
    windows: Range<usize>,
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

    /// Rows of windows in a strip.
    fn strip(&self) -> usize {
        /// Numbers under the windows of a strip: 128 KB.
        const NUMBERS: usize = 1 << 15;
        /// Windows for which it pays to arrange the weights for a matrix product.
        const WINDOWS: usize = 64;
        let [rows, columns] = self.windows.count.map(|count| count.max(1));
        let fitting = NUMBERS / (columns * self.inputs()).max(1);
        fitting.max(WINDOWS.div_ceil(columns)).min(rows)
    }

    fn strips(&self) -> impl Iterator<Item = Strip> {
        let [rows, columns] = self.windows.count;
        (0..rows).step_by(self.strip()).map(move |first| {
            let rows = first..rows.min(first + self.strip());
            let windows = rows.start * columns..rows.end * columns;
            Strip { rows, windows }
        })
    }

    /// Space for what is under the windows of a strip.
    fn patches(&self) -> Array2<f32> {
        unset([self.strip() * self.windows.count[1], self.inputs()])
    }

    /// What is under the windows of a strip on an image.
    fn gather<'a>(
        &self,
        strip: &Strip,
        image: &[f32],
        patches: &'a mut Array2<f32>,
    ) -> ArrayViewMut2<'a, f32> {
        let mut patches = patches.slice_mut(s![..strip.windows.len(), ..]);
        let values = patches.as_slice_mut().expect(CONTIGUOUS);
        gather(
            &self.windows,
            strip.rows.clone(),
            self.channels,
            image,
            values,
        );
        patches
    }

    /// Adds the gradients of an image's weights to those of its group. Sets those of the image, if wanted.
    fn pass_back(
        &self,
        pass: &Pass,
        number: usize,
        of_group: &mut OfGroup,
        mut of_image: Option<&mut [f32]>,
    ) {
        let image = &pass.input[number * self.image()..][..self.image()];
        if let Some(of_image) = &mut of_image {
            of_image.fill(0.0);
        }
        let mut patches = self.patches();
        let mut of_sums = unset([patches.nrows(), pass.transposed.nrows()]);
        for strip in self.strips() {
            let first = number * self.windows.total();
            let rows = s![first + strip.windows.start..first + strip.windows.end, ..];
            let mut of_sums = of_sums.slice_mut(s![..strip.windows.len(), ..]);
            pulp::Arch::new().dispatch(Start {
                gradient: pass.gradient.slice(rows),
                rectified: pass.rectified.map(|rectified| rectified.slice_move(rows)),
                of_sums: of_sums.view_mut(),
                of_bias: &mut of_group.bias,
            });
            let mut patches = self.gather(&strip, image, &mut patches);
            add_product(patches.t(), of_sums.view(), of_group.weights.view_mut());
            if let Some(of_image) = &mut of_image {
                product(of_sums.view(), pass.transposed.view(), patches.view_mut());
                let patches = patches.as_slice().expect(CONTIGUOUS);
                scatter(&self.windows, strip.rows, self.channels, patches, of_image);
            }
        }
    }
}

/// What the images of a backward pass have in common.
struct Pass<'a> {
    /// `[batch, rows, columns, channels]`
    input: &'a [f32],
    /// The weights, `[filters, inputs of a window]`.
    transposed: Array2<f32>,
    /// `[batch and windows, filters]`
    gradient: ArrayView2<'a, f32>,
    rectified: Option<ArrayView2<'a, f32>>,
}

/// The gradients of the weights and biases, summed over some images.
struct OfGroup {
    weights: Array2<f32>,
    bias: Vec<f32>,
}

impl OfGroup {
    fn zero(weights: &Array2<f32>) -> Self {
        Self {
            weights: Array2::zeros(weights.raw_dim()),
            bias: vec![0.0; weights.ncols()],
        }
    }

    fn add(&mut self, other: &Self) {
        self.weights += &other.weights;
        for (sum, gradient) in self.bias.iter_mut().zip(&other.bias) {
            *sum += gradient;
        }
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
        let parts = output.axis_chunks_iter_mut(Axis(0), windows.max(1));
        let parts = input.rows().into_iter().zip(parts);
        team::for_each(parts.collect(), |(image, mut output)| {
            let image = image.to_slice().expect(CONTIGUOUS);
            let mut patches = self.patches();
            for strip in self.strips() {
                let mut sums = output.slice_mut(s![strip.windows.clone(), ..]);
                let patches = self.gather(&strip, image, &mut patches);
                product(patches.view(), weights.view(), sums.view_mut());
                pulp::Arch::new().dispatch(Finish {
                    sums,
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
        let filters = weights.ncols();
        let input = images(input);
        let batch = input.layout().shape()[0];
        let gradient = images(gradient);
        let rectified = rectified.map(images);
        let pass = Pass {
            input: values(&input),
            transposed: weights.t().as_standard_layout().to_owned(),
            gradient: matrix(&gradient, filters),
            rectified: rectified.as_ref().map(|all| matrix(all, filters)),
        };
        let mut of_input = match wanted {
            Wanted::All => Some(unset([batch, self.image()])),
            Wanted::OfWeights => None,
        };
        let mut of_images: Vec<Option<&mut [f32]>> = match &mut of_input {
            Some(of_input) => {
                let values = of_input.as_slice_mut().expect(CONTIGUOUS);
                values.chunks_mut(self.image().max(1)).map(Some).collect()
            }
            None => (0..batch).map(|_| None).collect(),
        };
        let groups = of_images.chunks_mut(GROUP);
        let mut of_groups: Vec<OfGroup> = groups.map(|_| OfGroup::zero(&weights)).collect();
        let parts = of_images.chunks_mut(GROUP).zip(&mut of_groups);
        team::for_each(
            parts.enumerate().collect(),
            |(group, (of_images, of_group))| {
                for (number, of_image) in (group * GROUP..).zip(of_images) {
                    self.pass_back(&pass, number, of_group, of_image.as_deref_mut());
                }
            },
        );
        let mut sums = OfGroup::zero(&weights);
        for of_group in &of_groups {
            sums.add(of_group);
        }

        let ([rows, columns], [height, width]) = (self.windows.size, self.windows.image);
        let (of_weight, _) = sums.weights.into_raw_vec_and_offset();
        let of_weight = tensor(of_weight, [rows, columns, self.channels, filters]);
        let image = [batch, height, width, self.channels];
        Found {
            input: of_input.map(|of_input| from_images(of_input, image)),
            weight: of_weight.permute(&[3, 2, 0, 1]),
            bias: tensor(sums.bias, [filters]),
        }
    }
}

const CONTIGUOUS: &str = "rows are contiguous";
