use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::defaults;

/// The network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ModelConfig {
    /// Dense layers, each with an activation, then one of logits.
    HiddenMlp(HiddenMlpConfig),
    /// The same with dropout after each hidden layer.
    DropoutMlp(DropoutMlpConfig),
    /// For reviews: a learnt vector for each token, the maximum over time, a dense layer with ReLU,
    /// one logit.
    EmbeddingClassifier(EmbeddingClassifierConfig),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HiddenMlpConfig {
    /// Units of each hidden layer, from the input's side; none makes a linear classifier.
    pub hidden: Vec<usize>,
    /// After each hidden layer.
    #[serde(default = "defaults::activation")]
    pub activation: Activation,
    /// Normalises what each hidden layer gives over the batch, before the activation.
    #[serde(default)]
    pub batch_norm: Option<BatchNormConfig>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DropoutMlpConfig {
    /// Units of each hidden layer, from the input's side; none makes a linear classifier.
    pub hidden: Vec<usize>,
    /// After each hidden layer.
    #[serde(default = "defaults::activation")]
    pub activation: Activation,
    /// The probability that an activation is dropped, at least 0 and below 1.
    #[schemars(range(min = 0, max = 1))]
    pub dropout: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EmbeddingClassifierConfig {
    /// Entries of a token's vector.
    #[schemars(range(min = 1, max = 65_536))]
    pub embedding: usize,
    /// The probability that an entry of an embedded token is dropped, at least 0 and below 1.
    #[schemars(range(min = 0, max = 1))]
    pub embedding_dropout: f64,
    /// Units of the dense layer.
    #[schemars(range(min = 1, max = 65_536))]
    pub hidden: usize,
    /// The probability that one of its activations is dropped, at least 0 and below 1.
    #[schemars(range(min = 0, max = 1))]
    pub hidden_dropout: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    Relu,
    Sigmoid,
    Tanh,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BatchNormConfig {
    /// What the running mean and variance keep at a step, at least 0 and below 1.
    #[serde(default = "defaults::batch_norm_momentum")]
    pub momentum: f64,
    /// Added to the variance, above 0.
    #[serde(default = "defaults::batch_norm_epsilon")]
    pub epsilon: f64,
}
