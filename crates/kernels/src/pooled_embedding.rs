#[cfg(feature = "flex")]
mod candidates;
#[cfg(feature = "flex")]
mod flex;
#[cfg(any(feature = "flex", feature = "gpu"))]
mod fused;
#[cfg(feature = "gpu")]
mod gpu;
#[cfg(feature = "flex")]
mod search;

use burn::tensor::{Device, Int, Tensor};

use crate::decisions::{Decisions, DropoutKey};
use crate::dropout::dropout;

/// An embedding and a global max pooling in one operation: looks up a row of the table for each token
/// and takes the maximum over time.
///
/// The first of equal values is the maximum, and only that value gets a gradient.
///
/// # Shapes
///
/// - table: `[tokens, width]`
/// - tokens: `[batch, time]`, each below the table's tokens
/// - output: `[batch, width]`
///
/// # Panics
///
/// If a token is not in the table.
pub fn pooled_embedding(table: Tensor<2>, tokens: Tensor<2, Int>) -> Tensor<2> {
    match fused(&table, &tokens, None) {
        Some(pooled) => pooled,
        None => embedded(table, tokens).max_dim(1).squeeze_dim::<2>(1),
    }
}

/// [`pooled_embedding`] with [`dropout`] between embedding and pooling.
///
/// The shapes are the same; `rate`, `layer` and `key` are those of [`dropout`]. A maximum may be a
/// dropped zero, which passes no gradient on.
///
/// On flex and on GPUs the activations in between, `[batch, time, width]`, are never stored. On flex
/// that alone is worth a factor of forty, and the numbers are the same to the bit. Other backends
/// compose standard operations.
///
/// # Panics
///
/// If a token is not in the table.
pub fn pooled_embedding_with_dropout(
    table: Tensor<2>,
    tokens: Tensor<2, Int>,
    rate: f64,
    layer: u32,
    key: DropoutKey,
) -> Tensor<2> {
    if rate == 0.0 {
        return pooled_embedding(table, tokens);
    }
    let decisions = Decisions::new(rate, layer, key, table.dims()[1]);
    match fused(&table, &tokens, Some(decisions)) {
        Some(pooled) => pooled,
        None => composed(table, tokens, rate, layer, key),
    }
}

/// Whether a device runs the pooled embedding as one operation, given tables of 32-bit floats.
#[allow(
    clippy::wildcard_enum_match_arm,
    reason = "Burn's features decide which variants exist"
)]
pub fn is_pooled_embedding_fused(device: &Device) -> bool {
    match device.clone().without_autodiff().as_dispatch() {
        #[cfg(feature = "flex")]
        burn::backend::DispatchDevice::Flex(_) => true,
        #[cfg(feature = "gpu")]
        burn::backend::DispatchDevice::Cube(_) => true,
        _ => false,
    }
}

/// The pooled embedding as one operation; `None` if the backend has none.
#[cfg(any(feature = "flex", feature = "gpu"))]
fn fused(
    table: &Tensor<2>,
    tokens: &Tensor<2, Int>,
    dropout: Option<Decisions>,
) -> Option<Tensor<2>> {
    #[cfg(feature = "flex")]
    if let Some(pooled) = fused::pooled_embedding::<burn::backend::Flex>(table, tokens, dropout) {
        return Some(pooled);
    }
    #[cfg(feature = "gpu")]
    if let Some(pooled) = fused::pooled_embedding::<burn::backend::Cube>(table, tokens, dropout) {
        return Some(pooled);
    }
    None
}

/// This build has no backend with the operation.
#[cfg(not(any(feature = "flex", feature = "gpu")))]
fn fused(_: &Tensor<2>, _: &Tensor<2, Int>, _: Option<Decisions>) -> Option<Tensor<2>> {
    None
}

/// [`pooled_embedding_with_dropout`] composed of standard operations.
fn composed(
    table: Tensor<2>,
    tokens: Tensor<2, Int>,
    rate: f64,
    layer: u32,
    key: DropoutKey,
) -> Tensor<2> {
    let activations = dropout(embedded(table, tokens), rate, layer, key);
    activations.max_dim(1).squeeze_dim::<2>(1)
}

