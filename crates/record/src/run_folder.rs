use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::checkpoint::CheckpointFolder;
use crate::digest::sha256;
use crate::error::RecordError;
use crate::lock::RunLock;
use crate::metrics_log::{EpochLine, MetricsLog};
use crate::own::OwnFolder;
use crate::result::{Files, Record, SCHEMA_VERSION};
use crate::tensorboard;

/// The folder of one run: `<results>/<experiment>/<backend>-seed<N>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunFolder {
    path: PathBuf,
    /// Whether it is within a results folder, where its name tells which run it holds.
    is_in_results: bool,
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
        Self::in_results(results.join(experiment).join(run_name(backend, seed)))
    }

    /// The run folder at a path that a person named.
    pub fn at(path: PathBuf) -> Self {
        Self {
            path,
            is_in_results: false,
        }
    }

    /// The run folder at a path found within a results folder.
    pub fn in_results(path: PathBuf) -> Self {
        Self {
            path,
            is_in_results: true,
        }
    }

    /// All run folders in a results folder, sorted by path; for an experiment's folder that cannot be
    /// read, the error.
    ///
    /// # Errors
    ///
    /// If the results folder cannot be read.
    pub fn all(results: &Path) -> Result<Vec<Result<Self, RecordError>>, RecordError> {
        let experiments = folders_in(results)?.into_iter();
        let runs = experiments.flat_map(|experiment| match Self::of_experiment(&experiment) {
            Ok(runs) => runs.into_iter().map(Ok).collect(),
            Err(error) => vec![Err(error)],
        });
        Ok(runs.collect())
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
        let folders = folders_in(experiment)?.into_iter();
        Ok(folders.map(Self::in_results).collect())
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
            .map(|experiment| Self::in_results(experiment.join(run_name(backend, seed))));
        runs.find(|run| run.signature().is_some_and(|found| found == signature))
    }

    /// All finished runs of a backend by signature and seed, under any experiment name. Empty if the results
    /// folder cannot be read.
    pub fn by_signature(results: &Path, backend: &str) -> HashMap<(String, u64), Self> {
        let mut found = HashMap::new();
        for run in Self::all(results).into_iter().flatten().flatten() {
            let name = run.path.file_name().and_then(OsStr::to_str).map(seed_of);
            if let Some(Some((of, seed))) = name
                && of == backend
                && let Some(signature) = run.signature()
            {
                found.entry((signature, seed)).or_insert(run);
            }
        }
        found
    }

    /// The record's signature, read without checking the rest; `None` if there is no record of this
    /// version.
    fn signature(&self) -> Option<String> {
        let json = self.json().ok()??;
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

    /// Whether the folder holds a finished run, intact or not.
    pub fn is_finished(&self) -> bool {
        let there = self.result().symlink_metadata();
        there.is_ok_and(|there| !there.is_dir()) || self.has_lost_record()
    }

    /// Whether a run was started in this folder and is not finished.
    pub fn is_unfinished(&self) -> bool {
        self.path.join(Self::CONFIG).is_file() && !self.is_finished()
    }

    /// Whether a run has left its weights, which it writes just before its record, and no record. One that
    /// is running or was interrupted has the folder's lock or a checkpoint.
    fn has_lost_record(&self) -> bool {
        let is_there = |path: PathBuf| path.symlink_metadata().is_ok();
        is_there(self.model())
            && !is_there(self.result())
            && !is_there(self.path.join(Self::CHECKPOINT))
            && RunLock::holder(&self.path).is_none()
            // It may have finished since.
            && !is_there(self.result())
    }

    /// Reads the record and checks that all files of the run are the ones it wrote; `None` if there is no
    /// finished run. A record alone in its folder, without the run's other files, is a copy of the record
    /// and is complete.
    ///
    /// # Errors
    ///
    /// If `result.json` cannot be read, was written by another version, does not match its digest and
    /// seal, or is in the folder of another run; if another file of the run is missing or changed.
    pub fn read(&self) -> Result<Option<Record>, RecordError> {
        let Some(record) = self.read_record()? else {
            return Ok(None);
        };
        let folder = OwnFolder::open(&self.path)?;
        let mut missing = None;
        for (name, written) in record.files.named() {
            let path = || folder.path_of(name);
            match folder.has_hash(name, written)? {
                Some(true) => {}
                Some(false) => return Err(RecordError::OtherFile { path: path() }),
                None => missing = missing.or(Some(path())),
            }
        }
        match missing {
            Some(path) if !is_alone(&folder)? => Err(RecordError::MissingFile { path }),
            _ => Ok(Some(record)),
        }
    }

    /// Reads the record without looking at the run's other files; `None` if there is no finished run.
    ///
    /// # Errors
    ///
    /// As for [`read`](Self::read), but for the other files.
    pub fn read_record(&self) -> Result<Option<Record>, RecordError> {
        let path = self.result();
        let Some(json) = self.json()? else {
            return if self.has_lost_record() {
                Err(RecordError::MissingFile { path })
            } else {
                Ok(None)
            };
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
        if !record.is_intact() {
            return Err(RecordError::Damaged { path });
        }
        self.check_place(&record)?;
        Ok(Some(record))
    }

    /// Checks that the folder has the name of the run in it. A folder outside of results may have any
    /// name but that of another run.
    fn check_place(&self, record: &Record) -> Result<(), RecordError> {
        // `.` has no name of its own, `flex-seed0` none of the experiment.
        let path = match self.path.parent().and_then(Path::file_name) {
            Some(_) => self.path.clone(),
            None => self
                .path
                .canonicalize()
                .map_err(RecordError::io(&self.path))?,
        };
        let name = path.file_name().and_then(OsStr::to_str);
        let is_runs = name.is_some_and(|name| seed_of(name).is_some());
        if !is_runs && !self.is_in_results {
            return Ok(());
        }
        let own_name = run_name(&label_of(&record.run.backend), record.seed);
        let experiment = path.parent().and_then(Path::file_name);
        let is_experiments = experiment.is_none_or(|found| found == record.experiment.as_str());
        if name == Some(&own_name) && is_experiments {
            return Ok(());
        }
        Err(RecordError::Misplaced {
            folder: self.path.clone(),
            run: format!("{}/{own_name}", record.experiment),
        })
    }

    /// The record's text, unchecked, without a byte order mark that a program on Windows may have added.
    /// `None` if there is none.
    ///
    /// # Errors
    ///
    /// If `result.json` is no plain file, is over 64 MiB or cannot be read.
    pub fn json(&self) -> Result<Option<Vec<u8>>, RecordError> {
        let Some(folder) = OwnFolder::find(&self.path)? else {
            return Ok(None);
        };
        let json = folder.read(Self::RESULT, MOST_JSON)?;
        Ok(json.map(|mut json| {
            if json.starts_with(b"\xef\xbb\xbf") {
                json.drain(..3);
            }
            json
        }))
    }

    /// The content of a file of the run, whose hash is in its record.
    ///
    /// # Errors
    ///
    /// If the record has no hash of the file, or the file is missing, was changed or cannot be read.
    pub fn read_file(&self, name: &str, record: &Record) -> Result<Vec<u8>, RecordError> {
        let folder = OwnFolder::open(&self.path)?;
        let path = folder.path_of(name);
        let mut named = record.files.named();
        let Some((_, written)) = named.find(|(found, _)| *found == name) else {
            return Err(RecordError::MissingFile { path });
        };
        match folder.read(name, u64::MAX)? {
            None => Err(RecordError::MissingFile { path }),
            Some(content) if sha256(&content) == written => Ok(content),
            Some(_) => Err(RecordError::OtherFile { path }),
        }
    }

    /// The hashes of the files that are in the folder now, for a record that lacks them.
    ///
    /// # Errors
    ///
    /// If a file cannot be read.
    pub fn files(&self) -> Result<Files, RecordError> {
        let folder = OwnFolder::open(&self.path)?;
        Ok(Files {
            model: folder.hash(Self::MODEL)?,
            vocabulary: folder.hash(Self::VOCABULARY)?,
            columns: folder.hash(Self::COLUMNS)?,
        })
    }

    /// Writes a file of the run completely or not at all and returns its hash.
    ///
    /// # Errors
    ///
    /// If the file cannot be written. An existing file is then unchanged.
    pub fn write_file(&self, name: &str, content: &[u8]) -> Result<String, RecordError> {
        OwnFolder::open(&self.path)?.write(name, content)?;
        Ok(sha256(content))
    }

    /// The folder that relative paths in the run's config start from.
    pub fn config_folder(&self, record: &Record) -> PathBuf {
        let folder = record.run.config_folder.as_deref();
        self.path.join(folder.unwrap_or(Path::new("")))
    }

    /// The folder of the checkpoints.
    pub fn checkpoints(&self) -> CheckpointFolder {
        CheckpointFolder::of_run(self.path.clone())
    }

    /// Removes the checkpoints and the lock of a process that was killed right after writing the
    /// record. Ignores errors, since leftovers do no harm.
    pub fn tidy(&self) {
        let leftovers = [self.checkpoints().path(), RunLock::path_in(&self.path)];
        if leftovers.iter().any(|path| path.exists())
            && let Ok(_lock) = RunLock::take(&self.path)
        {
            let _ = self.checkpoints().remove();
        }
    }

    /// Prepares the folder for a run. Removes an earlier result, weights, vocabulary, columns and event
    /// files, writes the resolved config and starts the metrics log with the epochs that are already done.
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
        if self.is_finished() {
            self.checkpoints().remove()?;
        }
        let folder = OwnFolder::open(&self.path)?;
        for stale in [Self::RESULT, Self::MODEL, Self::VOCABULARY, Self::COLUMNS] {
            folder.remove(stale)?;
        }
        tensorboard::remove(&folder)?;
        folder.write(Self::CONFIG, &json(&self.path.join(Self::CONFIG), config)?)?;
        folder.remove_partial()?;
        MetricsLog::create(&folder, epochs)
    }

    /// Writes the record, which marks the run as finished.
    ///
    /// # Errors
    ///
    /// If the folder cannot be written. An earlier result is then kept.
    pub fn write(&self, record: &Record) -> Result<(), RecordError> {
        let json = json(&self.result(), record)?;
        OwnFolder::open(&self.path)?.write(Self::RESULT, &json)
    }

    /// Writes the config and the test figures of a finished run for TensorBoard, beside its curves.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn write_hparams(&self, record: &Record) -> Result<(), RecordError> {
        tensorboard::write_hparams(&OwnFolder::open(&self.path)?, record)
    }
}

