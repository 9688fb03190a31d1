use std::path::{Path, PathBuf};

/// Why a data set cannot be had. Every message names the file and the remedy.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    #[error(
        "{}: not there; {remedy}, or leave --data-dir and HEARTH_DATA_DIR out to have it \
         downloaded",
        path.display()
    )]
    Missing { path: PathBuf, remedy: &'static str },
    #[error("{}: {problem}; get the file again", path.display())]
    Malformed { path: PathBuf, problem: String },
    #[error("{}: {problem}; give a PNG or JPEG file of at most 50 million pixels", path.display())]
    Picture { path: PathBuf, problem: String },
    #[error(
        "{url}: {problem}; check the network, or download the data set elsewhere and name its \
         folder with --data-dir"
    )]
    Unavailable { url: String, problem: String },
    #[error("{}: {source}", path.display())]
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("no cache folder: set HOME or XDG_CACHE_HOME, or name a data folder with --data-dir")]
    NoCache,
}

impl DataError {
    pub(crate) fn malformed(path: &Path, problem: impl Into<String>) -> Self {
        Self::Malformed {
            path: path.to_owned(),
            problem: one_line(&problem.into()),
        }
    }

    pub(crate) fn picture(path: &Path, problem: String) -> Self {
        Self::Picture {
            path: path.to_owned(),
            problem,
        }
    }

    /// A failed read is the file's fault: it is truncated, or its gzip stream is damaged.
    pub(crate) fn unreadable(path: &Path) -> impl Fn(std::io::Error) -> Self {
        move |error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => Self::malformed(path, "truncated"),
            _ => Self::malformed(path, format!("unreadable: {error}")),
        }
    }

    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io {
            path: path.to_owned(),
            source,
        }
    }
}

/// Errors quote what a file holds: that ends no line and steers no terminal.
pub(crate) fn one_line(problem: &str) -> String {
    problem.replace(char::is_control, " ")
}
