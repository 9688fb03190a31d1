use datasets::Encoding;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::defaults;

/// The data set and how it is split.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DataConfig {
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
pub struct MnistConfig {
    /// The part of the training set, from its end, that is held out for validation.
    #[serde(default = "defaults::validation_fraction")]
    #[schemars(range(min = 0, max = 1))]
    pub validation_fraction: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SyntheticDigitsConfig {
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
pub struct ImdbConfig {
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
pub struct SyntheticReviewsConfig {
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
pub enum Validation {
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
