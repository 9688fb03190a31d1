use std::path::PathBuf;

/// Why there is nothing to report on.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    #[error(
        "{}: not there; name a results folder, an experiment's or a run's folder, or a file that \
         `hearth sweep collect --json` gave",
        path.display()
    )]
    Missing { path: PathBuf },
    #[error(
        "{sources}: no finished run that can be read; `hearth run` makes some{}",
        first(unreadable)
    )]
    Nothing {
        sources: String,
        unreadable: Vec<String>,
    },
}

fn first(unreadable: &[String]) -> String {
    match unreadable {
        [] => String::new(),
        [only] => format!(" ({only})"),
        [first, rest @ ..] => format!(" ({first}; and {} more)", rest.len()),
    }
}
