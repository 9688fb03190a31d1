//! Names are resolved relative to the open folder, so that no link can be slipped in between a check and
//! the use.

use std::ffi::{OsStr, OsString};
use std::fs::{File, Metadata};
use std::io::Result;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::fs::{
    AtFlags, Dir, Mode as Permissions, OFlags, fsync, mkdirat, open, openat, renameat, unlinkat,
};

use super::Mode;

#[derive(Debug)]
pub(super) struct Folder(OwnedFd);

const FOLDER: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::CLOEXEC);

impl Folder {
    pub fn open(path: &Path) -> Result<Self> {
        Ok(Self(open(path, FOLDER, Permissions::empty())?))
    }

    pub fn within(&self, name: &str) -> Result<Self> {
        let flags = FOLDER | OFlags::NOFOLLOW;
        Ok(Self(openat(&self.0, name, flags, Permissions::empty())?))
    }

    pub fn file(&self, name: &str, mode: Mode) -> Result<File> {
        let how = match mode {
            Mode::Read => OFlags::RDONLY,
            Mode::Write => OFlags::RDWR | OFlags::CREATE,
            Mode::Create => OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL,
        };
        // A pipe would otherwise wait for its other end.
        let flags = how | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        // The umask decides who else may read it, as for other programs' files.
        let file = openat(&self.0, name, flags, Permissions::from_raw_mode(0o666))?;
        Ok(file.into())
    }

    pub fn rename(&self, from: &str, to: &str) -> Result<()> {
        Ok(renameat(&self.0, from, &self.0, to)?)
    }

    pub fn remove(&self, name: &OsStr) -> Result<()> {
        Ok(unlinkat(&self.0, name, AtFlags::empty())?)
    }

    pub fn create_folder(&self, name: &str) -> Result<()> {
        Ok(mkdirat(&self.0, name, Permissions::from_raw_mode(0o777))?)
    }

    pub fn remove_folder(&self, name: &str) -> Result<()> {
        Ok(unlinkat(&self.0, name, AtFlags::REMOVEDIR)?)
    }

    pub fn names(&self) -> Result<Vec<OsString>> {
        let mut names = Vec::new();
        for entry in Dir::read_from(&self.0)? {
            let name = entry?.file_name().to_bytes().to_vec();
            if name != b"." && name != b".." {
                names.push(OsString::from_vec(name));
            }
        }
        Ok(names)
    }

    /// Puts new names on disk, where the file system can.
    pub fn sync(&self) -> Result<()> {
        match fsync(&self.0) {
            Err(error) if error != rustix::io::Errno::INVAL => Err(error.into()),
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

pub(super) fn has_other_names(file: &Metadata) -> bool {
    file.nlink() > 1
}
