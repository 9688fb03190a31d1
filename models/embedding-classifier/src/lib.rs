//! A text classifier: a token embedding, global max pooling over time, and a hidden dense layer
//! before the logits, with dropout after the embedding and after the hidden layer.

#[cfg(feature = "burn")]
mod network;

#[cfg(feature = "burn")]
pub use network::Network;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use spec::{Activation, Architecture, Count, DataSpec, Fraction, InputSpec, Layer, LayerKind};

/// For texts: a token embedding, global max pooling over time, a dense layer with ReLU, then a
/// dense layer of logits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EmbeddingClassifier {
    /// The size of a token's embedding vector.
    pub embedding: Count<1, 65_536>,
    /// The probability of dropping an entry of an embedding vector.
    pub embedding_dropout: Fraction,
    /// Units of the hidden dense layer.
    pub hidden: Count<1, 65_536>,
    /// The probability of dropping an activation of the hidden layer.
    pub hidden_dropout: Fraction,
}

impl Architecture for EmbeddingClassifier {
    fn takes(input: &InputSpec) -> bool {
        matches!(input, InputSpec::Tokens { .. })
    }

    fn layers(&self, data: &DataSpec) -> Vec<Layer> {
        let tokens = data.vocabulary().unwrap_or(0);
        let (width, units) = (self.embedding.get(), self.hidden.get());
        let embedded = [data.features(), width];
        vec![
            Layer::new("embedding", LayerKind::Embedding { tokens }, &embedded),
            Layer::dropout(self.embedding_dropout.get(), &embedded),
            Layer::new("maximum over time", LayerKind::GlobalMaxPool1d, &[width]),
            Layer::dense("hidden", width, units),
            Layer::activation(Activation::Relu, &[units]),
            Layer::dropout(self.hidden_dropout.get(), &[units]),
            Layer::dense("output", units, data.logits()),
        ]
    }
}
