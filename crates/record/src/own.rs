//! The files that hearth keeps for itself in a folder of its own, such as a run's.
//!
//! Nothing there is reached through a link, so that no link can turn a run into a way to read, overwrite
//! or remove other files. A file with a second name (a hard link) is such a link, too.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use spec::read_at_most;

use crate::digest::hexadecimal;
use crate::error::RecordError;
use crate::known_hashes;

#[cfg(unix)]
#[path = "own/unix.rs"]
mod system;
#[cfg(not(unix))]
#[path = "own/elsewhere.rs"]
mod system;

/// The prefix of the names of incomplete files.
pub(crate) const PARTIAL: &str = ".partial-";

/// How a file is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Read,
    /// Reading and writing; the file is created if needed and not truncated.
    Write,
    /// Writing a file that must not exist.
    Create,
}

/// A folder of hearth's own. The path to it may lead through links; within it, none is followed.
#[derive(Debug)]
pub(crate) struct OwnFolder {
    path: PathBuf,
    folder: system::Folder,
}

impl OwnFolder {
    /// Opens the folder at a path.
    pub fn open(path: &Path) -> Result<Self, RecordError> {
        let folder = system::Folder::open(path).map_err(RecordError::io(path))?;
        let path = path.to_owned();
        Ok(Self { path, folder })
    }

    /// Opens the folder at a path; `None` if there is none.
    pub fn find(path: &Path) -> Result<Option<Self>, RecordError> {
        none_if_missing(system::Folder::open(path), path).map(|found| {
            found.map(|folder| Self {
                path: path.to_owned(),
                folder,
            })
        })
    }

    /// Opens a folder within this one; `None` if there is none.
    pub fn find_within(&self, name: &str) -> Result<Option<Self>, RecordError> {
        let path = self.path.join(name);
        let found = self.folder.within(name);
        let found = none_if_missing(found, &path).map_err(|error| self.named(name, error))?;
        Ok(found.map(|folder| Self { path, folder }))
    }

