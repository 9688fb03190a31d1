//! The multilayer perceptron with hidden layers: dense layers, each with an activation and where
//! wanted batch normalisation before it, then one of logits.

use burn::module::Module;
use burn::nn::activation::{Activation, ActivationConfig};
use burn::nn::{BatchNorm, BatchNormConfig, Linear};
use burn::tensor::{Device, Tensor};
use kernels::{dense, dense_stack};

/// The shape of a [`HiddenMlp`].
#[derive(Clone, Debug)]
pub struct HiddenMlpConfig {
    /// Features of an input.
    pub inputs: usize,
    /// Units of each hidden layer, from the input's side.
    pub hidden: Vec<usize>,
    pub classes: usize,
    pub activation: ActivationConfig,
    pub batch_norm: Option<BatchNormalization>,
}

/// Batch normalisation as Keras parameterises it.
///
/// Ioffe and Szegedy, "Batch Normalization: Accelerating Deep Network Training by Reducing Internal
/// Covariate Shift" (ICML 2015). Normalised by the batch in training, by the running statistics
/// otherwise; the variance is divided by the number of examples in both.
#[derive(Clone, Copy, Debug)]
pub struct BatchNormalization {
    /// What the running statistics keep at a step, `[0, 1)`.
    pub momentum: f64,
    /// Added to the variance, above 0.
    pub epsilon: f64,
}

#[derive(Module, Debug)]
pub struct HiddenMlp {
    hidden: Vec<Linear>,
    /// As many as hidden layers, or none.
    norm: Vec<BatchNorm>,
    activation: Activation,
    output: Linear,
}

impl HiddenMlpConfig {
    /// A model with the initial weights that belong to the seed.
    pub fn init(&self, seed: u64, device: &Device) -> HiddenMlp {
        let last_width = *self.hidden.last().unwrap_or(&self.inputs);
        let output = self.hidden.len() as u32;
        let norms = self.batch_norm.map(|norm| {
            let units = self.hidden.iter();
            units.map(|&units| norm.init(units, device)).collect()
        });
        HiddenMlp {
            hidden: dense_stack(seed, self.inputs, &self.hidden, device),
            norm: norms.unwrap_or_default(),
            activation: self.activation.init(device),
            output: dense(seed, output, [last_width, self.classes], device),
        }
    }
}

impl BatchNormalization {
    fn init(self, units: usize, device: &Device) -> BatchNorm {
        // Burn's momentum is what the running statistics take.
        BatchNormConfig::new(units)
            .with_momentum(1.0 - self.momentum)
            .with_epsilon(self.epsilon)
            .init(device)
    }
}

impl HiddenMlp {
    /// # Shapes
    ///
    /// - input: `[batch, inputs]`
    /// - logits: `[batch, classes]`
    pub fn forward(&self, input: Tensor<2>) -> Tensor<2> {
        let mut activations = input;
        for (index, layer) in self.hidden.iter().enumerate() {
            activations = layer.forward(activations);
            if let Some(norm) = self.norm.get(index) {
                activations = norm.forward(activations);
            }
            activations = self.activation.forward(activations);
        }
        self.output.forward(activations)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTEBOOK: [usize; 2] = [128, 128];

    fn model(hidden: &[usize]) -> HiddenMlp {
        let config = HiddenMlpConfig {
            inputs: 784,
            hidden: hidden.to_vec(),
            classes: 10,
            activation: ActivationConfig::Relu,
            batch_norm: None,
        };
        config.init(0, &Device::flex())
    }

    #[test]
    fn has_the_notebooks_parameters() {
        assert_eq!(model(&NOTEBOOK).num_params(), 118_282);
        assert_eq!(model(&[]).num_params(), 7_850);
    }

    #[test]
    fn gives_a_logit_per_class() {
        let input = Tensor::ones([3, 784], &Device::flex());
        assert_eq!(model(&NOTEBOOK).forward(input).dims(), [3, 10]);
    }

    #[test]
    fn is_linear_without_hidden_layers_and_not_with_one() {
        let odd = |hidden: &[usize]| {
            let input = Tensor::ones([1, 784], &Device::flex());
            let model = model(hidden);
            let sum = model.forward(input.clone()) + model.forward(-input);
            sum.abs().max().into_scalar::<f32>()
        };
        assert!(odd(&[]) < 1e-5);
        assert!(odd(&[32]) > 0.1);
    }
}
