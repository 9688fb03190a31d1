use std::path::{Path, PathBuf};

use record::printable;

/// Why a config is refused: the file (and line, where the text itself is at fault), the key's
/// path, the value and the remedy.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{}: {source}", shown(path))]
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error(
        "{}: its name must be <experiment>.json, of letters, digits, '-', '_' and '.'",
        shown(path)
    )]
    Name { path: PathBuf },
    #[error("{}", printable(&format!("{origin}: {}{problem}", key_prefix(key))))]
    Invalid {
        /// The file, with line and column where they help, or the override.
        origin: String,
        /// The key's path; empty for the whole.
        key: String,
        problem: String,
    },
    #[error(
        "{}: not of the form key=value, for instance training.epochs=5",
        printable(text)
    )]
    Override { text: String },
}

/// A sweep's file names its base.
fn shown(path: &Path) -> String {
    printable(&path.display().to_string())
}

fn key_prefix(key: &str) -> String {
    match key {
        "" | "." => String::new(),
        key => format!("{key}: "),
    }
}
