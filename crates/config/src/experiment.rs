//! The types of a config file. Their documentation becomes the JSON Schema's descriptions.

use std::collections::BTreeMap;

use catalog::Model;
use datasets::Data;
use optimizers::Optimizer;
use record::Metric;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::randomness::PinnedSeeds;
use crate::seeds::Seeds;
use crate::training::Training;

/// One experiment: data, model, optimizer and training. The file's name is the experiment's name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Experiment {
    /// The JSON Schema that editors check this file with.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// A note on the experiment for its readers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// The data set for training and test.
    pub data: Data,
    /// The network to train.
    pub model: Model,
    /// The rule by which gradients change the weights.
    pub optimizer: Optimizer,
    /// Number of epochs, batch size, penalties and other settings of the training.
    pub training: Training,
    /// The experiment is run once per seed. The seed determines initial weights, order of examples
    /// and dropout masks.
    #[serde(default)]
    pub seeds: Seeds,
    /// Seeds of single sources of randomness, for instance `{ "order": 0 }`: what is pinned is the same in
    /// all runs, whatever their seed. Without it, the run's seed decides everything.
    #[serde(default)]
    pub pinned_seeds: Option<PinnedSeeds>,
    /// Bounds on the metrics of a finished run.
    #[serde(default)]
    pub expect: BTreeMap<Metric, Bounds>,
}

/// A lower bound, an upper bound or both.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bounds {
    /// The smallest accepted value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<f64>,
    /// The largest accepted value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<f64>,
}
