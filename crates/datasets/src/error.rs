use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::picture::NOTHING_DRAWN;
use crate::table::value::quoted;

/// The reason that data cannot be loaded. Each message names the file and the remedy.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// A file of a data set does not exist.
    #[error(
        "{}: not found; {remedy}, or omit --data-dir and HEARTH_DATA_DIR to download it",
        path.display()
    )]
    Missing {
        /// The file's expected path.
        path: PathBuf,
        /// How to provide the file.
        remedy: &'static str,
    },
    /// A file of a data set is damaged or of another format.
    #[error("{}: {problem}; download it again", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The problem with its content.
        problem: String,
    },
    /// A picture cannot be used.
    #[error("{}: {problem}; use a PNG, JPEG, WebP, BMP or GIF file of at most 64 million pixels", path.display())]
    Picture {
        /// The file.
        path: PathBuf,
        /// The problem with its content.
        problem: String,
    },
    /// A file or folder that a config or an argument names does not exist.
    #[error("{}: not found; {}", path.display(), where_to_look(key))]
    NotFound {
        /// The path.
        path: PathBuf,
        /// The config's key, or the argument.
        key: &'static str,
    },
    /// A person's own data cannot be used as they are.
    #[error("{place}: {problem}")]
    Own {
        /// The file or folder, with the line if there is one.
        place: String,
        /// The problem and its remedy.
        problem: String,
    },
    /// All examples are held out for validation.
    #[error(
        "validation_fraction {fraction} of {examples} examples leaves none to train on; lower it"
    )]
    NothingToTrainOn {
        /// The fraction held out for validation, 0 to 1.
        fraction: f64,
        /// The number of examples before the split.
        examples: usize,
    },
    /// A download failed.
    #[error(
        "{url}: {problem}; check the network, or download the data set elsewhere and name its \
         folder with --data-dir"
    )]
    Unavailable {
        /// The address.
        url: String,
        /// The problem.
        problem: String,
    },
    /// Reading or writing a file failed.
    #[error("{}: {}", path.display(), spec::system(source))]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// The system names no cache folder for this user.
    #[error("no cache folder: set HOME or XDG_CACHE_HOME, or name a data folder with --data-dir")]
    NoCache,
}

/// The remedy for a missing file that a config's key or an argument names.
fn where_to_look(key: &str) -> String {
    if key.starts_with("data.") {
        format!(
            "{key} is relative to the config file's folder, or to --config-dir for a finished run"
        )
    } else {
        "name a file or folder that is there".to_owned()
    }
}

impl DataError {
    /// For a picture in which nothing is to be seen.
    pub fn blank(path: &Path) -> Self {
        Self::own(path, NOTHING_DRAWN)
    }

    /// For a text without a word of the model's vocabulary.
    pub fn no_known_word(name: &str) -> Self {
        Self::Own {
            place: quoted(name),
            problem: "no word that the model knows".to_owned(),
        }
    }

    /// For a line of standard input, counted from 1, that is not UTF-8.
    pub fn not_utf8_line(line: usize) -> Self {
        Self::Own {
            place: "standard input".to_owned(),
            problem: format!("line {line} is not UTF-8 text"),
        }
    }

    /// For a folder or a pattern without files.
    pub fn no_files(path: &Path) -> Self {
        Self::own(path, "no files there")
    }

    pub(crate) fn malformed(path: &Path, problem: impl Into<String>) -> Self {
        Self::Malformed {
            path: path.to_owned(),
            problem: one_line(&problem.into()),
        }
    }

    /// For a person's own file or folder; the problem includes the remedy.
    pub(crate) fn own(path: &Path, problem: impl Into<String>) -> Self {
        Self::Own {
            place: path.display().to_string(),
            problem: one_line(&problem.into()),
        }
    }

    /// For reads of a person's own file that fail because of its content.
    pub(crate) fn unreadable_own(path: &Path, error: &std::io::Error) -> Self {
        let problem = if error.kind() == ErrorKind::UnexpectedEof {
            "truncated; copy it again".to_owned()
        } else {
            format!("unreadable: {error}; copy it again")
        };
        Self::own(path, problem)
    }

    pub(crate) fn picture(path: &Path, problem: String) -> Self {
        Self::Picture {
            path: path.to_owned(),
            problem,
        }
    }

    /// For reads that fail because of the file: it is truncated, or its gzip stream is damaged.
    pub(crate) fn unreadable(path: &Path) -> impl Fn(std::io::Error) -> Self {
        move |error| {
            if error.kind() == ErrorKind::UnexpectedEof {
                Self::malformed(path, "truncated")
            } else {
                Self::malformed(path, format!("unreadable: {error}"))
            }
        }
    }

    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io {
            path: path.to_owned(),
            source,
        }
    }
}

/// Replaces control characters, so that text quoted from a file neither breaks the line of an error
/// nor controls the terminal.
pub(crate) fn one_line(problem: &str) -> String {
    problem.replace(char::is_control, " ")
}
