//! The temporary folder that a run is repeated in.

use std::fs::Metadata;
use std::path::Path;
use std::time::Duration;

use record::{RecordError, RunLock};
use tempfile::{Builder, TempDir};

const PREFIX: &str = "hearth-verify-";

/// A younger folder may be one whose process has not locked it yet.
const OLD: Duration = Duration::from_secs(60);

/// A folder that is removed with the value. The system's lock on it shows that somebody still uses it.
pub struct Temporary {
    _lock: RunLock,
    folder: TempDir,
}

impl Temporary {
    /// Creates the folder, and removes those that killed processes left.
    pub fn new() -> Result<Self, RecordError> {
        let place = std::env::temp_dir();
        let folder = Builder::new().prefix(PREFIX).tempdir_in(&place);
        let folder = folder.map_err(RecordError::io(&place))?;
        remove_abandoned(&place, folder.path());
        let _lock = RunLock::take(folder.path())?;
        Ok(Self { _lock, folder })
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// Errors are ignored: leftovers do no harm.
fn remove_abandoned(place: &Path, own: &Path) {
    let (Ok(entries), Ok(own)) = (place.read_dir(), own.metadata()) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let is_named_so = name.as_encoded_bytes().starts_with(PREFIX.as_bytes());
        let is_left = entry
            .metadata()
            .is_ok_and(|found| found.is_dir() && is_of_same_user(&found, &own) && is_old(&found));
        if is_named_so
            && is_left
            && let Ok(_lock) = RunLock::take(&entry.path())
        {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

fn is_old(found: &Metadata) -> bool {
    let age = found.modified().ok().and_then(|at| at.elapsed().ok());
    age.is_some_and(|age| age > OLD)
}

#[cfg(unix)]
fn is_of_same_user(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    one.uid() == other.uid()
}

/// Elsewhere each user has a folder of their own for temporary files.
#[cfg(not(unix))]
fn is_of_same_user(_: &Metadata, _: &Metadata) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_nobody_uses_is_removed() {
        let place = tempfile::tempdir().unwrap();
        let old = std::time::SystemTime::now() - 2 * OLD;
        let made = |name: &str| {
            let path = place.path().join(name);
            std::fs::create_dir_all(path.join("x/flex-seed0")).unwrap();
            path
        };
        let age = |path: &Path| {
            std::fs::File::open(path)
                .unwrap()
                .set_modified(old)
                .unwrap()
        };
        let [killed, used, young, others] = [
            "hearth-verify-a",
            "hearth-verify-b",
            "hearth-verify-c",
            "else",
        ]
        .map(made);
        let _lock = RunLock::take(&used).unwrap();
        for path in [&killed, &used, &others] {
            age(path);
        }
        remove_abandoned(place.path(), place.path());
        let is_there = [killed, used, young, others].map(|path| path.exists());
        assert_eq!(is_there, [false, true, true, true]);
    }
}
