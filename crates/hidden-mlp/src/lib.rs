//! The multilayer perceptron with hidden layers: dense layers with ReLU, then one of logits.

use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::{Device, Tensor, activation::relu};
use kernels::{dense, dense_stack};

/// The shape of a [`HiddenMlp`].
#[derive(Clone, Debug)]
pub struct HiddenMlpConfig {
    /// Features of an input.
    pub inputs: usize,
    /// Units of each hidden layer, from the input's side.
    pub hidden: Vec<usize>,
    pub classes: usize,
}

#[derive(Module, Debug)]
pub struct HiddenMlp {
    hidden: Vec<Linear>,
    output: Linear,
}

impl HiddenMlpConfig {
    /// A model with the initial weights that belong to the seed.
    pub fn init(&self, seed: u64, device: &Device) -> HiddenMlp {
        let last_width = *self.hidden.last().unwrap_or(&self.inputs);
        let output = self.hidden.len() as u32;
        HiddenMlp {
            hidden: dense_stack(seed, self.inputs, &self.hidden, device),
            output: dense(seed, output, [last_width, self.classes], device),
        }
    }
}

impl HiddenMlp {
    /// # Shapes
    ///
    /// - input: `[batch, inputs]`
    /// - logits: `[batch, classes]`
    pub fn forward(&self, input: Tensor<2>) -> Tensor<2> {
        let activations = self
            .hidden
            .iter()
            .fold(input, |input, layer| relu(layer.forward(input)));
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