/// The most bytes of a record that are read. One of 100,000 epochs, the most there can be, has fewer.
const MOST_JSON: u64 = 64 << 20;

/// Whether a folder has none of the files of a run but its record.
fn is_alone(folder: &OwnFolder) -> Result<bool, RecordError> {
    let names = folder.names()?;
    let is_of_run = |name: &OsString| {
        let others = [
            RunFolder::CONFIG,
            RunFolder::METRICS,
            RunFolder::MODEL,
            RunFolder::VOCABULARY,
            RunFolder::COLUMNS,
        ];
        others.iter().any(|other| name == other)
    };
    Ok(!names.iter().any(is_of_run))
}

/// The name of a run's folder, for instance `flex-seed0`.
fn run_name(backend: &str, seed: u64) -> String {
    format!("{backend}-seed{seed}")
}

/// Backend and seed of a run from the name of its folder; `None` if it is named otherwise.
pub(crate) fn seed_of(name: &str) -> Option<(&str, u64)> {
    let (backend, seed) = name.rsplit_once("-seed")?;
    Some((backend, seed.parse().ok()?))
}

/// A backend as folders are named by it: `wgpu:1` is `wgpu1`.
fn label_of(backend: &str) -> String {
    backend.replace(':', "")
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

fn json(path: &Path, value: &impl Serialize) -> Result<Vec<u8>, RecordError> {
    let mut json = serde_json::to_vec_pretty(value).map_err(RecordError::malformed(path))?;
    json.push(b'\n');
    Ok(json)
}
