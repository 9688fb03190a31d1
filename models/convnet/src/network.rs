use burn::module::Module;
use burn::nn::Linear;
use burn::nn::conv::Conv2d;
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::tensor::{Device, Tensor};
use kernels::{DropoutKey, conv2d, dense, dropout, linear, max_pool};
use spec::{Activation, Batch, Build, DataSpec};

use crate::{Convnet, picture};

/// A [`Convnet`] with its weights.
#[derive(Module, Debug)]
pub struct Network {
    conv: Vec<Conv2d>,
    #[module(skip)]
    activation: Activation,
    pool: MaxPool2d,
    output: Linear,
    dropout: f64,
    /// Rows, columns and channels of an image.
    rows: usize,
    columns: usize,
    channels: usize,
}

impl Build for Convnet {
    type Network = Network;

    fn init(&self, data: &DataSpec, seed: u64, device: &Device) -> Network {
        let shape @ [rows, columns, channels] = picture(data).unwrap_or_default();
        let kernel = self.kernel.get();
        let stages = self.stages(shape);
        let features = stages.last().map_or(shape.iter().product(), |last| {
            last.pooled.iter().product::<usize>() * last.filters
        });
        let output = stages.len() as u32;
        Network {
            conv: (0..)
                .zip(&stages)
                .map(|(layer, stage)| {
                    let channels = [stage.channels, stage.filters];
                    conv2d(seed, layer, channels, [kernel; 2], device)
                })
                .collect(),
            activation: self.activation,
            pool: MaxPool2dConfig::new([self.pool.get(); 2]).init(),
            output: dense(seed, output, [features, data.logits()], device),
            dropout: self.dropout.get(),
            rows,
            columns,
            channels,
        }
    }
}

impl spec::Network for Network {
    fn forward(&self, batch: Batch, key: Option<DropoutKey>) -> Tensor<2> {
        let pictures = batch.dense();
        let count = pictures.dims()[0];
        // `[batch, rows, columns, channels]` to `[batch, channels, rows, columns]`.
        let mut activations = pictures
            .reshape([count, self.rows, self.columns, self.channels])
            .permute([0, 3, 1, 2]);
        for conv in &self.conv {
            activations = self.activation.of_convolution(conv, activations);
            activations = max_pool(&self.pool, activations);
        }
        // Channels last again, the order in which Keras flattens.
        let mut features: Tensor<2> = activations.permute([0, 2, 3, 1]).flatten(1, 3);
        if let Some(key) = key {
            features = dropout(features, self.dropout, 0, key);
        }
        linear(&self.output, features)
    }
}

#[cfg(test)]
mod tests {
    use burn::module::Param;
    use burn::tensor::TensorData;
    use spec::{InputSpec, Network as _};

    use super::*;

    const KEY: DropoutKey = DropoutKey { seed: 0, step: 0 };

    fn model(config: &str, shape: [usize; 3]) -> Network {
        let config: Convnet = serde_json::from_str(config).unwrap();
        let data = DataSpec {
            input: InputSpec::Dense {
                shape: shape.to_vec(),
            },
            classes: (0..10).map(|class| class.to_string()).collect(),
        };
        config.init(&data, 0, &Device::flex())
    }

    const EXAMPLE: &str = r#"{ "filters": [32, 64], "dropout": 0.5 }"#;

    fn input() -> Batch {
        let pixels: Vec<f32> = (0..3 * 784)
            .map(|pixel| (pixel % 17) as f32 / 17.0)
            .collect();
        Batch::Dense(Tensor::from_data(
            TensorData::new(pixels, [3, 784]),
            &Device::flex(),
        ))
    }

    #[test]
    fn has_the_examples_parameters_and_a_logit_per_class() {
        let model = model(EXAMPLE, [28, 28, 1]);
        assert_eq!(model.num_params(), 34_826);
        assert_eq!(model.forward(input(), Some(KEY)).dims(), [3, 10]);
    }

    #[test]
    fn evaluation_drops_nothing_and_training_does() {
        let model = model(EXAMPLE, [28, 28, 1]);
        let evaluated = model.forward(input(), None).into_data();
        assert_eq!(evaluated, model.forward(input(), None).into_data());
        assert_ne!(evaluated, model.forward(input(), Some(KEY)).into_data());
    }

    #[test]
    fn filters_fill_glorots_interval() {
        let model = model(EXAMPLE, [28, 28, 1]);
        let filters: Vec<f32> = model.conv[1].weight.val().into_data().iter().collect();
        let limit = (6.0f32 / (9.0 * 96.0)).sqrt();
        let largest = filters
            .iter()
            .fold(0.0f32, |most, value| most.max(value.abs()));
        assert!((0.99 * limit..=limit).contains(&largest), "{largest}");
    }

    /// A filter of one pixel that passes one channel through must find it in channels-last data.
    #[test]
    fn channels_come_last() {
        let config = r#"{ "filters": [1], "kernel": 1, "pool": 1, "dropout": 0 }"#;
        let mut model = model(config, [2, 2, 3]);
        let filter = TensorData::new(vec![0.0f32, 1.0, 0.0], [1, 3, 1, 1]);
        model.conv[0].weight = Param::from_data(filter, &Device::flex());
        // The first logit is the second pixel.
        let mut weights = vec![0.0f32; 40];
        weights[10] = 1.0;
        model.output.weight = Param::from_data(TensorData::new(weights, [4, 10]), &Device::flex());
        let pixels: Vec<f32> = (0..12).map(|value| value as f32).collect();
        let input = Tensor::from_data(TensorData::new(pixels, [1, 12]), &Device::flex());
        let logits: Vec<f32> = model
            .forward(Batch::Dense(input), None)
            .into_data()
            .iter()
            .collect();
        // The second channel of that pixel comes after the three channels of the first pixel.
        assert_eq!(logits[0], 4.0);
    }
}
