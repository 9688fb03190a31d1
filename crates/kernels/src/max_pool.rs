#[cfg(feature = "flex")]
mod flex;

use burn::nn::pool::MaxPool2d;
use burn::tensor::Tensor;

/// The maxima over windows of images. The first of equal values is the maximum, and only that value gets a
/// gradient.
///
/// On flex, poolings of 32-bit floats are one operation that shares the images among the threads of the calling
/// thread's Rayon pool, and leaves the channels of a pixel side by side in memory. Other backends use Burn's own.
///
/// # Shapes
///
/// - input: `[batch, channels, rows, columns]`
/// - output: `[batch, channels, rows, columns]`
pub fn max_pool(pool: &MaxPool2d, input: Tensor<4>) -> Tensor<4> {
    #[cfg(feature = "flex")]
    if let Some(output) = flex::max_pool(pool, &input) {
        return output;
    }
    pool.forward(input)
}

#[cfg(test)]
mod tests {
    use burn::nn::PaddingConfig2d;
    use burn::nn::pool::MaxPool2dConfig;
    use burn::tensor::{Device, TensorData};

    use super::*;

    /// The output and the gradient of the input.
    fn pass(forward: fn(&MaxPool2d, Tensor<4>) -> Tensor<4>, pool: &MaxPool2d) -> [Vec<f32>; 2] {
        let shape = [10, 5, 9, 8];
        let device = Device::flex().autodiff();
        let numbers = |factor: usize, count: usize, shape: [usize; 4]| {
            // Few different values: many are equal.
            let numbers = (0..count).map(|place| (place * factor % 13) as f32 - 6.0);
            let numbers = TensorData::new(numbers.collect::<Vec<f32>>(), shape);
            Tensor::<4>::from_data(numbers, &device)
        };
        let input = numbers(7, shape.iter().product(), shape).require_grad();
        let output = forward(pool, input.clone());
        let shape = output.dims();
        let loss = output.clone() * numbers(5, shape.iter().product(), shape);
        let gradients = loss.sum().backward();
        [output.inner(), input.grad(&gradients).unwrap()]
            .map(|tensor| tensor.into_data().try_into_vec().unwrap())
    }

    #[test]
    fn equals_burns_own() {
        for (size, stride) in [([2, 2], [2, 2]), ([3, 2], [1, 2]), ([1, 1], [2, 3])] {
            for padding in [PaddingConfig2d::Valid, PaddingConfig2d::Same] {
                let pool = MaxPool2dConfig::new(size)
                    .with_strides(stride)
                    .with_padding(padding);
                let pool = pool.init();
                let expected = pass(|pool, input| pool.forward(input), &pool);
                assert_eq!(pass(max_pool, &pool), expected, "{size:?} {stride:?}");
            }
        }
    }
}