/// `[batch, time, width]`
fn embedded(table: Tensor<2>, tokens: Tensor<2, Int>) -> Tensor<3> {
    let [batch, time] = tokens.dims();
    let width = table.dims()[1];
    let rows = table.select(0, tokens.reshape([batch * time]));
    rows.reshape([batch, time, width])
}

#[cfg(all(test, feature = "flex"))]
mod tests {
    use burn::tensor::{Device, TensorData};
    use random::{Purpose, Stream, unit};

    use super::*;

    const KEY: DropoutKey = DropoutKey { seed: 3, step: 8 };
    const RATES: [f64; 3] = [0.0, 0.3, 0.9];

    /// Table and tokens; a third of the tokens are padding, many repeat.
    fn inputs([batch, time, tokens, width]: [usize; 4]) -> (TensorData, TensorData) {
        let words = Stream::new(1, Purpose::InitialWeights, 0, 0).words(tokens * width);
        let table: Vec<f32> = words.iter().map(|&word| unit(word) - 0.5).collect();
        let words = Stream::new(2, Purpose::InitialWeights, 0, 0).words(batch * time);
        let ids = words.iter().map(|&word| match word % 3 {
            0 => 0,
            _ => (word / 3) as usize % tokens,
        });
        let ids: Vec<i32> = ids.map(|id| id as i32).collect();
        (
            TensorData::new(table, [tokens, width]),
            TensorData::new(ids, [batch, time]),
        )
    }

    fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
        tensor.into_data().try_into_vec().expect("32-bit floats")
    }

    type Form = fn(Tensor<2>, Tensor<2, Int>, f64, u32, DropoutKey) -> Tensor<2>;

    /// The output, and the table's gradient for a randomly weighted sum of it.
    fn run(form: Form, table: &TensorData, tokens: &TensorData, rate: f64) -> [Vec<f32>; 2] {
        let plain = Device::flex();
        let table = Tensor::<2>::from_data(table.clone(), &plain.clone().autodiff()).require_grad();
        let tokens = Tensor::<2, Int>::from_data(tokens.clone(), &plain);
        let output = form(table.clone(), tokens, rate, 5, KEY);
        let [batch, width] = output.dims();
        let weights = Stream::new(4, Purpose::InitialWeights, 0, 0).words(batch * width);
        let weights: Vec<f32> = weights.iter().map(|&word| unit(word) - 0.5).collect();
        let weights = Tensor::from_data(TensorData::new(weights, [batch, width]), &plain);
        let gradients = (output.clone() * weights).sum().backward();
        let gradient = table.grad(&gradients).expect("it requires one");
        [values(output.inner()), values(gradient)]
    }

    #[track_caller]
    fn assert_same_bits(found: &[f32], expected: &[f32]) {
        let bits = |values: &[f32]| -> Vec<u32> {
            // Plus and minus zero are the same zero.
            values.iter().map(|value| (value + 0.0).to_bits()).collect()
        };
        assert_eq!(bits(found), bits(expected));
    }

    #[test]
    fn gives_the_bits_of_standard_operations() {
        for shape in [
            [3, 5, 7, 128],
            [2, 9, 11, 256],
            [6, 4, 3, 20],
            [1, 1, 1, 1],
            [5, 30, 40, 131],
            [9, 200, 60, 300],
        ] {
            let (table, tokens) = inputs(shape);
            for rate in RATES {
                let fused = run(pooled_embedding_with_dropout, &table, &tokens, rate);
                let standard = run(composed, &table, &tokens, rate);
                for (fused, standard) in fused.iter().zip(&standard) {
                    assert_same_bits(fused, standard);
                }
            }
        }
    }

    /// Equal entries of different tokens, and columns without one above zero.
    #[test]
    fn equal_values_are_told_apart_by_position() {
        let (_, tokens) = inputs([40, 60, 30, 1]);
        let words = Stream::new(7, Purpose::InitialWeights, 0, 0).words(30 * 256);
        let few = words
            .iter()
            .zip(0..)
            .map(|(&word, entry)| match entry % 256 {
                0..64 => [-1.0, -0.5, 0.0, -0.0][word as usize % 4],
                64..128 => [-1.0, -2.0, -0.25, -0.25][word as usize % 4],
                _ => [-1.0, 0.25, 0.5, 0.5][word as usize % 4],
            });
        let table = TensorData::new(few.collect::<Vec<f32>>(), [30, 256]);
        for rate in [0.1, 0.3, 0.5] {
            let fused = run(pooled_embedding_with_dropout, &table, &tokens, rate);
            let [_, gradient] = run(composed, &table, &tokens, rate);
            assert_same_bits(&fused[1], &gradient);
        }
    }

    #[test]
    fn without_autodiff_and_dropout_the_bits_are_the_same() {
        let (table, tokens) = inputs([4, 12, 30, 70]);
        let table = Tensor::<2>::from_data(table, &Device::flex());
        let tokens = Tensor::<2, Int>::from_data(tokens, &Device::flex());
        let standard = composed(table.clone(), tokens.clone(), 0.0, 0, KEY);
        assert_same_bits(&values(pooled_embedding(table, tokens)), &values(standard));
    }

    /// Moves every entry of the table by a little, one at a time.
    #[test]
    fn gradients_are_finite_differences() {
        let shape = [3, 6, 5, 4];
        let (table, tokens) = inputs(shape);
        for rate in RATES {
            let weighted = |table: &TensorData| -> f64 {
                let [output, _] = run(pooled_embedding_with_dropout, table, &tokens, rate);
                let weights = Stream::new(4, Purpose::InitialWeights, 0, 0).words(output.len());
                let products = output.iter().zip(weights);
                products
                    .map(|(&value, word)| f64::from(value) * f64::from(unit(word) - 0.5))
                    .sum()
            };
            let [_, gradient] = run(pooled_embedding_with_dropout, &table, &tokens, rate);
            for (index, &gradient) in gradient.iter().enumerate() {
                let moved = |by: f32| {
                    let mut table = table.clone();
                    table.as_mut_slice::<f32>().unwrap()[index] += by;
                    weighted(&table)
                };
                let step = 1e-3;
                let difference = (moved(step) - moved(-step)) / f64::from(2.0 * step);
                let error = (difference - f64::from(gradient)).abs();
                assert!(
                    error < 2e-3 * (1.0 + f64::from(gradient.abs())),
                    "rate {rate}, entry {index}: {difference}, gradient {gradient}"
                );
            }
        }
    }

    /// Dropped zeros count as equal values, too.
    #[test]
    fn the_first_of_equal_values_gets_the_gradient() {
        let table = TensorData::from([[-1.0f32, 0.5], [0.0, 0.5], [0.0, 0.25]]);
        let tokens = TensorData::from([[0i32, 2, 1, 2]]);
        let [output, gradient] = run(pooled_embedding_with_dropout, &table, &tokens, 0.0);
        assert_eq!(output, [0.0, 0.5]);
        let nonzero: Vec<usize> = (0..6).filter(|&entry| gradient[entry] != 0.0).collect();
        assert_eq!(nonzero, [1, 4]);

        // With negative weights alone, a dropped zero is the maximum and nothing gets a gradient.
        let table = TensorData::from([[-1.0f32; 64]]);
        let tokens = TensorData::from([[0i32; 40]]);
        let [output, gradient] = run(pooled_embedding_with_dropout, &table, &tokens, 0.9);
        assert_eq!(output, [0.0; 64]);
        assert_eq!(gradient, [0.0; 64]);
    }

    #[test]
    fn the_number_of_threads_changes_nothing() {
        let (table, tokens) = inputs([50, 20, 30, 256]);
        let with_threads = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            let form = pooled_embedding_with_dropout;
            pool.unwrap().install(|| run(form, &table, &tokens, 0.3))
        };
        assert_eq!(with_threads(1), with_threads(3));
    }
}
