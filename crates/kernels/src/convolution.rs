#[cfg(feature = "flex")]
mod flex;
#[cfg(feature = "flex")]
mod patches;

use burn::nn::conv::{Conv1d, Conv2d};
use burn::tensor::{Tensor, activation};

#[cfg(feature = "flex")]
use crate::weighted::Activation;

/// A convolution over images.
///
/// On flex, convolutions of 32-bit floats are one operation that shares the images among the threads of the
/// calling thread's Rayon pool. Their number does not change the results. The channels of each pixel lie side by
/// side in memory, which the layouts of the tensors hide: a chain of convolutions and poolings copies nothing.
/// Other backends, and convolutions with dilation or groups, use Burn's own.
///
/// # Shapes
///
/// - input: `[batch, channels, rows, columns]`
/// - output: `[batch, filters, rows, columns]`
pub fn convolution(layer: &Conv2d, input: Tensor<4>) -> Tensor<4> {
    #[cfg(feature = "flex")]
    if let Some(output) = flex::over_images(layer, &input, Activation::None) {
        return output;
    }
    layer.forward(input)
}

/// [`convolution`] and the rectifier.
pub fn convolution_relu(layer: &Conv2d, input: Tensor<4>) -> Tensor<4> {
    #[cfg(feature = "flex")]
    if let Some(output) = flex::over_images(layer, &input, Activation::Relu) {
        return output;
    }
    activation::relu(layer.forward(input))
}

/// A convolution over time; see [`convolution`].
///
/// # Shapes
///
/// - input: `[batch, time, features]`
/// - output: `[batch, time, filters]`
pub fn convolution_over_time(layer: &Conv1d, input: Tensor<3>) -> Tensor<3> {
    #[cfg(feature = "flex")]
    if let Some(output) = flex::over_time(layer, &input, Activation::None) {
        return output;
    }
    composed_over_time(layer, input)
}

/// [`convolution_over_time`] and the rectifier.
pub fn convolution_over_time_relu(layer: &Conv1d, input: Tensor<3>) -> Tensor<3> {
    #[cfg(feature = "flex")]
    if let Some(output) = flex::over_time(layer, &input, Activation::Relu) {
        return output;
    }
    activation::relu(composed_over_time(layer, input))
}

/// Burn convolves `[batch, features, time]`.
fn composed_over_time(layer: &Conv1d, input: Tensor<3>) -> Tensor<3> {
    layer.forward(input.swap_dims(1, 2)).swap_dims(1, 2)
}

#[cfg(test)]
mod tests {
    use burn::nn::{PaddingConfig1d, PaddingConfig2d};
    use burn::tensor::Device;

    use super::*;
    use crate::testing::{assert_close, numbers, values, with_threads};
    use crate::{conv1d, conv2d};

    type Layer = fn(&Conv2d, Tensor<4>) -> Tensor<4>;

    const LAYERS: [(Layer, Layer); 2] = [
        (convolution, |layer, input| layer.forward(input)),
        (convolution_relu, |layer, input| {
            activation::relu(layer.forward(input))
        }),
    ];

    /// The output and the gradients of input, weights and biases.
    fn pass(forward: Layer, layer: &Conv2d, input: Tensor<4>) -> [Vec<f32>; 4] {
        let input = input.require_grad();
        let output = forward(layer, input.clone());
        // Each entry has its own gradient.
        let loss = output.clone() * numbers(output.dims(), &input.device());
        let gradients = loss.sum().backward();
        let bias = layer.bias.as_ref().map(|bias| bias.val());
        [
            values(output.inner()),
            values(input.grad(&gradients).unwrap()),
            values(layer.weight.val().grad(&gradients).unwrap()),
            bias.map(|bias| values(bias.grad(&gradients).unwrap()))
                .unwrap_or_default(),
        ]
    }

    #[test]
    fn equals_burns_own_whatever_the_number_of_threads() {
        let device = Device::flex().autodiff();
        let paddings = [
            PaddingConfig2d::Valid,
            PaddingConfig2d::Same,
            PaddingConfig2d::Explicit(2, 0, 1, 3),
        ];
        for ([channels, filters], kernel, stride) in [
            ([1, 4], [3, 3], [1, 1]),
            ([3, 20], [2, 4], [1, 2]),
            ([5, 3], [1, 1], [2, 2]),
            ([2, 2], [7, 3], [3, 1]),
        ] {
            for padding in &paddings {
                for has_bias in [true, false] {
                    let mut layer = conv2d(3, 0, [channels, filters], kernel, &device);
                    layer.bias = layer.bias.filter(|_| has_bias);
                    layer.stride = stride;
                    layer.padding = padding.clone();
                    // More than a group of images, and not whole groups.
                    let input = numbers([19, channels, 9, 8], &device);
                    for (own, burns) in LAYERS {
                        let expected = pass(burns, &layer, input.clone());
                        let found = with_threads(1, || pass(own, &layer, input.clone()));
                        assert_close(&found, &expected);
                        for threads in [2, 8] {
                            let shared = with_threads(threads, || pass(own, &layer, input.clone()));
                            assert!(shared == found, "with {threads} threads");
                        }
                    }
                }
            }
        }
    }

    /// Images of more than one strip.
    #[test]
    fn large_images_are_convolved_strip_by_strip() {
        let device = Device::flex().autodiff();
        let mut layer = conv2d(3, 0, [20, 3], [3, 3], &device);
        layer.padding = PaddingConfig2d::Same;
        let input = numbers([2, 20, 50, 40], &device);
        let [own, burns] =
            [LAYERS[1].0, LAYERS[1].1].map(|forward| pass(forward, &layer, input.clone()));
        assert_close(&own, &burns);
    }

    #[test]
    fn over_time_equals_burns_own() {
        let device = Device::flex().autodiff();
        for padding in [
            PaddingConfig1d::Valid,
            PaddingConfig1d::Same,
            PaddingConfig1d::Explicit(2, 0),
        ] {
            let mut layer = conv1d(3, 0, [5, 6], 4, &device);
            layer.padding = padding;
            layer.stride = 2;
            let input = numbers([10, 1, 12, 5], &device)
                .squeeze_dim::<3>(1)
                .require_grad();
            let pass = |forward: fn(&Conv1d, Tensor<3>) -> Tensor<3>| {
                let output = forward(&layer, input.clone());
                let gradients = output.clone().powi_scalar(2).sum().backward();
                let of_weight = layer.weight.val().grad(&gradients).unwrap();
                let of_input = input.grad(&gradients).unwrap();
                [output.inner(), of_input, of_weight].map(values)
            };
            for (own, burns) in pass(convolution_over_time)
                .iter()
                .zip(pass(composed_over_time))
            {
                assert_eq!(own.len(), burns.len());
                for (own, burns) in own.iter().zip(burns) {
                    assert!(
                        (own - burns).abs() < 1e-4 * burns.abs().max(1.0),
                        "{own} {burns}"
                    );
                }
            }
        }
    }

    #[test]
    fn channels_may_lie_together_in_memory() {
        let device = Device::flex();
        let layer = conv2d(3, 0, [3, 4], [3, 3], &device);
        let pictures = numbers([2, 6, 5, 3], &device);
        let together = pictures.clone().permute([0, 3, 1, 2]);
        let apart = Tensor::<4>::from_data(together.clone().into_data(), &device);
        let outputs = [together, apart].map(|input| values(convolution(&layer, input)));
        assert_eq!(outputs[0], outputs[1]);
    }
}
