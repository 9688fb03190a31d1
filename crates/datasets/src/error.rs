use std::path::{Path, PathBuf};

/// Why a data set cannot be had. Every message names the file and the remedy.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    #[error(
        "{}: not there, nor with .gz; put the four MNIST files there, or leave --data-dir and \
         HEARTH_DATA_DIR out to have them downloaded",
        path.display()
    )]
    Missing { path: PathBuf },
    #[error("{}: {problem}; get the file again", path.display())]
    Malformed { path: PathBuf, problem: String },
    #[error(
        "{url}: {problem}; check the network, or download MNIST elsewhere and name its folder \
         with --data-dir"
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
            problem: problem.into(),
        }
    }

    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io {
            path: path.to_owned(),
            source,
        }
    }
}
