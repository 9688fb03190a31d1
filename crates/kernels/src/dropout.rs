use burn::tensor::{Tensor, TensorData};
use random::{Purpose, Stream};

/// What dropout masks are made from: with the layer and an element's position, all there is.
#[derive(Clone, Copy, Debug)]
pub struct DropoutKey {
    pub seed: u64,
    /// Training steps taken before this one, since the beginning of the run.
    pub step: u32,
}

/// Sets each element to zero with probability `rate`, `[0, 1)`, and divides the others by
/// `1 - rate`, so that the expectation stays.
///
/// `layer` tells the dropout layers of a model apart.
///
/// Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting" (JMLR
/// 2014), inverted as in Keras.
pub fn dropout<const D: usize>(
    input: Tensor<D>,
    rate: f64,
    layer: u32,
    key: DropoutKey,
) -> Tensor<D> {
    if rate == 0.0 {
        return input;
    }
    let shape = input.shape();
    let mask = mask(shape.num_elements(), rate, layer, key);
    let device = input.device().without_autodiff();
    input * Tensor::from_data(TensorData::new(mask, shape), &device)
}

/// A word below `rate` of the range of 32 bits drops its element.
fn mask(count: usize, rate: f64, layer: u32, key: DropoutKey) -> Vec<f32> {
    let threshold = (rate * (1u64 << 32) as f64) as u32;
    let scale = (1.0 / (1.0 - rate)) as f32;
    Stream::new(key.seed, Purpose::Dropout, layer, key.step)
        .words(count)
        .into_iter()
        .map(|word| if word < threshold { 0.0 } else { scale })
        .collect()
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;

    const KEY: DropoutKey = DropoutKey { seed: 5, step: 12 };

    fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
        tensor.into_data().try_into_vec().unwrap()
    }

    #[test]
    fn elements_are_dropped_at_the_rate_or_scaled_up() {
        let input = Tensor::<2>::ones([200, 500], &Device::flex());
        for rate in [0.1, 0.3, 0.9] {
            let output = values(dropout(input.clone(), rate, 0, KEY));
            let kept = (1.0 / (1.0 - rate)) as f32;
            assert!(output.iter().all(|&value| value == 0.0 || value == kept));
            let dropped = output.iter().filter(|&&value| value == 0.0).count();
            let share = dropped as f64 / output.len() as f64;
            assert!((share - rate).abs() < 0.005, "{share} at rate {rate}");
        }
        assert_eq!(values(dropout(input, 0.0, 0, KEY)), [1.0; 100_000]);
    }

    #[test]
    fn masks_repeat_for_a_key_and_differ_between_layers_and_steps() {
        let masked = |layer, key| {
            values(dropout(
                Tensor::<1>::ones([64], &Device::flex()),
                0.5,
                layer,
                key,
            ))
        };
        assert_eq!(masked(0, KEY), masked(0, KEY));
        assert_ne!(masked(0, KEY), masked(1, KEY));
        assert_ne!(masked(0, KEY), masked(0, DropoutKey { step: 13, ..KEY }));
    }

    #[test]
    fn gradients_pass_through_the_same_mask() {
        let input = Tensor::<1>::ones([64], &Device::flex().autodiff()).require_grad();
        let output = dropout(input.clone(), 0.3, 0, KEY);
        let gradients = output.clone().sum().backward();
        let gradient = input
            .grad(&gradients)
            .expect("the input requires a gradient");
        assert_eq!(values(gradient), values(output.inner()));
    }
}
