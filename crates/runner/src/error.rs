use std::path::PathBuf;

use datasets::DataError;
use record::RecordError;

use crate::BackendError;

/// The reason that a run failed, or that a finished run cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The backend or its device is unavailable.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// The data cannot be loaded or are damaged.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A file in the run's folder cannot be read or written.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The folder, or a sibling for another seed, belongs to another config.
    #[error(
        "{}: holds a run with another config; choose another --out or --name, or rerun all seeds \
         of the folder with --overwrite",
        folder.display()
    )]
    OtherConfig {
        /// The run's folder.
        folder: PathBuf,
    },
    /// The folder holds a record that cannot be read.
    #[error("{unreadable}; remove it, or replace it with --overwrite")]
    Unreadable {
        /// The problem with the record.
        unreadable: RecordError,
    },
    /// The initial weights do not fit the model or are damaged.
    #[error(
        "{}: {problem}; use weights of a model of the same shape, or omit training.initial_weights",
        path.display()
    )]
    InitialWeights {
        /// The file of weights.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The file of initial weights cannot be read.
    #[error(
        "{}: {}; training.initial_weights is relative to the config file's folder",
        path.display(),
        spec::system(source)
    )]
    InitialWeightsIo {
        /// The file of weights.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// The config of a finished run is not valid.
    #[error(transparent)]
    Config(#[from] config::ConfigError),
    /// The config of a finished run does not have the signature of its record.
    #[error(
        "{}: its config was changed after the run: it does not have the signature of the record; \
         restore the file, or run the config again",
        path.display()
    )]
    ChangedConfig {
        /// The record.
        path: PathBuf,
    },
    /// The folder holds no finished run.
    #[error(
        "{}: no finished run; name a folder like results/mnist-l2/flex-seed0",
        folder.display()
    )]
    Unfinished {
        /// The folder.
        folder: PathBuf,
    },
    /// The run diverged.
    #[error(
        "{}: the run diverged in epoch {epoch}, step {step}: there is no trained model; try a \
         smaller learning rate",
        folder.display()
    )]
    Diverged {
        /// The run's folder.
        folder: PathBuf,
        /// The epoch, counted from 1.
        epoch: usize,
        /// The step within the epoch, counted from 1.
        step: usize,
    },
    /// The weights of a finished run are missing, damaged or those of another model.
    #[error(
        "{}: {problem}; the run's folder is incomplete or holds another model; run it again",
        path.display()
    )]
    Weights {
        /// The file of weights.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The data differ from the data of the run.
    #[error(
        "{}: the data differ from the data of the run; put those back, name their folder with \
         --data-dir, choose another --out or --name, or rerun all seeds of the folder with --overwrite",
        folder.display()
    )]
    OtherData {
        /// The run's folder.
        folder: PathBuf,
    },
    /// The run has no validation set.
    #[error("{}: the run has no validation set", folder.display())]
    NoValidation {
        /// The run's folder.
        folder: PathBuf,
    },
    /// The checkpoint was written by another build of hearth.
    #[error(
        "{}: its checkpoint was written by another build of hearth ({}), which may round \
         differently; resume with that build, or start over with --overwrite",
        folder.display(),
        build(hearth, commit)
    )]
    OtherBuild {
        /// The run's folder.
        folder: PathBuf,
        /// The version of hearth that wrote the checkpoint.
        hearth: String,
        /// The commit that hearth was built from; `None` if it is unknown.
        commit: Option<String>,
    },
    /// The run was interrupted. A checkpoint is written, unless checkpoints are off.
    #[error("interrupted in epoch {epoch} after {steps} of {of} steps")]
    Interrupted {
        /// The epoch, counted from 1.
        epoch: usize,
        /// The number of the epoch's steps that are done.
        steps: usize,
        /// The number of steps per epoch.
        of: usize,
    },
}

fn build(hearth: &str, commit: &Option<String>) -> String {
    match commit {
        Some(commit) => format!("{hearth}, commit {commit}"),
        None => hearth.to_owned(),
    }
}
