use burn::module::Param;
use burn::nn::conv::{Conv1d, Conv1dConfig, Conv2d, Conv2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, Embedding, Linear};
use burn::tensor::{Device, Tensor, TensorData};
use random::{Purpose, Stream, unit};

/// Weights by Glorot uniform: uniform between plus and minus `sqrt(6 / (fan_in + fan_out))`.
///
/// `layer` is the layer's place in its model. Together with the seed it decides the weights, which
/// fill the shape in row-major order.
///
/// The fans are those of Keras:
///
/// | layer | `fan_in` | `fan_out` |
/// |---|---|---|
/// | dense | inputs | units |
/// | convolution over time | length * channels | length * filters |
/// | convolution over images | rows * columns * channels | rows * columns * filters |
///
/// Length, rows and columns are those of a filter.
///
/// Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks"
/// (AISTATS 2010).
pub fn glorot_uniform<const D: usize>(
    seed: u64,
    layer: u32,
    shape: [usize; D],
    fan_in: usize,
    fan_out: usize,
    device: &Device,
) -> Param<Tensor<D>> {
    let limit = (6.0 / (fan_in + fan_out) as f64).sqrt() as f32;
    uniform(limit, seed, layer, shape, device)
}

/// A dense layer as Keras makes it: weights `[inputs, units]` by [`glorot_uniform`], biases zero.
///
/// `layer` is the layer's place in its model. Together with the seed it decides the weights.
pub fn dense(seed: u64, layer: u32, [inputs, units]: [usize; 2], device: &Device) -> Linear {
    Linear {
        weight: glorot_uniform(seed, layer, [inputs, units], inputs, units, device),
        bias: Some(zeros(units, device)),
    }
}

/// A convolution over images as Keras makes it: weights `[filters, channels, rows, columns]` by
/// [`glorot_uniform`], biases zero, stride 1, no padding.
///
/// `layer` is the layer's place in its model. Together with the seed it decides the weights.
pub fn conv2d(
    seed: u64,
    layer: u32,
    [channels, filters]: [usize; 2],
    kernel @ [rows, columns]: [usize; 2],
    device: &Device,
) -> Conv2d {
    let shape = [filters, channels, rows, columns];
    let area = rows * columns;
    let (fan_in, fan_out) = (area * channels, area * filters);
    Conv2d {
        weight: glorot_uniform(seed, layer, shape, fan_in, fan_out, device),
        bias: Some(zeros(filters, device)),
        ..Conv2dConfig::new([channels, filters], kernel).init(device)
    }
}

/// A convolution over time as Keras makes it: weights `[filters, channels, length]` by
/// [`glorot_uniform`], biases zero, stride 1, no padding.
///
/// `layer` is the layer's place in its model. Together with the seed it decides the weights.
pub fn conv1d(
    seed: u64,
    layer: u32,
    [channels, filters]: [usize; 2],
    length: usize,
    device: &Device,
) -> Conv1d {
    let shape = [filters, channels, length];
    let (fan_in, fan_out) = (length * channels, length * filters);
    Conv1d {
        weight: glorot_uniform(seed, layer, shape, fan_in, fan_out, device),
        bias: Some(zeros(filters, device)),
        ..Conv1dConfig::new(channels, filters, length).init(device)
    }
}

/// Batch normalisation of this many features: scales one, shifts zero.
///
/// `momentum` is Keras's: the fraction of the running statistics that a step keeps. Burn's is the
/// weight of the new ones. `epsilon` is added to the variance.
pub fn batch_norm(features: usize, momentum: f64, epsilon: f64, device: &Device) -> BatchNorm {
    BatchNormConfig::new(features)
        .with_momentum(1.0 - momentum)
        .with_epsilon(epsilon)
        .init(device)
}

/// A [`dense`] layer for each entry of `units`, each reading the one before it and the first
/// reading `inputs` features. The first is layer 0.
pub fn dense_stack(seed: u64, inputs: usize, units: &[usize], device: &Device) -> Vec<Linear> {
    let widths: Vec<usize> = std::iter::once(inputs)
        .chain(units.iter().copied())
        .collect();
    (0..)
        .zip(widths.windows(2))
        .map(|(layer, pair)| dense(seed, layer, [pair[0], pair[1]], device))
        .collect()
}

