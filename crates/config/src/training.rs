use std::path::PathBuf;

use record::{Metric, Quantity};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use spec::{Count, NonNegative, Positive, ProperFraction, Split};

/// Number of epochs, batch size, penalties and other settings of the training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Training {
    /// The number of passes over the training set.
    pub epochs: Epochs,
    /// Examples per step; the last batch of an epoch may be smaller.
    #[serde(default = "batch_size")]
    pub batch_size: Count<1, 1_000_000>,
    /// Whether the examples are shuffled before each epoch.
    #[serde(default = "shuffle")]
    pub shuffle: bool,
    /// Adds `l1 * sum |w|` over the weight matrices of dense layers and the filters of convolutions
    /// to the loss.
    #[serde(default = "zero")]
    pub l1: NonNegative,
    /// Adds `l2 * sum w^2` over the same weights to the loss.
    #[serde(default = "zero")]
    pub l2: NonNegative,
    /// Clips gradients to this global L2 norm over all weights; without it, gradients are not clipped.
    #[serde(default)]
    pub clip_global_norm: Option<Positive>,
    /// How the learning rate falls from the optimizer's; without it, it stays constant.
    #[serde(default)]
    pub learning_rate_schedule: Option<Schedule>,
    /// Ends training when a metric stops improving, and keeps the weights of the best epoch. Without
    /// it, all epochs are run and the last one's weights are kept.
    #[serde(default)]
    pub early_stopping: Option<EarlyStopping>,
    /// A safetensors file with the initial weights of a model of the same shape, relative to the
    /// config file's folder. Without it, the seed makes the initial weights.
    #[serde(default)]
    pub initial_weights: Option<PathBuf>,
}

/// A number of epochs.
type Epochs = Count<1, 100_000>;

/// Keras's default.
fn batch_size() -> Count<1, 1_000_000> {
    const { Count::new(32) }
}

/// Keras's default.
fn shuffle() -> bool {
    true
}

/// Keras's default for penalties, for `min_delta` and for the end of a cosine.
fn zero() -> NonNegative {
    NonNegative::new(0.0)
}

/// A learning rate as a function of the training step.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(transform = spec::allow_names::<Schedule>)]
pub enum Schedule {
    /// Falls linearly over all epochs.
    Linear(Descent),
    /// Falls along half a cosine over all epochs (Loshchilov and Hutter, "SGDR", 2017, without
    /// restarts).
    Cosine(Descent),
    /// Falls exponentially: by the same factor every epoch, a little at every step.
    Exponential(Decay),
    /// Falls by a factor every few epochs and stays constant in between.
    Step(StepDecay),
}

spec::tagged!(
    Schedule, "a schedule", r#""cosine" or { "step": { "factor": 0.5, "epochs": 10 } }"#:
    "linear" => Linear(Descent),
    "cosine" => Cosine(Descent),
    "exponential" => Exponential(Decay),
    "step" => Step(StepDecay),
);

impl Schedule {
    /// The schedule's name in a config.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Linear(_) => "linear",
            Self::Cosine(_) => "cosine",
            Self::Exponential(_) => "exponential",
            Self::Step(_) => "step",
        }
    }
}

/// A learning rate that falls from the optimizer's to a final one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Descent {
    /// The learning rate of the last step, at most the optimizer's.
    #[serde(default = "zero")]
    pub final_learning_rate: NonNegative,
}

/// A learning rate that falls by a factor every epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Decay {
    /// The learning rate is multiplied by this over each epoch.
    pub factor: ProperFraction,
}

/// A learning rate that falls by a factor every few epochs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StepDecay {
    /// The learning rate is multiplied by this at each drop.
    pub factor: ProperFraction,
    /// The number of epochs between drops.
    pub epochs: Epochs,
}

/// The condition for ending training before its last epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EarlyStopping {
    /// The metric to watch: of the training or validation set, not of the test set.
    #[serde(default = "validation_loss")]
    pub metric: Metric,
    /// The number of epochs without improvement after which training ends.
    #[serde(default = "patience")]
    pub patience: Epochs,
    /// The least change of the metric: only a larger one counts as an improvement.
    #[serde(default = "zero")]
    pub min_delta: NonNegative,
}

fn validation_loss() -> Metric {
    Metric::of_kept(Split::Validation, Quantity::Loss)
}

/// Keras's default is 0, which ends training at the first epoch without improvement.
fn patience() -> Epochs {
    const { Epochs::new(3) }
}
