#[cfg(feature = "flex")]
mod flex;

use burn::nn::Linear;
use burn::tensor::{Tensor, activation};

#[cfg(feature = "flex")]
use crate::weighted::{Activation, apply};

/// A dense layer: `x w + b`.
///
/// On flex, layers of 32-bit floats are one operation that shares its columns among the threads of the calling
/// thread's Rayon pool. Their number does not change the results. Other backends compose standard operations.
///
/// # Shapes
///
/// - input: `[batch, inputs]`
/// - output: `[batch, units]`
pub fn linear(layer: &Linear, input: Tensor<2>) -> Tensor<2> {
    #[cfg(feature = "flex")]
    if let Some(output) = fused(layer, &input, Activation::None) {
        return output;
    }
    layer.forward(input)
}

/// [`linear`] and the rectifier: `max(x w + b, 0)`.
///
/// Where the sum is zero, the gradient is zero, as in Keras.
pub fn linear_relu(layer: &Linear, input: Tensor<2>) -> Tensor<2> {
    #[cfg(feature = "flex")]
    if let Some(output) = fused(layer, &input, Activation::Relu) {
        return output;
    }
    activation::relu(layer.forward(input))
}

#[cfg(feature = "flex")]
fn fused(layer: &Linear, input: &Tensor<2>, activation: Activation) -> Option<Tensor<2>> {
    let bias = layer.bias.as_ref().map(|bias| bias.val());
    apply(flex::Dense, input, layer.weight.val(), bias, activation)
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::dense;
    use crate::testing::{assert_close, numbers, values, with_threads};

    type Layer = fn(&Linear, Tensor<2>) -> Tensor<2>;

    const LAYERS: [(Layer, Layer); 2] = [
        (linear, |layer, input| layer.forward(input)),
        (linear_relu, |layer, input| {
            activation::relu(layer.forward(input))
        }),
    ];

    /// The output and the gradients of input, weights and biases.
    fn pass(forward: Layer, layer: &Linear, input: Tensor<2>) -> [Vec<f32>; 4] {
        let input = input.require_grad();
        let output = forward(layer, input.clone());
        let [batch, units] = output.dims();
        // Each entry has its own gradient.
        let loss = output.clone() * numbers([batch, units], &input.device());
        let gradients = loss.sum().backward();
        let bias = layer
            .bias
            .as_ref()
            .map(|bias| bias.val().grad(&gradients).unwrap());
        [
            values(output.inner()),
            values(input.grad(&gradients).unwrap()),
            values(layer.weight.val().grad(&gradients).unwrap()),
            bias.map(values).unwrap_or_default(),
        ]
    }

    #[test]
    fn equals_the_composition_whatever_the_number_of_threads() {
        let device = Device::flex().autodiff();
        for [batch, inputs, units] in [[1, 3, 1], [7, 20, 10], [128, 300, 100], [33, 784, 128]] {
            for has_bias in [true, false] {
                let mut layer = dense(3, 0, [inputs, units], &device);
                layer.bias = layer.bias.filter(|_| has_bias);
                let input = numbers([batch, inputs], &device);
                for (fused, composed) in LAYERS {
                    let expected = pass(composed, &layer, input.clone());
                    let found = with_threads(1, || pass(fused, &layer, input.clone()));
                    assert_close(&found, &expected);
                    for threads in [2, 3, 8] {
                        let shared = with_threads(threads, || pass(fused, &layer, input.clone()));
                        assert!(shared == found, "with {threads} threads");
                    }
                }
            }
        }
    }
}
