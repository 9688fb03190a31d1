use std::path::PathBuf;

/// Why a config is refused: the file (and line, where the text itself is at fault), the key's
/// path, the value and the remedy.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{}: {source}", path.display())]
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{}: its name must be <experiment>.json, of letters, digits, '-', '_' and '.'", path.display())]
    Name { path: PathBuf },
    #[error("{origin}: {}{problem}", key_prefix(key))]
    Invalid {
        /// The file, with line and column where they help, or the override.
        origin: String,
        /// The key's path; empty for the whole.
        key: String,
        problem: String,
    },
    #[error("{text}: not of the form key=value, for instance training.epochs=5")]
    Override { text: String },
}

fn key_prefix(key: &str) -> String {
    match key {
        "" | "." => String::new(),
        key => format!("{key}: "),
    }
}
