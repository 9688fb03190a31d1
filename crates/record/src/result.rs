use serde::{Deserialize, Serialize};
use spec::DataSpec;

use crate::digest::digest_of;
use crate::measured::Measured;
use crate::provenance::Provenance;
use crate::run_folder::RunFolder;

/// The `result.json` layout that this version reads and writes.
pub const SCHEMA_VERSION: u32 = 4;

/// The previous layout, which `hearth migrate` converts to [`SCHEMA_VERSION`].
pub const MIGRATED_VERSION: u32 = 3;

/// One run of one experiment with one seed: the content of `result.json`.
///
/// The same config, seed and CPU backend always give the same `result` and `files`, and so the same
/// `digest`. `run` holds times and the machine, which differ from run to run. `seal` covers all of it, so
/// that no part can be damaged or exchanged unnoticed.
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
    /// The files that the run wrote beside the record.
    pub files: Files,
    /// The hash of what repeating the run gives again: `signature`, `seed`, `result` and `files`.
    pub digest: String,
    /// When, where and how fast the run was done.
    pub run: Provenance,
    /// The hash of everything else in the record. It shows damage and mistakes. It is no signature: who
    /// changes a record on purpose can seal it again.
    pub seal: String,
}

/// The hash of each file that a run wrote beside its record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Files {
    /// The trained weights. Absent only from a converted record that had lost them.
    #[serde(
        rename = "model.safetensors",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub model: Option<String>,
    /// The vocabulary; absent if the model reads no texts.
    #[serde(
        rename = "vocabulary.txt",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub vocabulary: Option<String>,
    /// The columns of the table; absent if the model reads none.
    #[serde(
        rename = "columns.json",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub columns: Option<String>,
}

impl Files {
    /// The names of the files with their hashes.
    pub fn named(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let files = [
            (RunFolder::MODEL, &self.model),
            (RunFolder::VOCABULARY, &self.vocabulary),
            (RunFolder::COLUMNS, &self.columns),
        ];
        let named = files.into_iter();
        named.filter_map(|(name, hash)| Some((name, hash.as_deref()?)))
    }
}

impl Record {
    /// The record with the `digest` and `seal` of its content.
    #[must_use]
    pub fn sealed(mut self) -> Self {
        self.digest = self.digest_now();
        self.seal = self.seal_now();
        self
    }

    /// Whether the record has the `digest` and `seal` of its content.
    pub(crate) fn is_intact(&self) -> bool {
        self.digest == self.digest_now() && self.seal == self.seal_now()
    }

    fn digest_now(&self) -> String {
        let repeated = (&self.signature, self.seed, &self.result, &self.files);
        digest_of(&repeated).expect("a result is JSON")
    }

    /// The digest stands for the result, which is the largest part.
    fn seal_now(&self) -> String {
        let Self {
            schema_version,
            experiment,
            signature,
            seed,
            config,
            spec,
            result: _,
            remarks,
            files,
            digest,
            run,
            seal: _,
        } = self;
        let identity = (schema_version, experiment, signature, seed, config, spec);
        let sealed = (identity, remarks, files, digest, run);
        digest_of(&sealed).expect("a record is JSON")
    }
}
