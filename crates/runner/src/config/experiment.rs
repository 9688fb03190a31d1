//! The config file's own types: what may be written, not yet whether it makes sense. Their
//! documentation is the text of the JSON Schema.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::defaults;

/// One experiment: data, model, optimizer and training. The file's name is the experiment's name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Experiment {
    /// The JSON Schema that editors check this file with.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub(crate) schema: Option<String>,
    /// What the experiment is about, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) about: Option<String>,
    pub(crate) data: DataConfig,
    pub(crate) model: ModelConfig,
    pub(crate) optimizer: OptimizerConfig,
    pub(crate) training: TrainingConfig,
    /// A run for each: the seed decides initial weights, order of examples and dropout masks.
    #[serde(default = "defaults::seeds")]
    #[schemars(length(min = 1))]
    pub(crate) seeds: Vec<u64>,
    /// Bounds that the finished run must keep, by metric.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) expect: BTreeMap<Metric, Bounds>,
}

/// The data set and how it is split.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DataConfig {
    /// Handwritten digits, 28 x 28: 60,000 for training, 10,000 for the test.
    Mnist(MnistConfig),
    /// Digits that hearth draws itself, 28 x 28, easier than handwriting: no files, no network.
    SyntheticDigits(SyntheticDigitsConfig),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MnistConfig {
    /// The part of the training set, from its end, that is held out for validation.
    #[serde(default = "defaults::validation_fraction")]
    #[schemars(range(min = 0, max = 1))]
    pub validation_fraction: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SyntheticDigitsConfig {
    #[serde(default = "defaults::train_examples")]
    #[schemars(range(min = 10, max = 1_000_000))]
    pub train_examples: usize,
    #[serde(default = "defaults::test_examples")]
    #[schemars(range(min = 10, max = 1_000_000))]
    pub test_examples: usize,
    /// The part of the training set, from its end, that is held out for validation.
    #[serde(default = "defaults::validation_fraction")]
    #[schemars(range(min = 0, max = 1))]
    pub validation_fraction: f64,
}

impl DataConfig {
    /// The part of the training set that is held out.
    pub fn validation_fraction(&self) -> f64 {
        match self {
            Self::Mnist(data) => data.validation_fraction,
            Self::SyntheticDigits(data) => data.validation_fraction,
        }
    }
}

/// The network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ModelConfig {
    /// Dense layers with ReLU, then one of logits.
    HiddenMlp(HiddenMlpConfig),
    /// The same with dropout after each hidden layer.
    DropoutMlp(DropoutMlpConfig),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HiddenMlpConfig {
    /// Units of each hidden layer, from the input's side; none makes a linear classifier.
    pub hidden: Vec<usize>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DropoutMlpConfig {
    /// Units of each hidden layer, from the input's side; none makes a linear classifier.
    pub hidden: Vec<usize>,
    /// The probability that an activation is dropped, at least 0 and below 1.
    #[schemars(range(min = 0, max = 1))]
    pub dropout: f64,
}

/// The optimizer, by Keras's definitions and with Keras's defaults.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OptimizerConfig {
    /// Stochastic gradient descent: `w -= learning_rate * g`.
    Sgd(SgdConfig),
    /// RMSprop: `v = rho * v + (1 - rho) * g^2; w -= learning_rate * g / sqrt(v + epsilon)`.
    Rmsprop(RmspropConfig),
    /// Adam, epsilon added to the uncorrected root as in Keras.
    Adam(AdamConfig),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SgdConfig {
    /// Above 0.
    #[serde(default = "defaults::sgd_learning_rate")]
    pub learning_rate: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RmspropConfig {
    /// Above 0.
    #[serde(default = "defaults::rmsprop_learning_rate")]
    pub learning_rate: f64,
    /// What the running mean of squared gradients keeps at a step, at least 0 and below 1.
    #[serde(default = "defaults::rho")]
    pub rho: f64,
    /// Above 0.
    #[serde(default = "defaults::epsilon")]
    pub epsilon: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AdamConfig {
    /// Above 0.
    #[serde(default = "defaults::adam_learning_rate")]
    pub learning_rate: f64,
    /// What the running mean of gradients keeps at a step, at least 0 and below 1.
    #[serde(default = "defaults::beta_1")]
    pub beta_1: f64,
    /// What the running mean of squared gradients keeps at a step, at least 0 and below 1.
    #[serde(default = "defaults::beta_2")]
    pub beta_2: f64,
    /// Above 0.
    #[serde(default = "defaults::epsilon")]
    pub epsilon: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TrainingConfig {
    /// Passes over the training set.
    #[schemars(range(min = 1, max = 100_000))]
    pub epochs: usize,
    /// Examples to a step; the last batch of an epoch may be smaller.
    #[serde(default = "defaults::batch_size")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub batch_size: usize,
}

/// A figure of a finished run: of the test, or of the last epoch.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub(crate) enum Metric {
    #[serde(rename = "test.accuracy")]
    TestAccuracy,
    #[serde(rename = "test.loss")]
    TestLoss,
    #[serde(rename = "train.accuracy")]
    TrainAccuracy,
    #[serde(rename = "train.loss")]
    TrainLoss,
    #[serde(rename = "validation.accuracy")]
    ValidationAccuracy,
    #[serde(rename = "validation.loss")]
    ValidationLoss,
}

/// At least one of the two.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Bounds {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<f64>,
}

impl std::fmt::Display for Metric {
    fn fmt(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::TestAccuracy => "test.accuracy",
            Self::TestLoss => "test.loss",
            Self::TrainAccuracy => "train.accuracy",
            Self::TrainLoss => "train.loss",
            Self::ValidationAccuracy => "validation.accuracy",
            Self::ValidationLoss => "validation.loss",
        })
    }
}
