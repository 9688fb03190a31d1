//! The files that a run leaves behind: `result.json`, `metrics.jsonl`, checkpoints and weights.
//!
//! This crate defines their types, reads them and writes them. It does not depend on Burn, so the
//! tools that compare results build in seconds.

mod checkpoint;
mod confusion;
mod count;
mod digest;
mod error;
mod identity;
mod key_path;
mod known_hashes;
mod lock;
mod measured;
mod metric;
mod metrics_log;
mod outcomes;
mod output;
mod own;
mod printable;
mod provenance;
mod remark;
mod result;
mod run_folder;
mod tensorboard;
mod tensors;
mod unfinished;

pub use checkpoint::{CHECKPOINT_VERSION, CheckpointFolder, Found};
pub use confusion::Confusion;
pub use digest::{digest_of, sha256};
pub use error::RecordError;
pub use identity::{UNDECIDING_KEYS, deciding, is_undeciding};
pub use key_path::{join_key, name_of, value_at};
pub use known_hashes::{keep_hashes_in, save_hashes};
pub use lock::RunLock;
pub use measured::{
    DataSplit, DataSummary, Diverged, Epoch, Evaluation, Hardest, Measured, Scores, Status,
};
pub use metric::{Metric, Quantity, UnknownMetric, Weights};
pub use metrics_log::{EpochLine, MetricsLog};
pub use outcomes::Outcomes;
pub use output::write_output;
pub use printable::printable;
pub use provenance::{
    Determinism, EpochTiming, Host, Looks, PooledEmbedding, Provenance, Versions,
};
pub use remark::Remark;
pub use result::{Files, MIGRATED_VERSION, Record, SCHEMA_VERSION};
pub use run_folder::RunFolder;
pub use tensors::{Tensors, Values};
pub use unfinished::Unfinished;
