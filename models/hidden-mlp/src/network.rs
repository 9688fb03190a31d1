use burn::module::Module;
use burn::nn::{BatchNorm, Linear};
use burn::tensor::{Device, Tensor};
use kernels::{DropoutKey, batch_norm, dense, dense_stack, linear};
use spec::{Activation, Batch, Build, DataSpec};

use crate::HiddenMlp;

/// The network of a [`HiddenMlp`].
#[derive(Module, Debug)]
pub struct Network {
    hidden: Vec<Linear>,
    /// One per hidden layer; empty without batch normalisation.
    norm: Vec<BatchNorm>,
    #[module(skip)]
    activation: Activation,
    output: Linear,
}

impl Build for HiddenMlp {
    type Network = Network;

    fn init(&self, data: &DataSpec, seed: u64, device: &Device) -> Network {
        let inputs = data.features();
        let hidden: Vec<usize> = self.hidden.iter().map(|units| units.get()).collect();
        let last_width = *hidden.last().unwrap_or(&inputs);
        let norm = self.batch_norm.map(|norm| {
            let (momentum, epsilon) = (norm.momentum.get(), norm.epsilon.get());
            let units = hidden.iter();
            units
                .map(|&units| batch_norm(units, momentum, epsilon, device))
                .collect()
        });
        Network {
            norm: norm.unwrap_or_default(),
            activation: self.activation,
            output: dense(
                seed,
                hidden.len() as u32,
                [last_width, data.logits()],
                device,
            ),
            hidden: dense_stack(seed, inputs, &hidden, device),
        }
    }
}

impl spec::Network for Network {
    fn forward(&self, batch: Batch, _: Option<DropoutKey>) -> Tensor<2> {
        let mut activations = batch.dense();
        for (index, layer) in self.hidden.iter().enumerate() {
            activations = match self.norm.get(index) {
                None => self.activation.of_linear(layer, activations),
                Some(norm) => {
                    let normalised = norm.forward(linear(layer, activations));
                    self.activation.forward(normalised)
                }
            };
        }
        linear(&self.output, activations)
    }
}

#[cfg(test)]
mod tests {
    use spec::{InputSpec, Network as _};

    use super::*;

    fn digits() -> DataSpec {
        DataSpec {
            input: InputSpec::Dense {
                shape: vec![28, 28, 1],
            },
            classes: (0..10).map(|digit| digit.to_string()).collect(),
        }
    }

    fn model(hidden: &str) -> Network {
        let config = format!(r#"{{ "hidden": {hidden} }}"#);
        let config: HiddenMlp = serde_json::from_str(&config).unwrap();
        config.init(&digits(), 0, &Device::flex())
    }

    #[test]
    fn has_the_notebooks_parameters() {
        assert_eq!(model("[128, 128]").num_params(), 118_282);
        assert_eq!(model("[]").num_params(), 7_850);
    }

    #[test]
    fn gives_a_logit_per_class() {
        let input = Batch::Dense(Tensor::ones([3, 784], &Device::flex()));
        assert_eq!(model("[128, 128]").forward(input, None).dims(), [3, 10]);
    }

    #[test]
    fn is_linear_without_hidden_layers_and_not_with_one() {
        let odd = |hidden: &str| {
            let input = Tensor::ones([1, 784], &Device::flex());
            let model = model(hidden);
            let sum = model.forward(Batch::Dense(input.clone()), None)
                + model.forward(Batch::Dense(-input), None);
            sum.abs().max().into_scalar::<f32>()
        };
        assert!(odd("[]") < 1e-5);
        assert!(odd("[32]") > 0.1);
    }
}
