//! The config file's own types: what may be written, not yet whether it makes sense. Their
//! documentation is the text of the JSON Schema.

use std::collections::BTreeMap;

use datasets::Encoding;
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
    /// Film reviews, positive or negative: 25,000 for training, 25,000 for the test.
    Imdb(ImdbConfig),
    /// Reviews that hearth makes up itself, easier than people's: no files, no network.
    SyntheticReviews(SyntheticReviewsConfig),
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

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImdbConfig {
    /// Ids there are: padding, start, unknown, one unused, then the most frequent words.
    #[serde(default = "defaults::vocabulary_size")]
    #[schemars(range(min = 5, max = 1_000_000))]
    pub vocabulary_size: usize,
    /// Tokens of a review: its last, with padding in front of shorter ones.
    #[serde(default = "defaults::sequence_length")]
    #[schemars(range(min = 1, max = 10_000))]
    pub sequence_length: usize,
    /// The part of the training set, from its end, that is held out for validation.
    #[serde(default = "defaults::validation_fraction")]
    #[schemars(range(min = 0, max = 1))]
    pub validation_fraction: f64,
    /// Whether the test set serves for validation too. Whoever then chooses by the validation has
    /// no figure left that the choice did not see.
    #[serde(default = "defaults::validate_on_test")]
    pub validate_on_test: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SyntheticReviewsConfig {
    #[serde(default = "defaults::train_examples")]
    #[schemars(range(min = 10, max = 1_000_000))]
    pub train_examples: usize,
    #[serde(default = "defaults::test_examples")]
    #[schemars(range(min = 10, max = 1_000_000))]
    pub test_examples: usize,
    /// Ids there are: padding, start, unknown, one unused, then the most frequent words.
    #[serde(default = "defaults::vocabulary_size")]
    #[schemars(range(min = 5, max = 1_000_000))]
    pub vocabulary_size: usize,
    /// Tokens of a review: its last, with padding in front of shorter ones.
    #[serde(default = "defaults::sequence_length")]
    #[schemars(range(min = 1, max = 10_000))]
    pub sequence_length: usize,
    /// The part of the training set, from its end, that is held out for validation.
    #[serde(default = "defaults::validation_fraction")]
    #[schemars(range(min = 0, max = 1))]
    pub validation_fraction: f64,
    /// Whether the test set serves for validation too.
    #[serde(default = "defaults::validate_on_test")]
    pub validate_on_test: bool,
}

/// What a model is measured on after each epoch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Validation {
    /// The last part of the training set, `[0, 1)`; nothing at 0.
    HeldOut(f64),
    TestSet,
}

impl DataConfig {
    pub fn validation(&self) -> Validation {
        let (fraction, on_test) = match self {
            Self::Mnist(data) => (data.validation_fraction, false),
            Self::SyntheticDigits(data) => (data.validation_fraction, false),
            Self::Imdb(data) => (data.validation_fraction, data.validate_on_test),
            Self::SyntheticReviews(data) => (data.validation_fraction, data.validate_on_test),
        };
        match on_test {
            true => Validation::TestSet,
            false => Validation::HeldOut(fraction),
        }
    }

    /// How its texts become tokens; nothing where it has no texts.
    pub fn encoding(&self) -> Option<Encoding> {
        match self {
            Self::Mnist(_) | Self::SyntheticDigits(_) => None,
            Self::Imdb(data) => Some(data.encoding()),
            Self::SyntheticReviews(data) => Some(data.encoding()),
        }
    }
}

impl ImdbConfig {
    pub fn encoding(&self) -> Encoding {
        Encoding {
            vocabulary_size: self.vocabulary_size,
            sequence_length: self.sequence_length,
        }
    }
}

impl SyntheticReviewsConfig {
    pub fn encoding(&self) -> Encoding {
        Encoding {
            vocabulary_size: self.vocabulary_size,
            sequence_length: self.sequence_length,
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
    /// For reviews: a learnt vector for each token, the maximum over time, a dense layer with ReLU,
    /// one logit.
    EmbeddingClassifier(EmbeddingClassifierConfig),
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

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EmbeddingClassifierConfig {
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
