use std::path::PathBuf;

use crate::printable::printable;
use crate::result::MIGRATED_VERSION;

/// The reason that a run's files cannot be read or written. Every message names the file.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// Reading or writing failed.
    #[error("{}: {}", path.display(), spec::system(source))]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// The folder of a file to write does not exist.
    #[error("{}: no such folder; create it first", path.display())]
    NoFolder {
        /// The file.
        path: PathBuf,
    },
    /// The content is not JSON or does not have the expected layout.
    #[error(
        "{}: not a result of this version of hearth: {}",
        path.display(),
        printable(&source.to_string())
    )]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The parser's error.
        source: serde_json::Error,
    },
    /// The file has the layout of another version.
    #[error(
        "{}: written by another version of hearth (schema {found}, this one reads {reads}){}",
        path.display(),
        migration(*found)
    )]
    OtherVersion {
        /// The file.
        path: PathBuf,
        /// Its layout.
        found: u64,
        /// The layout that this version reads.
        reads: u32,
    },
    /// The content does not have the hash that the file states.
    #[error("{}: digest mismatch: the file was changed or damaged", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// A file of a finished run is not the one that the run wrote.
    #[error(
        "{}: not the file that the run wrote: it was changed or damaged, or belongs to another run",
        path.display()
    )]
    OtherFile {
        /// The file.
        path: PathBuf,
    },
    /// A file of a finished run is missing.
    #[error("{}: missing, though the run wrote it", path.display())]
    MissingFile {
        /// The file.
        path: PathBuf,
    },
    /// The folder has the name of another run.
    #[error(
        "{}: holds the run {run}, so it is a copy or was renamed; name it {run} again, or remove it",
        folder.display()
    )]
    Misplaced {
        /// The folder.
        folder: PathBuf,
        /// The experiment and the name of the folder that the run was written to.
        run: String,
    },
    /// A file in a run's folder is a link, a pipe or a device.
    #[error(
        "{}: a link, pipe or device; hearth uses only plain files in a run's folder; put a copy there",
        path.display()
    )]
    NotOwn {
        /// The file.
        path: PathBuf,
    },
    /// A file is larger than any that a run writes.
    #[error("{}: larger than {} MiB, which no run writes", path.display(), most >> 20)]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The most bytes that are read.
        most: u64,
    },
    /// Another process uses the run's folder.
    #[error("{}: in use by {by}; wait for it to finish, or choose another --out", folder.display())]
    InUse {
        /// The run's folder.
        folder: PathBuf,
        /// The process and its machine.
        by: String,
    },
    /// The run's folder was removed or replaced while this process used it.
    #[error("{}: removed or replaced during the run; start the run again", folder.display())]
    Removed {
        /// The run's folder.
        folder: PathBuf,
    },
}

/// The remedy for a record of the previous version.
fn migration(found: u64) -> &'static str {
    if found == u64::from(MIGRATED_VERSION) {
        "; convert it with `hearth migrate`"
    } else {
        ""
    }
}

impl RecordError {
    /// Wraps a system error for the file or folder at `path`. Meant for `map_err`.
    pub fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }

    pub(crate) fn malformed(path: impl Into<PathBuf>) -> impl FnOnce(serde_json::Error) -> Self {
        let path = path.into();
        move |source| Self::Malformed { path, source }
    }
}
