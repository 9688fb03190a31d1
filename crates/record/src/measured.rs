use serde::{Deserialize, Serialize};
use spec::Noticed;

use crate::confusion::Confusion;
use crate::outcomes::Outcomes;

/// The measurements of a run: the reproducible part of a record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measured {
    /// How the run ended.
    pub status: Status,
    /// Where a diverged run stopped; absent from a completed one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diverged: Option<Diverged>,
    /// The number of trainable parameters.
    pub parameters: usize,
    /// The hash of the initial weights' file; absent if the seed made the weights.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initial_weights: Option<String>,
    /// The epochs in order; in a diverged run, those before it diverged.
    pub epochs: Vec<Epoch>,
    /// The epoch whose weights early stopping kept; absent without early stopping, when the last
    /// epoch's weights are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub best_epoch: Option<usize>,
    /// The kept weights' evaluation on the test set; absent from a diverged run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test: Option<Evaluation>,
    /// The data of the run.
    pub data: DataSummary,
}

impl Measured {
    /// The epoch whose weights were kept: the best with early stopping, otherwise the last. `None`
    /// if there is no epoch.
    pub fn kept_epoch(&self) -> Option<&Epoch> {
        match self.best_epoch {
            Some(best) => self.epochs.iter().find(|epoch| epoch.epoch == best),
            None => self.epochs.last(),
        }
    }
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Training ran all epochs, or early stopping ended it.
    Completed,
    /// A loss was NaN or infinite. JSON has neither, so that loss is not written.
    Diverged,
}

/// Where a run diverged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Diverged {
    /// The epoch, counted from 1.
    pub epoch: usize,
    /// The step within the epoch, counted from 1. If the evaluation after the epoch diverged, this
    /// is the number of steps plus one.
    pub step: usize,
}

/// The scores of one epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Epoch {
    /// The number of the epoch, counted from 1.
    pub epoch: usize,
    /// Running means over the epoch's batches, as in Keras. The weights change from batch to batch
    /// and dropout is on.
    pub train: Scores,
    /// Measured after the epoch; absent if no examples are held out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validation: Option<Scores>,
}

/// Loss and accuracy on a set of examples.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scores {
    /// The mean cross-entropy over the examples in nats, plus the penalties on weights.
    pub loss: f64,
    /// The fraction of correct answers, 0 to 1.
    pub accuracy: f64,
    /// The loss without penalties; absent if there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plain_loss: Option<f64>,
}

/// The scores of the trained model on the test set, with its answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evaluation {
    /// As in [`Scores`].
    pub loss: f64,
    /// As in [`Scores`].
    pub accuracy: f64,
    /// As in [`Scores`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plain_loss: Option<f64>,
    /// Which examples were classified correctly.
    pub correct: Outcomes,
    /// How often examples of each class got each answer.
    pub confusion: Confusion,
    /// The examples whose true class got the lowest probability, lowest first.
    pub hardest: Vec<Hardest>,
}

impl Evaluation {
    /// The scores without the answers.
    pub fn scores(&self) -> Scores {
        Scores {
            loss: self.loss,
            accuracy: self.accuracy,
            plain_loss: self.plain_loss,
        }
    }
}

/// An example whose true class got a low probability.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hardest {
    /// The position in the test set, counted from 0.
    pub example: usize,
    /// The true class, counted from 0.
    pub label: usize,
    /// The model's answer, counted from 0.
    pub answer: usize,
    /// The probability that the model gives the true class, 0 to 1.
    pub probability: f64,
}

/// The data that a run was trained and measured on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataSummary {
    /// The data set's name, for instance `mnist` or `synthetic digits`.
    pub source: String,
    /// The training set, without the examples held out from it.
    pub train: DataSplit,
    /// The validation set; absent if no examples are held out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validation: Option<DataSplit>,
    /// The test set.
    pub test: DataSplit,
    /// The hash of the classes' names and of what turns inputs into numbers; absent for data that are
    /// not a person's own, whose names do not change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub names: Option<String>,
    /// What was noticed in a person's own data; absent for other data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noticed: Option<Noticed>,
}

impl DataSummary {
    /// Whether both hold the same examples, whatever they are called.
    pub fn is_same_as(&self, other: &Self) -> bool {
        (&self.train, &self.validation, &self.test, &self.names)
            == (&other.train, &other.validation, &other.test, &other.names)
    }
}

/// Size and hash of one split of the data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataSplit {
    /// The number of examples.
    pub examples: usize,
    /// The number of tokens in all examples, without padding; absent if the examples are not texts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<usize>,
    /// The hash of the examples and their labels, in order.
    pub digest: String,
}
