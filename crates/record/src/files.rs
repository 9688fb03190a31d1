use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::atomic::remove_partial;
use crate::{
    CheckpointFolder, Epoch, EpochTiming, Record, RecordError, RunLock, SCHEMA_VERSION, digest_of,
    write_atomically,
};

/// The folder of one run: `<results>/<experiment>/<backend>-seed<N>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunFolder {
    path: PathBuf,
}

impl RunFolder {
    pub fn new(results: &Path, experiment: &str, backend: &str, seed: u64) -> Self {
        Self::at(
            results
                .join(experiment)
                .join(format!("{backend}-seed{seed}")),
        )
    }

    pub fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// Every run folder of a results folder, in the order of the names.
    ///
    /// # Errors
    ///
    /// When a folder cannot be read.
    pub fn all(results: &Path) -> Result<Vec<Self>, RecordError> {
        let mut runs = Vec::new();
        for experiment in folders_in(results)? {
            runs.extend(folders_in(&experiment)?.into_iter().map(Self::at));
        }
        Ok(runs)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The trained weights.
    pub fn model(&self) -> PathBuf {
        self.path.join("model.safetensors")
    }

    /// The words that the model's tokens stand for, where it reads texts.
    pub fn vocabulary(&self) -> PathBuf {
        self.path.join("vocabulary.txt")
    }

    /// Whether there is a record, readable or not.
    pub fn has_result(&self) -> bool {
        self.result().exists()
    }

    /// The record, or nothing when the run was never finished.
    ///
    /// # Errors
    ///
    /// When there is a `result.json` that cannot be read, is not of this version or was changed.
    pub fn read(&self) -> Result<Option<Record>, RecordError> {
        let path = self.result();
        let json = match std::fs::read(&path) {
            Ok(json) => json,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(RecordError::io(path)(error)),
        };
        // The version first: a record of another version may differ in any key.
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

    /// What a run that is not finished can go on from.
    pub fn checkpoints(&self) -> CheckpointFolder {
        CheckpointFolder::at(self.path.join("checkpoint"))
    }

    /// Removes what a process that was killed right after the run was finished left beside the record.
    /// Where that cannot be, it does no harm.
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

    /// Makes the folder one of a run that is not finished: an earlier result and vocabulary go, the
    /// resolved config and the log of metrics with the epochs that are done come.
    ///
    /// # Errors
    ///
    /// When the folder cannot be written.
    pub fn begin(
        &self,
        config: &serde_json::Value,
        epochs: &[EpochLine],
    ) -> Result<MetricsLog, RecordError> {
        // Checkpoints beside a result are older than that.
        if self.has_result() {
            self.checkpoints().remove()?;
        }
        for stale in [self.result(), self.vocabulary()] {
            match std::fs::remove_file(&stale) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(RecordError::io(stale)(error));
                }
                _ => {}
            }
        }
        write_json(&self.path.join("config.json"), config)?;
        remove_partial(&self.path)?;
        MetricsLog::create(self.path.join("metrics.jsonl"), epochs)
    }

    /// # Errors
    ///
    /// When the folder cannot be written; a result that was there stays.
    pub fn write(&self, record: &Record) -> Result<(), RecordError> {
        write_json(&self.result(), record)
    }

    fn result(&self) -> PathBuf {
        self.path.join("result.json")
    }
}

/// What is read of a record of any version.
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

/// One line of `metrics.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochLine {
    #[serde(flatten)]
    pub epoch: Epoch,
    #[serde(flatten)]
    pub timing: EpochTiming,
}

/// `metrics.jsonl`: a line per epoch, written as the epoch ends.
#[derive(Debug)]
pub struct MetricsLog {
    path: PathBuf,
    file: File,
}

impl MetricsLog {
    /// With the lines of `epochs`.
    fn create(path: PathBuf, epochs: &[EpochLine]) -> Result<Self, RecordError> {
        let file = File::create(&path).map_err(RecordError::io(&path))?;
        let mut log = Self { path, file };
        for line in epochs {
            log.append(line)?;
        }
        Ok(log)
    }

    /// # Errors
    ///
    /// When the line cannot be written.
    pub fn append(&mut self, line: &EpochLine) -> Result<(), RecordError> {
        let mut json = serde_json::to_vec(line).map_err(RecordError::malformed(&self.path))?;
        json.push(b'\n');
        self.file
            .write_all(&json)
            .map_err(RecordError::io(&self.path))
    }
}