    /// Opens a folder within this one and creates it if needed.
    pub fn within(&self, name: &str) -> Result<Self, RecordError> {
        match self.folder.create_folder(name) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                return Err(RecordError::io(self.path.join(name))(error));
            }
            Ok(()) | Err(_) => {}
        }
        match self.find_within(name)? {
            Some(folder) => Ok(folder),
            None => Err(RecordError::io(self.path.join(name))(
                ErrorKind::NotFound.into(),
            )),
        }
    }

    /// The path of a file.
    pub fn path_of(&self, name: impl AsRef<Path>) -> PathBuf {
        self.path.join(name)
    }

    /// Opens a file for reading; `None` if there is none.
    pub fn find_file(&self, name: &str) -> Result<Option<File>, RecordError> {
        let opened = self.folder.file(name, Mode::Read);
        let opened = none_if_missing(opened, &self.path.join(name));
        let Some(file) = opened.map_err(|error| self.named(name, error))? else {
            return Ok(None);
        };
        self.is_plain(name, &file)?;
        Ok(Some(file))
    }

    /// Opens a file for reading and writing and creates it if needed. The content stays.
    pub fn file(&self, name: &str) -> Result<File, RecordError> {
        let opened = self.folder.file(name, Mode::Write);
        let file = opened
            .map_err(RecordError::io(self.path.join(name)))
            .map_err(|error| self.named(name, error))?;
        self.is_plain(name, &file)?;
        Ok(file)
    }

    /// Creates a file for writing; `None` if there is something of this name.
    pub fn create(&self, name: &str) -> Result<Option<File>, RecordError> {
        match self.folder.file(name, Mode::Create) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(None),
            Err(error) => Err(RecordError::io(self.path.join(name))(error)),
        }
    }

    /// The content of a file; `None` if there is none. A file of more than `most` bytes is refused.
    pub fn read(&self, name: &str, most: u64) -> Result<Option<Vec<u8>>, RecordError> {
        let Some(file) = self.find_file(name)? else {
            return Ok(None);
        };
        let path = || self.path.join(name);
        match read_at_most(file, most).map_err(RecordError::io(path()))? {
            None => Err(RecordError::TooLarge { path: path(), most }),
            content => Ok(content),
        }
    }

    /// The [`sha256`](crate::sha256) of a file; `None` if there is none.
    pub fn hash(&self, name: &str) -> Result<Option<String>, RecordError> {
        let file = self.find_file(name)?;
        let hash = file.map(|file| hash_of(&file));
        hash.transpose()
            .map_err(RecordError::io(self.path.join(name)))
    }

    /// Whether a file has this hash; `None` if there is no such file. A file that had it before and is the
    /// same since is not read.
    pub fn has_hash(&self, name: &str, hash: &str) -> Result<Option<bool>, RecordError> {
        let Some(file) = self.find_file(name)? else {
            return Ok(None);
        };
        let compare = || -> std::io::Result<bool> {
            let before = file.metadata()?;
            if known_hashes::known(&before) == Some(hash) {
                return Ok(true);
            }
            let found = hash_of(&file)?;
            known_hashes::keep(&before, &file.metadata()?, &found);
            Ok(found == hash)
        };
        let has = compare().map_err(RecordError::io(self.path.join(name)))?;
        Ok(Some(has))
    }

    /// Writes a file completely or not at all: writes an incomplete file beside it, syncs that to disk
    /// and renames it.
    pub fn write(&self, name: &str, content: &[u8]) -> Result<(), RecordError> {
        let write = || -> std::io::Result<()> {
            let partial = format!("{PARTIAL}{}-{name}", std::process::id());
            self.remove_as_is(OsStr::new(&partial))?;
            let mut file = self.folder.file(&partial, Mode::Create)?;
            let done = file
                .write_all(content)
                .and_then(|()| file.sync_all())
                .and_then(|()| self.folder.rename(&partial, name));
            if done.is_err() {
                // The first error counts.
                let _ = self.remove_as_is(OsStr::new(&partial));
            }
            done?;
            self.folder.sync()
        };
        write().map_err(RecordError::io(self.path.join(name)))
    }

    /// Removes a file, or a link in its place. Does nothing if there is none.
    pub fn remove(&self, name: impl AsRef<OsStr>) -> Result<(), RecordError> {
        let name = name.as_ref();
        self.remove_as_is(name)
            .map_err(RecordError::io(self.path.join(name)))
    }

    fn remove_as_is(&self, name: &OsStr) -> std::io::Result<()> {
        match self.folder.remove(name) {
            Err(error) if !is_gone(&error) => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Removes an empty folder within this one. A folder with files of others stays.
    pub fn remove_folder(&self, name: &str) -> Result<(), RecordError> {
        match self.folder.remove_folder(name) {
            Err(error)
                if !matches!(
                    error.kind(),
                    ErrorKind::NotFound | ErrorKind::DirectoryNotEmpty
                ) =>
            {
                Err(RecordError::io(self.path.join(name))(error))
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Removes the incomplete files that killed processes left. No other process may be writing to the
    /// folder.
    pub fn remove_partial(&self) -> Result<(), RecordError> {
        for name in self.names()? {
            if name.as_encoded_bytes().starts_with(PARTIAL.as_bytes()) {
                self.remove(name)?;
            }
        }
        Ok(())
    }

    /// The names of everything in the folder.
    pub fn names(&self) -> Result<Vec<OsString>, RecordError> {
        self.folder.names().map_err(RecordError::io(&self.path))
    }

    fn is_plain(&self, name: &str, file: &File) -> Result<(), RecordError> {
        let path = || self.path.join(name);
        let metadata = file.metadata().map_err(RecordError::io(path()))?;
        if metadata.is_file() && !system::has_other_names(&metadata) {
            return Ok(());
        }
        Err(RecordError::NotOwn { path: path() })
    }

    /// Says that a name is a link, which the system's error for one does not.
    fn named(&self, name: &str, error: RecordError) -> RecordError {
        let path = self.path.join(name);
        let there = path.symlink_metadata();
        match (&error, there) {
            (RecordError::Io { .. }, Ok(there)) if !there.is_file() && !there.is_dir() => {
                RecordError::NotOwn { path }
            }
            _ => error,
        }
    }
}

fn hash_of(mut file: &File) -> std::io::Result<String> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hexadecimal(&hasher.finalize())),
            length => hasher.update(&buffer[..length]),
        }
    }
}

