use std::io::Write;
use std::path::Path;

use tempfile::Builder;

use crate::error::RecordError;

/// The prefix of the names of incomplete files.
const PARTIAL: &str = ".partial-";

/// Writes a file completely or not at all: writes a temporary file beside it, syncs that to disk
/// and renames it. Creates the folder if needed.
///
/// # Errors
///
/// If the folder cannot be created or the file cannot be written. An existing file is then
/// unchanged.
pub fn write_atomically(path: &Path, content: &[u8]) -> Result<(), RecordError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let write = || -> std::io::Result<()> {
        std::fs::create_dir_all(folder)?;
        let mut file = Builder::new().prefix(PARTIAL).tempfile_in(folder)?;
        file.write_all(content)?;
        file.as_file().sync_all()?;
        make_readable(file.as_file())?;
        file.persist(path)?;
        sync_folder(folder)
    };
    write().map_err(RecordError::io(path))
}

/// Removes the incomplete files that killed processes left in a folder. No other process may be
/// writing to it.
pub(crate) fn remove_partial(folder: &Path) -> Result<(), RecordError> {
    let remove = || -> std::io::Result<()> {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            if entry
                .file_name()
                .as_encoded_bytes()
                .starts_with(PARTIAL.as_bytes())
            {
                std::fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    };
    remove().map_err(RecordError::io(folder))
}

/// Syncs the folder, so that the new name is on disk too.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> std::io::Result<()> {
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    std::fs::File::open(folder)?.sync_all()
}

/// Does nothing: this system cannot open folders as files.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> std::io::Result<()> {
    Ok(())
}

/// Makes the file readable for everyone. `tempfile` makes it readable for its owner only.
#[cfg(unix)]
fn make_readable(file: &std::fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn make_readable(_: &std::fs::File) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_a_file_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/er/result.json");
        write_atomically(&path, b"old").unwrap();
        write_atomically(&path, b"new").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(
            std::fs::read_dir(path.parent().unwrap()).unwrap().count(),
            1
        );
    }

    #[test]
    fn incomplete_files_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        write_atomically(&folder.path().join("whole"), b"").unwrap();
        std::fs::write(folder.path().join(".partial-x"), b"").unwrap();
        remove_partial(folder.path()).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(folder.path().join("whole").exists());
    }

    #[test]
    fn a_failed_write_keeps_the_old_file() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("taken")).unwrap();
        let error = write_atomically(&folder.path().join("taken"), b"x").unwrap_err();
        assert!(error.to_string().contains("taken"), "{error}");
        assert!(folder.path().join("taken").is_dir());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
