use std::ffi::OsStr;
use std::fs::{DirEntry, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use etcetera::{BaseStrategy, choose_base_strategy};
use sha2::{Digest, Sha256};
use tempfile::{Builder, NamedTempFile};

use crate::error::DataError;

/// Hearth's folder in the user's cache folder: `$XDG_CACHE_HOME/hearth`, or `~/.cache/hearth`.
///
/// # Errors
///
/// If the user has no home folder.
pub fn folder() -> Result<PathBuf, DataError> {
    let strategy = choose_base_strategy().map_err(|_| DataError::NoCache)?;
    Ok(strategy.cache_dir().join("hearth"))
}

/// Writes a file completely or not at all. Creates the folder if needed.
fn write_whole(path: &Path, parts: &[&[u8]]) -> std::io::Result<()> {
    let mut file = incomplete(path)?;
    for part in parts {
        file.write_all(part)?;
    }
    file.persist(path)?;
    Ok(())
}

/// A file beside `path`, to be renamed to it once it is complete. Creates the folder if needed, and
/// removes what killed processes left there.
pub(crate) fn incomplete(path: &Path) -> std::io::Result<NamedTempFile> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    sweep(folder);
    let file = as_created(Builder::new().prefix(INCOMPLETE)).tempfile_in(folder)?;
    // Tells other processes that it is in use. Some file systems have no locks; there, its age does.
    let _ = file.as_file().try_lock();
    Ok(file)
}

/// What the names of incomplete files begin with.
const INCOMPLETE: &str = ".tmp";
/// No process writes without a pause this long.
const LEFT: Duration = Duration::from_secs(60);

/// Removes the incomplete files in a folder that no process is writing.
pub(crate) fn sweep(folder: &Path) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries {
        let is_incomplete =
            |name: &OsStr| name.as_encoded_bytes().starts_with(INCOMPLETE.as_bytes());
        if is_incomplete(&entry.file_name()) && is_left(&entry) {
            // It will be tried again next time.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

fn is_left(entry: &DirEntry) -> bool {
    let Ok(metadata) = entry.metadata() else {
        return false;
    };
    let age = metadata
        .modified()
        .ok()
        .and_then(|time| time.elapsed().ok());
    metadata.is_file()
        && age.is_some_and(|age| age > LEFT)
        && File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok())
}

/// The permissions of any new file: those that the umask leaves, so that several users can share a
/// cache.
#[cfg(unix)]
fn as_created<'b, 'p, 's>(builder: &'b mut Builder<'p, 's>) -> &'b mut Builder<'p, 's> {
    use std::os::unix::fs::PermissionsExt;
    builder.permissions(std::fs::Permissions::from_mode(0o666))
}

#[cfg(not(unix))]
fn as_created<'b, 'p, 's>(builder: &'b mut Builder<'p, 's>) -> &'b mut Builder<'p, 's> {
    builder
}

/// Bytes of a SHA-256.
const HASH: usize = 32;

/// A file of bytes in the cache, behind the SHA-256 of its name and of the bytes. The name tells what they
/// were made from.
pub(crate) struct CachedBytes<'a> {
    path: &'a Path,
}

impl<'a> CachedBytes<'a> {
    pub fn at(path: &'a Path) -> Self {
        Self { path }
    }

    /// The bytes; `None` if the file is missing, damaged or another under this name. Removes what killed
    /// processes left beside it.
    pub fn read(&self) -> Option<Vec<u8>> {
        self.path.parent().map(sweep);
        let mut bytes = std::fs::read(self.path).ok()?;
        let (hash, rest) = bytes.split_at_checked(HASH)?;
        if *hash != self.hash(rest) {
            return None;
        }
        bytes.drain(..HASH);
        Some(bytes)
    }

    /// Writes the file completely or not at all. Creates the folder if needed.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn write(&self, bytes: &[u8]) -> std::io::Result<()> {
        write_whole(self.path, &[&self.hash(bytes), bytes])
    }

    fn hash(&self, bytes: &[u8]) -> [u8; HASH] {
        let name = self.path.file_name().unwrap_or_default();
        let named = Sha256::new().chain_update(name.as_encoded_bytes());
        named.chain_update(bytes).finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    #[test]
    fn damage_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/bytes.bin");
        let cached = CachedBytes::at(&path);
        assert_eq!(cached.read(), None);
        cached.write(b"pixels").unwrap();
        assert_eq!(cached.read().unwrap(), b"pixels");
        let whole = std::fs::read(&path).unwrap();
        for damaged in [&whole[..whole.len() - 1], &whole[..10], b""] {
            std::fs::write(&path, damaged).unwrap();
            assert_eq!(cached.read(), None);
        }
        // What was made from something else.
        let other = path.with_file_name("other.bin");
        std::fs::write(&other, whole).unwrap();
        assert_eq!(CachedBytes::at(&other).read(), None);
    }

    #[test]
    fn what_killed_processes_left_is_removed_and_what_is_written_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bytes.bin");
        let long_ago = SystemTime::now() - 2 * LEFT;
        let old = |name: &str| {
            let file = File::create(folder.path().join(name)).unwrap();
            file.set_modified(long_ago).unwrap();
            file
        };
        old(".tmpLeft");
        old("not.tmp");
        let slow = old(".tmpSlow");
        slow.lock().unwrap();
        let begun = incomplete(&path).unwrap();
        write_whole(&path, &[b"x"]).unwrap();
        let mut names: Vec<String> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        let begun = begun.path().file_name().unwrap().to_str().unwrap();
        let mut expected = [".tmpSlow", begun, "bytes.bin", "not.tmp"];
        expected.sort_unstable();
        assert_eq!(names, expected);
    }

    #[cfg(unix)]
    #[test]
    fn others_may_read_what_the_umask_lets_them() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let mode = |name: &str| {
            let metadata = std::fs::metadata(folder.path().join(name)).unwrap();
            metadata.permissions().mode()
        };
        write_whole(&folder.path().join("cached"), &[]).unwrap();
        std::fs::write(folder.path().join("usual"), "").unwrap();
        assert_eq!(mode("cached"), mode("usual"));
    }
}
