//! A multilayer perceptron with dropout after each hidden layer.

#[cfg(feature = "burn")]
mod network;

#[cfg(feature = "burn")]
pub use network::Network;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use spec::{Activation, Architecture, Count, DataSpec, Fraction, InputSpec, Layer, UpTo};

/// Dense layers with an activation and dropout after each, then a dense layer of logits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DropoutMlp {
    /// Units of each hidden layer, starting at the input; an empty list gives a linear classifier.
    pub hidden: UpTo<Count<1, 65_536>, 64>,
    /// The activation after each hidden layer.
    #[serde(default = "relu")]
    pub activation: Activation,
    /// The probability of dropping an activation (Srivastava et al., "Dropout", 2014).
    pub dropout: Fraction,
}

fn relu() -> Activation {
    Activation::Relu
}

impl Architecture for DropoutMlp {
    fn takes(input: &InputSpec) -> bool {
        matches!(input, InputSpec::Dense { .. })
    }

    fn layers(&self, data: &DataSpec) -> Vec<Layer> {
        let mut layers = Vec::new();
        let mut inputs = data.features();
        for (index, units) in self.hidden.iter().map(|units| units.get()).enumerate() {
            layers.push(Layer::dense(format!("hidden.{index}"), inputs, units));
            layers.push(Layer::activation(self.activation, &[units]));
            layers.push(Layer::dropout(self.dropout.get(), &[units]));
            inputs = units;
        }
        layers.push(Layer::dense("output", inputs, data.logits()));
        layers
    }
}
