use serde::{Deserialize, Serialize};

/// How a result came about: the part of a record that never repeats.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// As it was asked for: `flex`, `wgpu:1`.
    pub backend: String,
    /// As it names itself.
    pub device: String,
    /// Name and version of what stands between hearth and the device; a CPU has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub driver: Option<String>,
    pub threads: usize,
    pub determinism: Determinism,
    /// How the embedding was computed; absent where the model has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pooled_embedding: Option<PooledEmbedding>,
    pub versions: Versions,
    /// RFC 3339, UTC.
    pub started_at: String,
    /// How often it was ended and went on from a checkpoint; absent where never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resumed: Option<usize>,
    pub epochs: Vec<EpochTiming>,
    /// Loading of data, training, evaluation and writing of the model, of all processes that had a
    /// part in it up to their last checkpoints.
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

/// What holds between two runs of the same config and seed on the same backend.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Determinism {
    /// Whether the results are promised to be the same bits.
    pub same_bits: bool,
    pub because: String,
}

/// How a pooled embedding is computed: the numbers are the same, the time is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PooledEmbedding {
    /// In one operation.
    Fused,
    /// Of standard operations.
    Composed,
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
