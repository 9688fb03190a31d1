use std::path::PathBuf;

use record::RecordError;

/// Why results cannot be compared. Every message names the argument or file and the remedy.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    #[error(
        "{count} given, two are the least: name a result, a run's or an experiment's folder, or a \
         pattern for each side"
    )]
    TooFew { count: usize },
    #[error(
        "{argument}: not there; name a result.json, a run's or an experiment's folder, or a pattern"
    )]
    Missing { argument: String },
    #[error("{pattern}: nothing matches; see `hearth list` for what is there")]
    NoMatch { pattern: String },
    #[error(
        "{pattern}: not a pattern: {problem}; put [ and ] around a character to take it as it is"
    )]
    Pattern {
        pattern: String,
        problem: &'static str,
    },
    #[error("{}: not a result; name a file called result.json or its folder", path.display())]
    NotAResult { path: PathBuf },
    #[error(
        "{argument}: no finished run in it; name a run's folder, with a result.json, or an \
         experiment's, with runs"
    )]
    NoRuns { argument: String },
    #[error("{}: the run was never finished; start it again with the same command", path.display())]
    Unfinished { path: PathBuf },
    #[error("{source}; {}", remedy(source))]
    Record { source: RecordError },
    #[error(
        "{}: belongs to {first} and to {second}; give each run to one side only",
        path.display()
    )]
    Shared {
        path: PathBuf,
        first: String,
        second: String,
    },
    #[error(
        "{argument}: seed {seed} of {} is there twice, {} and {}, and no second sample; name one of \
         them, for instance by a pattern with the backend",
        record::printable(experiment),
        first.display(),
        second.display()
    )]
    SameSeed {
        argument: String,
        experiment: String,
        seed: u64,
        first: PathBuf,
        second: PathBuf,
    },
    #[error(
        "{argument}: runs with different test sets, {} and {}; name one data set's runs",
        first.display(),
        second.display()
    )]
    MixedTestSets {
        argument: String,
        first: PathBuf,
        second: PathBuf,
    },
    #[error("{name}: no such metric, {meant}")]
    UnknownMetric { name: String, meant: String },
    #[error(
        "margin {margin}: not a margin; give a fraction from 0 on: 0.002 of accuracy is 0.2 points"
    )]
    Margin { margin: f64 },
}

impl From<RecordError> for CompareError {
    fn from(source: RecordError) -> Self {
        Self::Record { source }
    }
}

fn remedy(error: &RecordError) -> &'static str {
    match error {
        RecordError::OtherVersion { .. } => "run it again with --overwrite",
        RecordError::Malformed { .. } | RecordError::Damaged { .. } => {
            "run it again with --overwrite, or take the file from a copy"
        }
        _ => "check the path and its permissions",
    }
}
