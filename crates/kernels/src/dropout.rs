#[cfg(feature = "gpu")]
mod gpu;

use burn::tensor::{Tensor, TensorData};
use pulp::{Simd, WithSimd};
use random::{DRAW_BLOCK, DRAW_GROUP};

use crate::decisions::{Decisions, DropoutKey};

/// Sets each element to zero with probability `rate`, `[0, 1)`, and scales the others up so that
/// the expected value stays the same. The output has the input's shape.
///
/// The rate is rounded to a multiple of 2^-16. `layer` distinguishes the dropout layers of a model.
///
/// Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting" (JMLR
/// 2014), in the inverted form that Keras uses.
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
    let columns = shape[D - 1];
    let decisions = Decisions::new(rate, layer, key, columns);
    #[cfg(feature = "gpu")]
    if let Some(factors) = gpu::factors(input.clone(), shape.clone(), columns, decisions) {
        return input * factors;
    }
    let mut factors = vec![0.0; shape.num_elements()];
    pulp::Arch::new().dispatch(Mask {
        decisions,
        columns,
        factors: &mut factors,
    });
    let device = input.device().without_autodiff();
    let factors = TensorData::new(factors, shape);
    let factors = Tensor::from_data(factors, (&device, input.dtype()));
    input * factors
}

/// Writes the factors of a matrix, row by row.
struct Mask<'a> {
    decisions: Decisions,
    columns: usize,
    factors: &'a mut [f32],
}

impl WithSimd for Mask<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let scale = simd.splat_f32s(self.decisions.scale());
        let zero = simd.splat_f32s(0.0);
        for (row, factors) in (0..).zip(self.factors.chunks_mut(self.columns)) {
            for (block, factors) in factors.chunks_mut(DRAW_BLOCK).enumerate() {
                for first in (0..DRAW_GROUP).step_by(S::U32_LANES) {
                    let kept = self.decisions.kept(simd, row, block, first);
                    for (factors, kept) in factors.chunks_mut(DRAW_GROUP).zip(kept) {
                        let lanes =
                            first.min(factors.len())..factors.len().min(first + S::U32_LANES);
                        let factor = simd.select_f32s(kept, scale, zero);
                        simd.partial_store_f32s(&mut factors[lanes], factor);
                    }
                }
            }
        }
    }
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
            let scale = output
                .iter()
                .fold(0.0, |most, &value| f32::max(most, value));
            assert!(
                (scale - (1.0 / (1.0 - rate)) as f32).abs() < 1e-4 * scale,
                "{scale}"
            );
            assert!(output.iter().all(|&value| value == 0.0 || value == scale));
            let dropped = output.iter().filter(|&&value| value == 0.0).count();
            let share = dropped as f64 / output.len() as f64;
            assert!((share - rate).abs() < 0.005, "{share} at rate {rate}");
        }
        assert_eq!(values(dropout(input.clone(), 0.0, 0, KEY)), [1.0; 100_000]);
        // Even a rate that rounds to 1 keeps some.
        let most = values(dropout(input, 0.999_999_9, 0, KEY));
        assert!(most.iter().all(|&value| value == 0.0 || value == 65536.0));
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

    /// Neighbouring columns and rows agree as often as independent draws do, across the ends of
    /// blocks, too.
    #[test]
    fn neighbours_are_independent() {
        const COLUMNS: usize = 300;
        let input = Tensor::<2>::ones([400, COLUMNS], &Device::flex());
        let output = values(dropout(input, 0.3, 0, KEY));
        for distance in [1, 16, 32, 128, COLUMNS, 2 * COLUMNS] {
            let pairs = output.iter().zip(&output[distance..]);
            let agreeing = pairs.filter(|(a, b)| a == b).count();
            let share = agreeing as f64 / (output.len() - distance) as f64;
            assert!(
                (share - 0.58).abs() < 0.01,
                "{share} at distance {distance}"
            );
        }
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
