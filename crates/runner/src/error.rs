use std::path::PathBuf;

use datasets::DataError;
use record::RecordError;

use crate::BackendError;

/// Why a run did not come to a result.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error(transparent)]
    Backend(#[from] BackendError),
    #[error(transparent)]
    Data(#[from] DataError),
    #[error(transparent)]
    Record(#[from] RecordError),
    #[error(
        "{}: holds a run with another config; choose another --out, rename the config, or replace \
         the run with --overwrite",
        folder.display()
    )]
    OtherConfig { folder: PathBuf },
    #[error(
        "{}: {unreadable}; remove it, or replace it with --overwrite",
        folder.display()
    )]
    Unreadable {
        folder: PathBuf,
        unreadable: RecordError,
    },
    #[error("training needs an example: validation_fraction {fraction} of {examples} leaves none")]
    NothingToTrainOn { fraction: f64, examples: usize },
    #[error("{}: {problem}; name weights of a model of the same shape, or leave training.initial_weights out", path.display())]
    InitialWeights { path: PathBuf, problem: String },
    #[error("{}: {source}; is training.initial_weights as seen from this folder?", path.display())]
    InitialWeightsIo {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error(transparent)]
    Config(#[from] config::ConfigError),
    #[error("{}: no finished run; name a folder like results/mnist-l2/flex-seed0", folder.display())]
    Unfinished { folder: PathBuf },
    #[error("{}: {problem}; the run's folder is incomplete or holds another model, run it again", path.display())]
    Weights { path: PathBuf, problem: String },
    #[error("{}: the data are not those the run was made with; name the folder with --data-dir", folder.display())]
    OtherData { folder: PathBuf },
    #[error("{}: the run held nothing out for validation", folder.display())]
    NoValidation { folder: PathBuf },
    #[error(
        "{}: its checkpoint is of another build of hearth ({}), of which the same bits cannot be \
         promised; go on with that one, or start over with --overwrite",
        folder.display(),
        build(hearth, commit)
    )]
    OtherBuild {
        folder: PathBuf,
        hearth: String,
        commit: Option<String>,
    },
    /// A checkpoint is written, unless the run was to leave none.
    #[error("interrupted in epoch {epoch}, after {steps} of its {of} steps")]
    Interrupted {
        epoch: usize,
        steps: usize,
        of: usize,
    },
}

fn build(hearth: &str, commit: &Option<String>) -> String {
    match commit {
        Some(commit) => format!("{hearth}, commit {commit}"),
        None => hearth.to_owned(),
    }
}
