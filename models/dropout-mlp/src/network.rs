use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::{Device, Tensor};
use kernels::{DropoutKey, dense, dense_stack, dropout, linear};
use spec::{Activation, Batch, Build, DataSpec};

use crate::DropoutMlp;

/// The network of a [`DropoutMlp`].
#[derive(Module, Debug)]
pub struct Network {
    hidden: Vec<Linear>,
    #[module(skip)]
    activation: Activation,
    output: Linear,
    dropout: f64,
}

impl Build for DropoutMlp {
    type Network = Network;

    fn init(&self, data: &DataSpec, seed: u64, device: &Device) -> Network {
        let inputs = data.features();
        let hidden: Vec<usize> = self.hidden.iter().map(|units| units.get()).collect();
        let last_width = *hidden.last().unwrap_or(&inputs);
        Network {
            activation: self.activation,
            output: dense(
                seed,
                hidden.len() as u32,
                [last_width, data.logits()],
                device,
            ),
            hidden: dense_stack(seed, inputs, &hidden, device),
            dropout: self.dropout.get(),
        }
    }
}

impl spec::Network for Network {
    fn forward(&self, batch: Batch, key: Option<DropoutKey>) -> Tensor<2> {
        let mut activations = batch.dense();
        for (index, layer) in (0..).zip(&self.hidden) {
            activations = self.activation.of_linear(layer, activations);
            if let Some(key) = key {
                activations = dropout(activations, self.dropout, index, key);
            }
        }
        linear(&self.output, activations)
    }
}

#[cfg(test)]
mod tests {
    use spec::{InputSpec, Network as _};

    use super::*;

    const KEY: DropoutKey = DropoutKey { seed: 0, step: 0 };

    fn model(dropout: f64) -> Network {
        let config = format!(r#"{{ "hidden": [128, 128], "dropout": {dropout} }}"#);
        let config: DropoutMlp = serde_json::from_str(&config).unwrap();
        let digits = DataSpec {
            input: InputSpec::Dense {
                shape: vec![28, 28, 1],
            },
            classes: (0..10).map(|digit| digit.to_string()).collect(),
        };
        config.init(&digits, 0, &Device::flex())
    }

    fn input() -> Batch {
        Batch::Dense(Tensor::ones([3, 784], &Device::flex()))
    }

    #[test]
    fn has_the_notebooks_parameters() {
        assert_eq!(model(0.3).num_params(), 118_282);
    }

    #[test]
    fn gives_a_logit_per_class() {
        assert_eq!(model(0.3).forward(input(), Some(KEY)).dims(), [3, 10]);
    }

    #[test]
    fn evaluation_drops_nothing_and_training_does() {
        let model = model(0.3);
        let evaluated = model.forward(input(), None).into_data();
        assert_eq!(evaluated, model.forward(input(), None).into_data());
        assert_ne!(evaluated, model.forward(input(), Some(KEY)).into_data());
    }

    #[test]
    fn training_without_dropout_is_evaluation() {
        let model = model(0.0);
        let trained = model.forward(input(), Some(KEY)).into_data();
        assert_eq!(trained, model.forward(input(), None).into_data());
    }
}
