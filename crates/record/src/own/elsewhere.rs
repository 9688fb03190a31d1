//! Systems without folder handles: a link is looked for before each use.

use std::ffi::{OsStr, OsString};
use std::fs::{File, Metadata, OpenOptions};
use std::io::{ErrorKind, Result};
use std::path::{Path, PathBuf};

use super::Mode;

#[derive(Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    pub fn open(path: &Path) -> Result<Self> {
        if std::fs::metadata(path)?.is_dir() {
            Ok(Self(path.to_owned()))
        } else {
            Err(ErrorKind::NotADirectory.into())
        }
    }

    pub fn within(&self, name: &str) -> Result<Self> {
        Self::open(&self.unlinked(name)?)
    }

    pub fn file(&self, name: &str, mode: Mode) -> Result<File> {
        let path = self.unlinked(name)?;
        match mode {
            Mode::Read => File::open(path),
            Mode::Write => OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .open(path),
            Mode::Create => File::create_new(path),
        }
    }

    pub fn rename(&self, from: &str, to: &str) -> Result<()> {
        std::fs::rename(self.0.join(from), self.0.join(to))
    }

    pub fn remove(&self, name: &OsStr) -> Result<()> {
        std::fs::remove_file(self.0.join(name))
    }

    pub fn create_folder(&self, name: &str) -> Result<()> {
        std::fs::create_dir(self.0.join(name))
    }

    pub fn remove_folder(&self, name: &str) -> Result<()> {
        std::fs::remove_dir(self.0.join(name))
    }

    pub fn names(&self) -> Result<Vec<OsString>> {
        let entries = std::fs::read_dir(&self.0)?;
        entries.map(|entry| Ok(entry?.file_name())).collect()
    }

    /// Does nothing: this system cannot open folders as files.
    pub fn sync(&self) -> Result<()> {
        Ok(())
    }

    /// The path, unless it is a link.
    fn unlinked(&self, name: &str) -> Result<PathBuf> {
        let path = self.0.join(name);
        match path.symlink_metadata() {
            Ok(there) if there.is_symlink() => Err(ErrorKind::InvalidInput.into()),
            _ => Ok(path),
        }
    }
}

/// Not known on this system.
pub(super) fn has_other_names(_: &Metadata) -> bool {
    false
}
