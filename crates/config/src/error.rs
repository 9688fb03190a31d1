use std::path::{Path, PathBuf};

use record::printable;
use spec::Problem;

use crate::origin::Origin;

/// The reason that a config is refused. Each message names the file (with the line if the text
/// itself is wrong) or the override, then the key, the value and the remedy.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file cannot be read.
    #[error("{}: {}", shown(path), spec::system(source))]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// The file's name cannot serve as an experiment's name.
    #[error(
        "{}: rename it to <experiment>.json with only letters, digits, '-', '_' and '.'",
        shown(path)
    )]
    Name {
        /// The file.
        path: PathBuf,
    },
    /// The value of `--name` cannot serve as an experiment's name.
    #[error(
        "--name {}: use only letters, digits, '-', '_', '.', '+' and '=', at most 200, and no '.' \
         in front",
        printable(name)
    )]
    GivenName {
        /// The value.
        name: String,
    },
    /// The text of a file or an override is not valid, or a value in it.
    #[error("{}", printable(&format!("{origin}: {}{problem}", key_prefix(key))))]
    Invalid {
        /// The file, with line and column if known, or the override.
        origin: String,
        /// The key's path; empty for the whole file.
        key: String,
        /// The problem and the remedy.
        problem: String,
    },
    /// An override has no key or no value.
    #[error(
        "{}: not of the form key=value, for instance training.epochs=5",
        printable(text)
    )]
    Override {
        /// The argument.
        text: String,
    },
}

impl ConfigError {
    /// The error for a problem with a key of a config.
    pub(crate) fn of(origin: &Origin, problem: Problem) -> Self {
        Self::Invalid {
            origin: origin.of(&problem.key),
            key: problem.key,
            problem: problem.message,
        }
    }
}

/// A path in a message. Control characters are escaped: a sweep's file can name any base.
fn shown(path: &Path) -> String {
    printable(&path.display().to_string())
}

fn key_prefix(key: &str) -> String {
    match key {
        "" | "." => String::new(),
        key => format!("{key}: "),
    }
}
