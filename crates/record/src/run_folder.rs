use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::atomic::{remove_partial, write_atomically};
use crate::checkpoint::CheckpointFolder;
use crate::digest::digest_of;
use crate::error::RecordError;
use crate::lock::RunLock;
use crate::metrics_log::{EpochLine, MetricsLog};
use crate::result::{Record, SCHEMA_VERSION};

/// The folder of one run: `<results>/<experiment>/<backend>-seed<N>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunFolder {
    path: PathBuf,
}

impl RunFolder {
    /// The record. A run without a record is not finished.
    pub const RESULT: &str = "result.json";
    /// The config with every default filled in, written when the run starts.
    pub const CONFIG: &str = "config.json";
    /// One line per epoch, written when the epoch ends.
    pub const METRICS: &str = "metrics.jsonl";
    /// The trained weights.
    pub const MODEL: &str = "model.safetensors";
    /// The vocabulary: the words of the token ids, if the model reads texts.
    pub const VOCABULARY: &str = "vocabulary.txt";
    /// The table's columns and how they are standardised, if the model reads a table.
    pub const COLUMNS: &str = "columns.json";
    /// The checkpoints of a run that is not finished.
    pub const CHECKPOINT: &str = "checkpoint";

    /// The folder of a run within the results folder.
    pub fn new(results: &Path, experiment: &str, backend: &str, seed: u64) -> Self {
        Self::at(results.join(experiment).join(run_name(backend, seed)))
    }

    /// The run folder at a path.
    pub fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// All run folders in a results folder, sorted by path.
    ///
    /// # Errors
    ///
    /// If a folder cannot be read.
    pub fn all(results: &Path) -> Result<Vec<Self>, RecordError> {
        let mut runs = Vec::new();
        for experiment in folders_in(results)? {
            runs.extend(Self::of_experiment(&experiment)?);
        }
        Ok(runs)
    }

    /// The run folders in an experiment's folder, sorted by name; empty if there is no such folder.
    ///
    /// # Errors
    ///
    /// If the folder cannot be read.
    pub fn of_experiment(experiment: &Path) -> Result<Vec<Self>, RecordError> {
        if !experiment.is_dir() {
            return Ok(Vec::new());
        }
        Ok(folders_in(experiment)?.into_iter().map(Self::at).collect())
    }

    /// A finished run with this signature, backend and seed, under any experiment name. `None` if
    /// there is none or the results folder cannot be read.
    pub fn with_signature(
        results: &Path,
        signature: &str,
        backend: &str,
        seed: u64,
    ) -> Option<Self> {
        let experiments = folders_in(results).ok()?;
        let mut runs = experiments
            .into_iter()
            .map(|experiment| Self::at(experiment.join(run_name(backend, seed))));
        runs.find(|run| run.signature().is_some_and(|found| found == signature))
    }

    /// The record's signature, read without checking the rest; `None` if there is no record of this
    /// version.
    fn signature(&self) -> Option<String> {
        let json = self.json().ok()?;
        let signed: Signed = serde_json::from_slice(&json).ok()?;
        (signed.schema_version == u64::from(SCHEMA_VERSION)).then_some(signed.signature)
    }

    /// The folder's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The path of the trained weights.
    pub fn model(&self) -> PathBuf {
        self.path.join(Self::MODEL)
    }

    /// The path of the vocabulary.
    pub fn vocabulary(&self) -> PathBuf {
        self.path.join(Self::VOCABULARY)
    }

    /// The path of the table's columns.
    pub fn columns(&self) -> PathBuf {
        self.path.join(Self::COLUMNS)
    }

    /// The path of the record.
    pub fn result(&self) -> PathBuf {
        self.path.join(Self::RESULT)
    }

    /// Whether there is a record, intact or not.
    pub fn has_result(&self) -> bool {
        self.result().is_file()
    }

    /// Whether a run was started in this folder and is not finished.
    pub fn is_unfinished(&self) -> bool {
        self.path.join(Self::CONFIG).is_file() && !self.has_result()
    }

