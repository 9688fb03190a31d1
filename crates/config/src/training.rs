use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Metric, defaults};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TrainingConfig {
    /// Passes over the training set.
    #[schemars(range(min = 1, max = 100_000))]
    pub epochs: usize,
    /// Examples to a step; the last batch of an epoch may be smaller.
    #[serde(default = "defaults::batch_size")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub batch_size: usize,
    /// Whether each epoch takes the examples in an order of its own.
    #[serde(default = "defaults::shuffle")]
    pub shuffle: bool,
    /// Adds `l1 * sum |w|` over the kernels of dense layers to the loss, at least 0.
    #[serde(default = "defaults::penalty")]
    #[schemars(range(min = 0))]
    pub l1: f64,
    /// Adds `l2 * sum w^2` over the kernels of dense layers to the loss, at least 0.
    #[serde(default = "defaults::penalty")]
    #[schemars(range(min = 0))]
    pub l2: f64,
    /// The longest the gradient of all weights together may be, above 0; longer ones are scaled
    /// down to it.
    #[serde(default)]
    pub clip_global_norm: Option<f64>,
    /// How the learning rate goes down from the optimizer's; it stays where there is none.
    #[serde(default)]
    pub learning_rate_schedule: Option<Schedule>,
    /// Ends training when a metric no longer improves, with the weights of its best epoch.
    #[serde(default)]
    pub early_stopping: Option<EarlyStoppingConfig>,
    /// A safetensors file to start from, of a model of the same shape, as seen from the folder the
    /// program is started in.
    #[serde(default)]
    pub initial_weights: Option<PathBuf>,
}

/// A learning rate as a function of the training step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Schedule {
    /// In a straight line over all epochs.
    Linear(Descent),
    /// Along half a cosine over all epochs.
    Cosine(Descent),
    /// By the same factor from each epoch to the next, a little at every step.
    Exponential(Decay),
    /// By a factor every so many epochs.
    Step(StepDecay),
}

impl Schedule {
    /// As it stands in a config.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Linear(_) => "linear",
            Self::Cosine(_) => "cosine",
            Self::Exponential(_) => "exponential",
            Self::Step(_) => "step",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Descent {
    /// Where it ends, at least 0 and at most the optimizer's.
    pub final_learning_rate: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Decay {
    /// Above 0 and below 1.
    pub factor: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StepDecay {
    /// Above 0 and below 1.
    pub factor: f64,
    #[schemars(range(min = 1, max = 100_000))]
    pub epochs: usize,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EarlyStoppingConfig {
    /// Of an epoch: not of the test, which the choice must not see.
    #[serde(default = "defaults::early_stopping_metric")]
    pub metric: Metric,
    /// Epochs without improvement after which training ends.
    #[serde(default = "defaults::patience")]
    #[schemars(range(min = 1, max = 100_000))]
    pub patience: usize,
    /// Less than this is no improvement, at least 0.
    #[serde(default = "defaults::min_delta")]
    #[schemars(range(min = 0))]
    pub min_delta: f64,
}