fn none_if_missing<T>(opened: std::io::Result<T>, path: &Path) -> Result<Option<T>, RecordError> {
    match opened {
        Ok(opened) => Ok(Some(opened)),
        Err(error) if is_gone(&error) => Ok(None),
        Err(error) => Err(RecordError::io(path)(error)),
    }
}

/// Whether the error means that there is no such file: none, or none any more, since another machine removed
/// it from the file server.
pub(crate) fn is_gone(error: &std::io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::NotFound | ErrorKind::StaleNetworkFileHandle
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, OwnFolder) {
        let place = tempfile::tempdir().unwrap();
        let folder = OwnFolder::open(place.path()).unwrap();
        (place, folder)
    }

    #[test]
    fn a_file_is_replaced_and_nothing_is_left_beside_it() {
        let (_place, folder) = folder();
        folder.write("result.json", b"a longer one").unwrap();
        folder.write("result.json", b"new").unwrap();
        assert_eq!(folder.read("result.json", 3).unwrap().unwrap(), b"new");
        assert_eq!(folder.names().unwrap(), ["result.json"]);
        let hash = folder.hash("result.json").unwrap();
        assert_eq!(hash, Some(crate::sha256(b"new")));
        assert_eq!(folder.read("none", 3).unwrap(), None);
        assert_eq!(folder.hash("none").unwrap(), None);
    }

    #[test]
    fn what_is_too_large_is_not_read() {
        let (_place, folder) = folder();
        folder.write("a", b"abcd").unwrap();
        let refused = folder.read("a", 3).unwrap_err();
        assert!(matches!(refused, RecordError::TooLarge { .. }), "{refused}");
    }

    #[test]
    fn a_failed_write_keeps_what_is_there() {
        let (place, folder) = folder();
        std::fs::create_dir(place.path().join("taken")).unwrap();
        let error = folder.write("taken", b"x").unwrap_err();
        assert!(error.to_string().contains("taken"), "{error}");
        assert_eq!(folder.names().unwrap(), ["taken"]);
    }

    #[test]
    fn incomplete_files_are_removed() {
        let (_place, folder) = folder();
        folder.write("whole", b"").unwrap();
        folder.write(".partial-x", b"").unwrap();
        folder.remove_partial().unwrap();
        assert_eq!(folder.names().unwrap(), ["whole"]);
    }

    #[cfg(unix)]
    #[test]
    fn no_link_is_followed() {
        use std::os::unix::fs::symlink;
        let (place, folder) = folder();
        let at = |name: &str| place.path().join(name);
        let elsewhere = tempfile::tempdir().unwrap();
        let victim = elsewhere.path().join("victim");
        std::fs::write(&victim, "precious").unwrap();
        symlink(&victim, at("soft")).unwrap();
        std::fs::hard_link(&victim, at("hard")).unwrap();
        symlink(elsewhere.path().join("made"), at("dangling")).unwrap();
        let made = std::process::Command::new("mkfifo")
            .arg(at("pipe"))
            .status();
        assert!(made.unwrap().success());
        for name in ["soft", "hard", "dangling", "pipe"] {
            for refused in [folder.read(name, 100).err(), folder.file(name).err()] {
                let refused = refused.unwrap();
                assert!(
                    matches!(refused, RecordError::NotOwn { .. }),
                    "{name}: {refused}"
                );
            }
            // A new file takes the place of the link, not of what it leads to.
            folder.write(name, b"own").unwrap();
            assert_eq!(folder.read(name, 100).unwrap().unwrap(), b"own");
            folder.remove(name).unwrap();
        }
        assert_eq!(std::fs::read(&victim).unwrap(), b"precious");
        assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn files_have_the_usual_permissions() {
        use std::os::unix::fs::PermissionsExt;
        let (place, folder) = folder();
        std::fs::write(place.path().join("usual"), "").unwrap();
        folder.write("own", b"").unwrap();
        let mode = |name: &str| {
            let metadata = place.path().join(name).metadata().unwrap();
            metadata.permissions().mode()
        };
        assert_eq!(mode("own"), mode("usual"));
    }
}
