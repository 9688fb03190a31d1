use std::path::PathBuf;

/// Why a report cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A source does not exist.
    #[error(
        "{}: not found; name a results folder, an experiment's or a run's folder, or a file written by \
         `hearth sweep collect --json`",
        path.display()
    )]
    Missing {
        /// As given.
        path: PathBuf,
    },
    /// The sources contain neither a readable run nor a sweep.
    #[error(
        "{sources}: no readable finished run; finish one with `hearth run`{}",
        first(unreadable)
    )]
    Nothing {
        /// As given.
        sources: String,
        /// One line for each file that could not be read.
        unreadable: Vec<String>,
    },
    /// The experiment that the others are to be compared with is not among them.
    #[error("--baseline {name}: no such experiment here; name one of: {}", names.join(", "))]
    Baseline {
        /// As given.
        name: String,
        /// The experiments there are.
        names: Vec<String>,
    },
    /// The experiment that the others are to be compared with has no spread.
    #[error(
        "--baseline {name}: has one seed, which no test can use; run more, for example --seeds 0..5"
    )]
    BaselineOfOne {
        /// As given.
        name: String,
    },
}

fn first(unreadable: &[String]) -> String {
    match unreadable {
        [] => String::new(),
        [only] => format!(" ({only})"),
        [first, rest @ ..] => format!(" ({first}; and {} more)", rest.len()),
    }
}
