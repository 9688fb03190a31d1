//! The multilayer perceptron with dropout after each hidden layer.

use burn::module::Module;
use burn::nn::Linear;
use burn::nn::activation::{Activation, ActivationConfig};
use burn::tensor::{Device, Tensor};
use kernels::{DropoutKey, dense, dense_stack, dropout};

/// The shape of a [`DropoutMlp`].
#[derive(Clone, Debug)]
pub struct DropoutMlpConfig {
    /// Features of an input.
    pub inputs: usize,
    /// Units of each hidden layer, from the input's side.
    pub hidden: Vec<usize>,
    pub classes: usize,
    pub activation: ActivationConfig,
    /// Probability that an activation is dropped, `[0, 1)`.
    pub dropout: f64,
}

#[derive(Module, Debug)]
pub struct DropoutMlp {
    hidden: Vec<Linear>,
    activation: Activation,
    output: Linear,
    dropout: f64,
}

impl DropoutMlpConfig {
    /// A model with the initial weights that belong to the seed.
    pub fn init(&self, seed: u64, device: &Device) -> DropoutMlp {
        let last_width = *self.hidden.last().unwrap_or(&self.inputs);
        let output = self.hidden.len() as u32;
        DropoutMlp {
            hidden: dense_stack(seed, self.inputs, &self.hidden, device),
            activation: self.activation.init(device),
            output: dense(seed, output, [last_width, self.classes], device),
            dropout: self.dropout,
        }
    }
}

impl DropoutMlp {
    /// Without dropout, for evaluation and prediction.
    ///
    /// # Shapes
    ///
    /// - input: `[batch, inputs]`
    /// - logits: `[batch, classes]`
    pub fn forward(&self, input: Tensor<2>) -> Tensor<2> {
        self.forward_with(input, |_, activations| activations)
    }

    /// With the dropout masks that belong to the key; shapes as for [`forward`](Self::forward).
    pub fn forward_training(&self, input: Tensor<2>, key: DropoutKey) -> Tensor<2> {
        self.forward_with(input, |layer, activations| {
            dropout(activations, self.dropout, layer, key)
        })
    }

    fn forward_with(
        &self,
        input: Tensor<2>,
        after_hidden: impl Fn(u32, Tensor<2>) -> Tensor<2>,
    ) -> Tensor<2> {
        let mut activations = input;
        for (index, layer) in (0..).zip(&self.hidden) {
            let hidden = self.activation.forward(layer.forward(activations));
            activations = after_hidden(index, hidden);
        }
        self.output.forward(activations)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: DropoutKey = DropoutKey { seed: 0, step: 0 };

    fn model(dropout: f64) -> DropoutMlp {
        let config = DropoutMlpConfig {
            inputs: 784,
            hidden: vec![128, 128],
            classes: 10,
            activation: ActivationConfig::Relu,
            dropout,
        };
        config.init(0, &Device::flex())
    }

    fn input() -> Tensor<2> {
        Tensor::ones([3, 784], &Device::flex())
    }

    #[test]
    fn has_the_notebooks_parameters() {
        assert_eq!(model(0.3).num_params(), 118_282);
    }

    #[test]
    fn gives_a_logit_per_class() {
        assert_eq!(model(0.3).forward_training(input(), KEY).dims(), [3, 10]);
    }

    #[test]
    fn evaluation_drops_nothing_and_training_does() {
        let model = model(0.3);
        let evaluated = model.forward(input()).into_data();
        assert_eq!(evaluated, model.forward(input()).into_data());
        assert_ne!(evaluated, model.forward_training(input(), KEY).into_data());
    }

    #[test]
    fn training_without_dropout_is_evaluation() {
        let model = model(0.0);
        let trained = model.forward_training(input(), KEY).into_data();
        assert_eq!(trained, model.forward(input()).into_data());
    }
}
