use std::path::PathBuf;

/// The reason that a file's network cannot be taken over. Each message names the file.
#[derive(Debug, thiserror::Error)]
pub enum KerasError {
    /// The file cannot be read.
    #[error("{}: {}", path.display(), spec::system(source))]
    Io {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// The file does not hold a model of Keras.
    #[error("{}: {problem}", path.display())]
    NoModel {
        /// The file.
        path: PathBuf,
        /// The problem and its remedy.
        problem: String,
    },
    /// The network has no counterpart.
    #[error("{}: {problem}", path.display())]
    Network {
        /// The file.
        path: PathBuf,
        /// The layer, the problem and its remedy.
        problem: String,
    },
}
