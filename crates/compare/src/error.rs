use std::path::PathBuf;

use record::{MIGRATED_VERSION, Metric, RecordError, printable};

/// Why results cannot be compared. Each message names the argument or file and the remedy.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    /// A comparison needs a baseline and something to compare with it.
    #[error(
        "a comparison needs at least two groups, got {count}; for each one, name a result.json, a \
         run's or an experiment's folder, or a glob pattern"
    )]
    TooFew {
        /// Arguments or groups given.
        count: usize,
    },
    /// There is no such path.
    #[error(
        "{argument}: not found{}",
        match meant {
            Some(meant) => format!(", did you mean {}?", meant.display()),
            None => "; name a result.json, a run's or an experiment's folder, or a glob pattern".to_owned(),
        }
    )]
    Missing {
        /// As given.
        argument: String,
        /// The path in the usual results folder, if it exists.
        meant: Option<PathBuf>,
    },
    /// A pattern matches no path.
    #[error("{pattern}: nothing matches; `hearth list` shows the finished runs")]
    NoMatch {
        /// As given.
        pattern: String,
    },
    /// A pattern is malformed.
    #[error(
        "{pattern}: not a valid pattern: {problem}; to match a special character, put it in [ and ]"
    )]
    Pattern {
        /// As given.
        pattern: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A named file is not a record.
    #[error("{}: not a result; name a file called result.json or its folder", path.display())]
    NotAResult {
        /// The file.
        path: PathBuf,
    },
    /// A folder or pattern contains no finished run.
    #[error(
        "{argument}: no finished run in it; name a run's folder, which has a result.json, or an \
         experiment's folder, which has runs"
    )]
    NoRuns {
        /// As given.
        argument: String,
    },
    /// A run was started and not finished.
    #[error("{}: the run is unfinished; resume it with the command that started it", path.display())]
    Unfinished {
        /// The run's folder.
        path: PathBuf,
    },
    /// A record cannot be read.
    #[error("{source}{}", remedy(source))]
    Record {
        /// Why not.
        source: RecordError,
    },
    /// A run belongs to two groups.
    #[error(
        "{}: belongs to {first} and to {second}; give each run to one side only",
        path.display()
    )]
    Shared {
        /// The run's folder.
        path: PathBuf,
        /// The argument of one group.
        first: String,
        /// The argument of the other.
        second: String,
    },
    /// Two runs have the same result under different seeds, so they are not two samples.
    #[error(
        "{}: the very result of {}, under another seed; leave out one of them: it is a copy, or \
         nothing in the config is random",
        second.display(),
        first.display()
    )]
    Copied {
        /// One run's folder.
        first: PathBuf,
        /// The other's.
        second: PathBuf,
    },
    /// A group has two runs with the same config and seed, which are only one sample.
    #[error(
        "{argument}: seed {seed} of {} occurs twice, in {} and {}, but is only one sample; name \
         one of them, for example with a pattern that includes the backend",
        printable(experiment),
        first.display(),
        second.display()
    )]
    SameSeed {
        /// The group's argument.
        argument: String,
        /// The experiment's name.
        experiment: String,
        /// The seed.
        seed: u64,
        /// One run's folder.
        first: PathBuf,
        /// The other's.
        second: PathBuf,
    },
    /// Runs with the same name belong to different experiments: they differ in more than the seed.
    #[error(
        "{argument}: runs of {} with different {differing}, {} and {}; name the runs of one kind, \
         for example with a pattern, or rerun the others with --overwrite",
        printable(experiment),
        first.display(),
        second.display()
    )]
    MixedExperiments {
        /// The group's argument.
        argument: String,
        /// The name that both share.
        experiment: String,
        /// What differs: `configs` or `training data`.
        differing: &'static str,
        /// One run's folder.
        first: PathBuf,
        /// The other's.
        second: PathBuf,
    },
    /// Runs of a group were tested on different examples.
    #[error(
        "{argument}: runs with different test sets, {} and {}; name the runs of one data set",
        first.display(),
        second.display()
    )]
    MixedTestSets {
        /// The group's argument.
        argument: String,
        /// One run's folder.
        first: PathBuf,
        /// The other's.
        second: PathBuf,
    },
    /// The equivalence margin is negative or not finite.
    #[error(
        "margin {margin}: not a margin; must be a finite number of at least 0: for accuracy, 0.002 \
         is 0.2 points"
    )]
    Margin {
        /// As given.
        margin: f64,
    },
    /// Seeds can only differ where there are several.
    #[error("{argument}: fewer than two tested runs; run more seeds, for example --seeds 0..5")]
    OneRun {
        /// As given.
        argument: String,
    },
    /// The records do not say which examples count for the metric.
    #[error(
        "--over seeds,examples: records hold the answers to the test examples, not those behind \
         {metric}; leave out --metric, or take --over seeds"
    )]
    NoAnswers {
        /// The metric.
        metric: Metric,
    },
}

impl From<RecordError> for CompareError {
    fn from(source: RecordError) -> Self {
        Self::Record { source }
    }
}

fn remedy(error: &RecordError) -> &'static str {
    match error {
        // The error itself names `hearth migrate`.
        RecordError::OtherVersion { found, .. } if *found == u64::from(MIGRATED_VERSION) => "",
        RecordError::OtherVersion { .. } => "; rerun it with --overwrite",
        RecordError::Malformed { .. }
        | RecordError::Damaged { .. }
        | RecordError::OtherFile { .. }
        | RecordError::MissingFile { .. }
        | RecordError::TooLarge { .. } => {
            "; rerun it with --overwrite, or restore the file from a copy"
        }
        RecordError::Io { .. } | RecordError::Removed { .. } => {
            "; check the path and its permissions"
        }
        RecordError::InUse { .. }
        | RecordError::NoFolder { .. }
        | RecordError::Misplaced { .. }
        | RecordError::NotOwn { .. } => "",
    }
}
