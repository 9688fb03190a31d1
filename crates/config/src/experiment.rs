//! The config file's own types: what may be written, not yet whether it makes sense. Their
//! documentation is the text of the JSON Schema.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{DataConfig, ModelConfig, OptimizerConfig, TrainingConfig, defaults};

/// One experiment: data, model, optimizer and training. The file's name is the experiment's name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Experiment {
    /// The JSON Schema that editors check this file with.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// What the experiment is about, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    pub data: DataConfig,
    pub model: ModelConfig,
    pub optimizer: OptimizerConfig,
    pub training: TrainingConfig,
    /// A run for each: the seed decides initial weights, order of examples and dropout masks.
    #[serde(default = "defaults::seeds")]
    #[schemars(length(min = 1))]
    pub seeds: Vec<u64>,
    /// Bounds that the finished run must keep, by metric.
    #[serde(default)]
    pub expect: BTreeMap<Metric, Bounds>,
}

/// A figure of a finished run: of the test, or of the last epoch.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub enum Metric {
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
pub struct Bounds {
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