/// An embedding as Keras makes it: a table `[tokens, width]`, uniform between plus and minus 0.05.
///
/// `layer` is the layer's place in its model. Together with the seed it decides the table.
pub fn embedding(seed: u64, layer: u32, [tokens, width]: [usize; 2], device: &Device) -> Embedding {
    Embedding {
        weight: uniform(0.05, seed, layer, [tokens, width], device),
    }
}

fn zeros(length: usize, device: &Device) -> Param<Tensor<1>> {
    Param::from_data(TensorData::zeros::<f32, _>([length]), device)
}

fn uniform<const D: usize>(
    limit: f32,
    seed: u64,
    layer: u32,
    shape: [usize; D],
    device: &Device,
) -> Param<Tensor<D>> {
    let values: Vec<f32> = Stream::new(seed, Purpose::InitialWeights, layer, 0)
        .words(shape.iter().product())
        .into_iter()
        .map(|word| limit * (2.0 * unit(word) - 1.0))
        .collect();
    Param::from_data(TensorData::new(values, shape), device)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values<const D: usize>(weights: Param<Tensor<D>>) -> Vec<f32> {
        weights.val().into_data().try_into_vec().unwrap()
    }

    /// Its interval is full up to the ends, and it is centred on zero.
    #[track_caller]
    fn assert_fills(weights: &[f32], limit: f32) {
        let largest = weights
            .iter()
            .fold(0.0, |largest: f32, weight| largest.max(weight.abs()));
        assert!(
            (0.999 * limit..=limit).contains(&largest),
            "{largest} of {limit}"
        );
        let mean = weights.iter().sum::<f32>() / weights.len() as f32;
        assert!(mean.abs() < 0.01 * limit, "mean {mean}");
    }

    #[test]
    fn dense_weights_fill_glorots_interval_and_biases_are_zero() {
        let layer = dense(3, 0, [784, 128], &Device::flex());
        assert_fills(&values(layer.weight), (6.0f32 / 912.0).sqrt());
        assert_eq!(values(layer.bias.unwrap()), [0.0; 128]);
    }

    /// Results name their seed: it must mean the same weights in every release.
    #[test]
    fn dense_weights_of_a_seed_never_change() {
        let weights = values(dense(3, 1, [2, 3], &Device::flex()).weight);
        assert_eq!(
            weights,
            [
                -0.031035885,
                -1.0100938,
                0.019081669,
                0.3492954,
                1.0534892,
                -0.40018368
            ]
        );
    }

    #[test]
    fn filters_of_a_convolution_fill_glorots_interval() {
        let weights = conv2d(3, 0, [32, 64], [3, 3], &Device::flex()).weight;
        assert_eq!(weights.val().dims(), [64, 32, 3, 3]);
        assert_fills(&values(weights), (6.0f32 / 864.0).sqrt());
        let weights = conv1d(3, 0, [64, 96], 5, &Device::flex()).weight;
        assert_eq!(weights.val().dims(), [96, 64, 5]);
        assert_fills(&values(weights), (6.0f32 / 800.0).sqrt());
    }

    #[test]
    fn the_shape_is_filled_row_by_row_whatever_its_dimensions() {
        let flex = Device::flex();
        let flat = values(glorot_uniform(3, 1, [24], 2, 12, &flex));
        assert_eq!(values(glorot_uniform(3, 1, [2, 12], 2, 12, &flex)), flat);
        assert_eq!(
            values(glorot_uniform(3, 1, [2, 3, 1, 4], 2, 12, &flex)),
            flat
        );
    }

    #[test]
    fn the_seed_and_the_layer_decide_the_weights() {
        let weights = |seed, layer| values(dense(seed, layer, [5, 4], &Device::flex()).weight);
        assert_eq!(weights(1, 0), weights(1, 0));
        assert_ne!(weights(1, 0), weights(2, 0));
        assert_ne!(weights(1, 0), weights(1, 1));
    }

    #[test]
    fn embeddings_fill_kerass_interval() {
        let table = values(embedding(3, 0, [1000, 32], &Device::flex()).weight);
        let fold = |pick: fn(f32, f32) -> f32| table.iter().copied().fold(0.0, pick);
        let (least, most) = (fold(f32::min), fold(f32::max));
        assert!((-0.05..-0.0499).contains(&least), "{least}");
        assert!((0.0499..=0.05).contains(&most), "{most}");
    }
}
