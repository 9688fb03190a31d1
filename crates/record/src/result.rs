use serde::{Deserialize, Serialize};
use spec::DataSpec;

use crate::measured::Measured;
use crate::provenance::Provenance;

/// The `result.json` layout that this version reads and writes.
pub const SCHEMA_VERSION: u32 = 3;

/// The previous layout, which `hearth migrate` converts to [`SCHEMA_VERSION`].
pub const MIGRATED_VERSION: u32 = 2;

/// One run of one experiment with one seed: the content of `result.json`.
///
/// The same config, seed and CPU backend always give the same bytes in `result`; `digest` is their
/// hash. `run` holds times and the machine, which differ from run to run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// The layout of the file: [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The stem of the config file's name, followed by the keys changed on the command line.
    pub experiment: String,
    /// The hash of everything that affects the numbers, except the seed.
    pub signature: String,
    /// The seed of the initial weights, the order of examples and the dropout masks.
    pub seed: u64,
    /// The config with every default filled in.
    pub config: serde_json::Value,
    /// The shape of the examples and the names of the classes, as found in the data.
    pub spec: DataSpec,
    /// The measurements.
    pub result: Measured,
    /// The sentences of [`Remark::of`](crate::Remark::of), for other programs; absent if there are
    /// none. hearth derives them from the rest, so that every record has them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
    /// The hash of `result`, made by [`digest_of`](crate::digest_of).
    pub digest: String,
    /// When, where and how fast the run was done.
    pub run: Provenance,
}
