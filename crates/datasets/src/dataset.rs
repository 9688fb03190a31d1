use std::path::PathBuf;

/// A data set as its makers split it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dataset<S> {
    /// As it stands in results.
    pub name: &'static str,
    pub train: S,
    pub test: S,
}

/// What `verify` found out about a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    pub path: PathBuf,
    pub examples: usize,
    pub sha256: String,
    /// Whether it is the published file, packed or not.
    pub original: bool,
}

/// The examples that stay when the last `fraction`, `[0, 1)`, is taken off, as Keras's
/// `validation_split` does: rounded down.
pub(crate) fn kept(examples: usize, fraction: f64) -> usize {
    (examples as f64 * (1.0 - fraction)) as usize
}
