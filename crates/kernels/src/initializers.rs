use burn::module::Param;
use burn::nn::{Embedding, Linear};
use burn::tensor::{Device, Tensor, TensorData};
use random::{Purpose, Stream, unit};

/// A dense layer as Keras makes it: kernel `[inputs, units]` by Glorot uniform, biases zero.
///
/// `layer` is the layer's place in its model; together with the seed it decides the weights.
///
/// Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks"
/// (AISTATS 2010): uniform between plus and minus `sqrt(6 / (inputs + units))`.
pub fn dense(seed: u64, layer: u32, [inputs, units]: [usize; 2], device: &Device) -> Linear {
    let limit = (6.0 / (inputs + units) as f64).sqrt() as f32;
    Linear {
        weight: uniform(limit, seed, layer, [inputs, units], device),
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

/// An embedding as Keras makes it: a table `[tokens, width]`, uniform between plus and minus 0.05.
pub fn embedding(seed: u64, layer: u32, [tokens, width]: [usize; 2], device: &Device) -> Embedding {
    Embedding {
        weight: uniform(0.05, seed, layer, [tokens, width], device),
    }
}

fn uniform(
    limit: f32,
    seed: u64,
    layer: u32,
    shape: [usize; 2],
    device: &Device,
) -> Param<Tensor<2>> {
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

    #[test]
    fn embeddings_fill_kerass_interval() {
        let table = embedding(3, 0, [1000, 32], &Device::flex()).weight.val();
        let table: Vec<f32> = table.into_data().try_into_vec().unwrap();
        let fold = |pick: fn(f32, f32) -> f32| table.iter().copied().fold(0.0, pick);
        let (least, most) = (fold(f32::min), fold(f32::max));
        assert!((-0.05..-0.0499).contains(&least), "{least}");
        assert!((0.0499..=0.05).contains(&most), "{most}");
    }
}
