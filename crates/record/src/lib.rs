//! What a run leaves behind: the types of `result.json` and `metrics.jsonl` and weights, their
//! reading and writing. No Burn here, so that whatever compares results builds and tests in seconds.

mod atomic;
mod checkpoint;
mod confusion;
mod count;
mod digest;
mod error;
mod files;
mod lock;
mod measured;
mod outcomes;
mod printable;
mod provenance;
mod tensors;

pub use atomic::write_atomically;
pub use checkpoint::{CHECKPOINT_VERSION, CheckpointFolder, Found};
pub use confusion::Confusion;
pub use digest::{digest_of, sha256};
pub use error::RecordError;
pub use files::{EpochLine, MetricsLog, RunFolder};
pub use lock::RunLock;
pub use measured::{
    Data, DataSplit, Diverged, Epoch, Evaluation, Hardest, Measured, Scores, Status,
};
pub use outcomes::Outcomes;
pub use printable::printable;
pub use provenance::{Determinism, EpochTiming, Host, PooledEmbedding, Provenance, Versions};
pub use tensors::{Tensors, Values};

use serde::{Deserialize, Serialize};

/// The layout of `result.json` that this version reads and writes.
pub const SCHEMA_VERSION: u32 = 2;

/// One run of one experiment with one seed: the content of `result.json`.
///
/// `result` is the same to the last byte for the same config, seed and CPU backend, and `digest`
/// is its hash; `run` says how it came about and never repeats.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    pub schema_version: u32,
    /// The config file's stem, then the keys changed on the command line.
    pub experiment: String,
    /// The hash of whatever in the config decides the numbers, the seeds aside.
    pub signature: String,
    pub seed: u64,
    /// The config with every default filled in.
    pub config: serde_json::Value,
    pub result: Measured,
    /// [`digest_of`] `result`.
    pub digest: String,
    pub run: Provenance,
}
