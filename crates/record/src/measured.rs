use serde::{Deserialize, Serialize};

use crate::{Confusion, Outcomes};

/// What a run measured: the part of a record that must repeat.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measured {
    pub status: Status,
    /// Where a diverged run stopped; absent from a completed one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diverged: Option<Diverged>,
    /// Trainable numbers of the model.
    pub parameters: usize,
    /// The hash of the file with the weights it started from; absent where the seed made them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initial_weights: Option<String>,
    /// In a diverged run, the epochs before the one that diverged.
    pub epochs: Vec<Epoch>,
    /// The epoch whose weights early stopping kept; absent without it, the last one's are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub best_epoch: Option<usize>,
    /// Absent from a diverged run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test: Option<Evaluation>,
    pub data: Data,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Completed,
    /// A loss was not a finite number. JSON cannot hold such a number, so none is written.
    Diverged,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Diverged {
    /// From 1.
    pub epoch: usize,
    /// From 1, within the epoch. One more than the last step: the evaluation after it diverged.
    pub step: usize,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Epoch {
    /// From 1.
    pub epoch: usize,
    /// Running figures over the epoch as in Keras: weights changing, dropout on.
    pub train: Scores,
    /// Measured after the epoch; absent where nothing is held out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validation: Option<Scores>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scores {
    /// Mean over examples, penalties on weights included.
    pub loss: f64,
    /// A fraction of one.
    pub accuracy: f64,
    /// The loss without penalties; absent where there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plain_loss: Option<f64>,
}

/// The trained model on examples it never saw.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evaluation {
    /// As in [`Scores`].
    pub loss: f64,
    pub accuracy: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plain_loss: Option<f64>,
    /// Which examples were classified correctly.
    pub correct: Outcomes,
    pub confusion: Confusion,
    /// The examples whose own class was held for the least likely, that one first.
    pub hardest: Vec<Hardest>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hardest {
    /// From 0, in the order of the test set.
    pub example: usize,
    pub label: usize,
    pub answer: usize,
    /// What the model gives the label, from 0 to 1.
    pub probability: f64,
}

/// What the run was trained and measured on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// The data set's name, for instance `mnist` or `synthetic digits`.
    pub source: String,
    pub train: DataSplit,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validation: Option<DataSplit>,
    pub test: DataSplit,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataSplit {
    pub examples: usize,
    /// Tokens of all examples, without padding; absent where the examples are no texts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<usize>,
    /// The hash of the examples and their labels in their order.
    pub digest: String,
}
