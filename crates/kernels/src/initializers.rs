use burn::module::Param;
use burn::nn::Linear;
use burn::tensor::{Device, TensorData};
use random::{Purpose, Stream, unit};

/// A dense layer as Keras makes it: kernel `[inputs, units]` by Glorot uniform, biases zero.
///
/// `layer` is the layer's place in its model; together with the seed it decides the weights.
///
/// Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks"
/// (AISTATS 2010): uniform between plus and minus `sqrt(6 / (inputs + units))`.
pub fn dense(seed: u64, layer: u32, [inputs, units]: [usize; 2], device: &Device) -> Linear {
    let limit = (6.0 / (inputs + units) as f64).sqrt() as f32;
    let kernel = Stream::new(seed, Purpose::InitialWeights, layer, 0)
        .words(inputs * units)
        .into_iter()
        .map(|word| limit * (2.0 * unit(word) - 1.0))
        .collect();
    Linear {
        weight: Param::from_data(TensorData::new::<f32, _>(kernel, [inputs, units]), device),
        bias: Some(Param::from_data(
            TensorData::zeros::<f32, _>([units]),
            device,
        )),
    }
}

/// Dense layers from `inputs` features to the last of `units`, the first being layer 0.
pub fn dense_stack(seed: u64, inputs: usize, units: &[usize], device: &Device) -> Vec<Linear> {
    let widths: Vec<usize> = std::iter::once(inputs)
        .chain(units.iter().copied())
        .collect();
    (0..)
        .zip(widths.windows(2))
        .map(|(layer, pair)| dense(seed, layer, [pair[0], pair[1]], device))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernels_fill_glorots_interval_and_biases_are_zero() {
        let layer = dense(3, 0, [784, 128], &Device::flex());
        let kernel: Vec<f32> = layer.weight.val().into_data().try_into_vec().unwrap();
        let limit = (6.0f32 / 912.0).sqrt();
        let largest = kernel
            .iter()
            .fold(0.0, |largest: f32, weight| largest.max(weight.abs()));
        assert!(
            (0.999 * limit..=limit).contains(&largest),
            "{largest} of {limit}"
        );

        let mean = kernel.iter().sum::<f32>() / kernel.len() as f32;
        assert!(mean.abs() < 0.001, "mean {mean}");

        let bias: Vec<f32> = layer
            .bias
            .unwrap()
            .val()
            .into_data()
            .try_into_vec()
            .unwrap();
        assert_eq!(bias, [0.0; 128]);
    }

    #[test]
    fn the_seed_and_the_layer_decide_the_kernel() {
        let kernel = |seed, layer| {
            dense(seed, layer, [5, 4], &Device::flex())
                .weight
                .val()
                .into_data()
        };
        assert_eq!(kernel(1, 0), kernel(1, 0));
        assert_ne!(kernel(1, 0), kernel(2, 0));
        assert_ne!(kernel(1, 0), kernel(1, 1));
    }
}