    /// Reads the record; `None` if the run is not finished.
    ///
    /// # Errors
    ///
    /// If `result.json` cannot be read, was written by another version, or does not match its
    /// digest.
    pub fn read(&self) -> Result<Option<Record>, RecordError> {
        let path = self.result();
        let json = match self.json() {
            Ok(json) => json,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(RecordError::io(path)(error)),
        };
        // Check the version first: any key may differ in a record of another version.
        let Version { schema_version } =
            serde_json::from_slice(&json).map_err(RecordError::malformed(&path))?;
        if schema_version != u64::from(SCHEMA_VERSION) {
            return Err(RecordError::OtherVersion {
                path,
                found: schema_version,
                reads: SCHEMA_VERSION,
            });
        }
        let record: Record =
            serde_json::from_slice(&json).map_err(RecordError::malformed(&path))?;
        let digest = digest_of(&record.result).map_err(RecordError::malformed(&path))?;
        if digest != record.digest {
            return Err(RecordError::Damaged { path });
        }
        Ok(Some(record))
    }

    /// The record's text, without a byte order mark that a program on Windows may have added.
    fn json(&self) -> std::io::Result<Vec<u8>> {
        let mut json = std::fs::read(self.result())?;
        if json.starts_with(b"\xef\xbb\xbf") {
            json.drain(..3);
        }
        Ok(json)
    }

    /// The folder that relative paths in the run's config start from.
    pub fn config_folder(&self, record: &Record) -> PathBuf {
        let folder = record.run.config_folder.as_deref();
        self.path.join(folder.unwrap_or(Path::new("")))
    }

    /// The folder of the checkpoints.
    pub fn checkpoints(&self) -> CheckpointFolder {
        CheckpointFolder::at(self.path.join(Self::CHECKPOINT))
    }

    /// Removes the checkpoints and the lock of a process that was killed right after writing the
    /// record. Ignores errors, since leftovers do no harm.
    pub fn tidy(&self) {
        let leftovers = [
            self.checkpoints().path().to_owned(),
            RunLock::path_in(&self.path),
        ];
        if leftovers.iter().any(|path| path.exists())
            && let Ok(_lock) = RunLock::take(&self.path)
        {
            let _ = self.checkpoints().remove();
        }
    }

    /// Prepares the folder for a run. Removes an earlier result, vocabulary and columns, writes the resolved
    /// config and starts the metrics log with the epochs that are already done.
    ///
    /// # Errors
    ///
    /// If the folder cannot be written.
    pub fn begin(
        &self,
        config: &serde_json::Value,
        epochs: &[EpochLine],
    ) -> Result<MetricsLog, RecordError> {
        // Checkpoints next to a result belong to the finished run.
        if self.has_result() {
            self.checkpoints().remove()?;
        }
        for stale in [self.result(), self.vocabulary(), self.columns()] {
            match std::fs::remove_file(&stale) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(RecordError::io(stale)(error));
                }
                Ok(()) | Err(_) => {}
            }
        }
        write_json(&self.path.join(Self::CONFIG), config)?;
        remove_partial(&self.path)?;
        MetricsLog::create(self.path.join(Self::METRICS), epochs)
    }

    /// Writes the record, which marks the run as finished.
    ///
    /// # Errors
    ///
    /// If the folder cannot be written. An earlier result is then kept.
    pub fn write(&self, record: &Record) -> Result<(), RecordError> {
        write_json(&self.result(), record)
    }
}

/// The name of a run's folder, for instance `flex-seed0`.
fn run_name(backend: &str, seed: u64) -> String {
    format!("{backend}-seed{seed}")
}

/// The part of a record that identifies its run.
#[derive(Deserialize)]
struct Signed {
    schema_version: u64,
    signature: String,
}

/// The part that records of all versions have in common.
#[derive(Deserialize)]
struct Version {
    schema_version: u64,
}

fn folders_in(folder: &Path) -> Result<Vec<PathBuf>, RecordError> {
    let entries = std::fs::read_dir(folder).map_err(RecordError::io(folder))?;
    let mut folders = Vec::new();
    for entry in entries {
        let path = entry.map_err(RecordError::io(folder))?.path();
        if path.is_dir() {
            folders.push(path);
        }
    }
    folders.sort();
    Ok(folders)
}

fn write_json(path: &Path, value: &impl Serialize) -> Result<(), RecordError> {
    let mut json = serde_json::to_vec_pretty(value).map_err(RecordError::malformed(path))?;
    json.push(b'\n');
    write_atomically(path, &json)
}
