use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// When, where and how fast a run was done: the part of a record that differs from run to run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// The backend as requested, for instance `flex` or `wgpu:1`.
    pub backend: String,
    /// The device's own name.
    pub device: String,
    /// Name and version of the device's driver; absent for a CPU.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub driver: Option<String>,
    /// The number of CPU threads.
    pub threads: usize,
    /// Whether the backend reproduces results bit for bit.
    pub determinism: Determinism,
    /// How the embedding was computed; absent if the model has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pooled_embedding: Option<PooledEmbedding>,
    /// The versions of the program and of what it was built with.
    pub versions: Versions,
    /// The start of the run, RFC 3339 in UTC.
    pub started_at: String,
    /// The rule by which runs were added until a comparison was decided; absent if the number of seeds was
    /// chosen beforehand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub looks: Option<Looks>,
    /// How often the run was resumed from a checkpoint; absent if never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resumed: Option<usize>,
    /// The time of each epoch.
    pub epochs: Vec<EpochTiming>,
    /// Seconds for loading the data, training, evaluating and writing the model. For a resumed run
    /// this is the sum over its processes, each up to its last checkpoint.
    pub total_s: f64,
    /// Training examples per second, excluding validation; absent if no epoch was finished.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub train_examples_per_s: Option<f64>,
    /// Training tokens per second, excluding padding; absent if the examples are not texts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub train_tokens_per_s: Option<f64>,
    /// The process's peak resident memory; absent if the system does not report it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_memory_bytes: Option<u64>,
    /// The folder that relative paths in the config start from, seen from the run's folder; absent
    /// if the config names no files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_folder: Option<PathBuf>,
    /// The machine.
    pub host: Host,
}

/// The looks at a comparison that were planned before its first run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Looks {
    /// The numbers of seeds after which the verdict is asked for, the largest last.
    pub after: Vec<usize>,
    /// The significance level of each look, with which all together are wrong in 5 % of the cases.
    pub level: f64,
}

/// Whether two runs with the same config, seed and backend give bit-identical results.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Determinism {
    /// Whether they do.
    pub same_bits: bool,
    /// The reason, in a few words.
    pub because: String,
}

/// How a pooled embedding is computed. Both ways give the same numbers; only the time differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PooledEmbedding {
    /// In one operation, implemented in hearth.
    Fused,
    /// As a sequence of Burn operations.
    Composed,
}

/// The time of one epoch.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EpochTiming {
    /// Seconds of training.
    pub train_s: f64,
    /// Seconds of validation; close to 0 if no examples are held out.
    pub validation_s: f64,
}

/// The versions of the program and of what it was built with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Versions {
    /// The version of hearth.
    pub hearth: String,
    /// The version of Burn.
    pub burn: String,
    /// The version of the compiler.
    pub rustc: String,
    /// The commit that the program was built from; absent if it was not built in a repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// Whether the sources differed from that commit; absent without a commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dirty: Option<bool>,
}

/// The machine of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Host {
    /// Name and version of the operating system.
    pub os: String,
    /// The processor's model.
    pub cpu: String,
    /// The number of logical cores.
    pub cores: usize,
    /// The size of the main memory.
    pub memory_bytes: u64,
}
