use serde::{Deserialize, Serialize};

/// How a result came about: the part of a record that never repeats.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    pub backend: String,
    pub device: String,
    pub threads: usize,
    /// Whether this backend promises the same bits for the same seed.
    pub deterministic: bool,
    pub versions: Versions,
    /// RFC 3339, UTC.
    pub started_at: String,
    pub epochs: Vec<EpochTiming>,
    /// Loading of data, training, evaluation and writing of the model.
    pub total_s: f64,
    /// Over the training parts of all epochs; absent when none was finished.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub train_examples_per_s: Option<f64>,
    /// The same in tokens, without padding; absent where the examples are no texts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub train_tokens_per_s: Option<f64>,
    /// The process's largest resident size so far; absent where the system does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_memory_bytes: Option<u64>,
    pub host: Host,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EpochTiming {
    pub train_s: f64,
    pub validation_s: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Versions {
    pub hearth: String,
    pub burn: String,
    pub rustc: String,
    /// The commit the program was built from; absent when it was not built in a repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// Whether the sources differed from that commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dirty: Option<bool>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Host {
    pub os: String,
    pub cpu: String,
    pub cores: usize,
    pub memory_bytes: u64,
}
