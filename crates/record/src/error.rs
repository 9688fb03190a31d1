use std::path::PathBuf;

/// Why a record cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    #[error("{}: {source}", path.display())]
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error(
        "{}: not a result of this version of hearth: {}",
        path.display(),
        crate::printable(&source.to_string())
    )]
    Malformed {
        path: PathBuf,
        source: serde_json::Error,
    },
    #[error(
        "{}: written by another version of hearth (schema {found}, this one reads {reads})",
        path.display()
    )]
    OtherVersion {
        path: PathBuf,
        found: u64,
        reads: u32,
    },
    #[error("{}: the digest does not fit: the file was changed or damaged", path.display())]
    Damaged { path: PathBuf },
    #[error("{}: in use by {by}; wait for it, or choose another --out", folder.display())]
    InUse { folder: PathBuf, by: String },
    #[error("{}: was removed or replaced while the run was in it", folder.display())]
    Removed { folder: PathBuf },
}

impl RecordError {
    pub fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }

    pub(crate) fn malformed(path: impl Into<PathBuf>) -> impl FnOnce(serde_json::Error) -> Self {
        let path = path.into();
        move |source| Self::Malformed { path, source }
    }
}
