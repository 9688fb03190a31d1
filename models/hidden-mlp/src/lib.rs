//! A multilayer perceptron: dense layers with an activation after each, then a dense layer of
//! logits. Batch normalisation before the activations is optional.

#[cfg(feature = "burn")]
mod network;

#[cfg(feature = "burn")]
pub use network::Network;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use spec::{
    Activation, Architecture, Count, DataSpec, Fraction, InputSpec, Layer, LayerKind, Positive,
    UpTo,
};

/// Dense layers with an activation after each, then a dense layer of logits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HiddenMlp {
    /// Units of each hidden layer, starting at the input; an empty list gives a linear classifier.
    pub hidden: UpTo<Count<1, 65_536>, 64>,
    /// The activation after each hidden layer.
    #[serde(default = "relu")]
    pub activation: Activation,
    /// Batch normalisation of each hidden layer's outputs, before the activation; off if absent.
    #[serde(default)]
    pub batch_norm: Option<BatchNorm>,
}

/// Batch normalisation with Keras's parameters and defaults.
///
/// Ioffe and Szegedy, "Batch Normalization: Accelerating Deep Network Training by Reducing Internal
/// Covariate Shift" (ICML 2015). Training uses the batch's statistics, evaluation the running ones.
/// Both variances are biased: divided by the number of examples.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BatchNorm {
    /// The fraction of the running mean and variance that a step keeps.
    #[serde(default = "momentum")]
    pub momentum: Fraction,
    /// Added to the variance before the division.
    #[serde(default = "epsilon")]
    pub epsilon: Positive,
}

fn relu() -> Activation {
    Activation::Relu
}

/// Keras's default.
fn momentum() -> Fraction {
    Fraction::new(0.99)
}

/// Keras's default.
fn epsilon() -> Positive {
    Positive::new(0.001)
}

impl Architecture for HiddenMlp {
    fn takes(input: &InputSpec) -> bool {
        matches!(input, InputSpec::Dense { .. })
    }

    fn layers(&self, data: &DataSpec) -> Vec<Layer> {
        let mut layers = Vec::new();
        let mut inputs = data.features();
        for (index, units) in self.hidden.iter().map(|units| units.get()).enumerate() {
            layers.push(Layer::dense(format!("hidden.{index}"), inputs, units));
            if self.batch_norm.is_some() {
                let name = format!("norm.{index}");
                layers.push(Layer::new(name, LayerKind::BatchNorm, &[units]));
            }
            layers.push(Layer::activation(self.activation, &[units]));
            inputs = units;
        }
        layers.push(Layer::dense("output", inputs, data.logits()));
        layers
    }
}
