mod claim;
mod holder;
mod system;

use std::path::{Path, PathBuf};

use same_file::Handle;

use self::claim::{Claim, Look, PACE, is_at};
use self::holder::Holder;
use self::system::Lock;
use crate::error::RecordError;
use crate::own::{OwnFolder, is_gone};
use crate::printable::printable;

/// Exclusive use of a run's folder by this process, until the value is dropped.
///
/// Two things must agree. A lock of the operating system on a file in the folder excludes the other
/// processes of this machine, and ends however this process ends; on some shared file systems it excludes
/// those of other machines, too, but no program can tell. A claim, a file that only one process can create,
/// excludes processes wherever they are; that of a process that was killed stands for a minute, unless the
/// lock shows that it has gone. Where a file system has no locks, the claim alone decides.
#[derive(Debug)]
pub struct RunLock {
    /// Nothing while the value is dropped.
    claim: Option<Claim>,
    path: PathBuf,
    /// The locked file.
    file: Handle,
    /// The folders created for the lock, innermost first.
    made: Vec<PathBuf>,
}

/// The name of the locked file.
const LOCK: &str = "lock";

/// How many times to begin again when a folder or file is removed in between.
const TRIES: u32 = 20;

impl RunLock {
    pub(crate) fn path_in(folder: &Path) -> PathBuf {
        folder.join(LOCK)
    }

    /// Locks the folder, creating it if needed.
    ///
    /// # Errors
    ///
    /// If another process has the folder, or it cannot be written.
    pub fn take(folder: &Path) -> Result<Self, RecordError> {
        let missing = folder.ancestors().take_while(|path| !path.exists());
        let made: Vec<PathBuf> = missing.map(Path::to_owned).collect();
        for _ in 0..TRIES {
            match Self::attempt(folder, &made) {
                Ok(Some(lock)) => return Ok(lock),
                // The previous holder removed the file, or the folder that it had created.
                Ok(None) => {}
                Err(RecordError::Io { source, .. }) if is_gone(&source) => {}
                Err(error) => return Err(error),
            }
        }
        Err(RecordError::Removed {
            folder: folder.to_owned(),
        })
    }

    /// `None` if the file was removed after it was opened here.
    fn attempt(folder: &Path, made: &[PathBuf]) -> Result<Option<Self>, RecordError> {
        std::fs::create_dir_all(folder).map_err(RecordError::io(folder))?;
        let own = OwnFolder::open(folder)?;
        let path = Self::path_in(folder);
        let file = own.file(LOCK)?;
        let in_use = |by: String| RecordError::InUse {
            folder: folder.to_owned(),
            by: printable(&by),
        };
        let is_free_here = match system::lock(&file).map_err(RecordError::io(&path))? {
            Lock::Free => true,
            Lock::Unknown => false,
            Lock::Taken => return Err(in_use(by(&own)?)),
        };
        let file = Handle::from_file(file).map_err(RecordError::io(&path))?;
        // The file stays if a process of another machine has the folder: it is that one's, too.
        let claim = look(&own, is_free_here).claim()?.map_err(in_use)?;
        let lock = Self {
            claim: Some(claim),
            path,
            file,
            made: made.to_vec(),
        };
        Ok(lock.is_held()?.then_some(lock))
    }

    /// The process that has locked the folder and its machine; `None` if nobody has.
    pub fn holder(folder: &Path) -> Option<String> {
        let own = OwnFolder::find(folder).ok()??;
        let file = own.find_file(LOCK).ok()??;
        let by = match system::look(&file) {
            Ok(Lock::Taken) => by(&own).ok(),
            Ok(found) => look(&own, found == Lock::Free).holder().ok()?,
            Err(_) => None,
        };
        by.map(|by| printable(&by))
    }

    /// Checks that the folder is still this process's.
    ///
    /// # Errors
    ///
    /// If the folder was removed or replaced, if another process took it because this one stood still for
    /// too long, or if the system does not tell.
    pub fn check(&self) -> Result<(), RecordError> {
        if self.is_held()? {
            Ok(())
        } else {
            Err(RecordError::Removed {
                folder: self.path.parent().unwrap_or(&self.path).to_owned(),
            })
        }
    }

    fn is_held(&self) -> Result<bool, RecordError> {
        let claim = self.claim.as_ref().map_or(Ok(true), Claim::is_there);
        let is_held = is_at(&self.file, &self.path).and_then(|there| Ok(there && claim?));
        is_held.map_err(RecordError::io(&self.path))
    }
}

impl Drop for RunLock {
    fn drop(&mut self) {
        // In this order: who claims the folder next has opened a file that is gone, which it sees, or a new
        // one, which stays.
        let was_held = self.check().is_ok();
        if was_held {
            // What killed processes left that wrote here or only looked who has the folder. Who looks now
            // does not miss its file.
            if let Some(folder) = self.path.parent() {
                let _ = OwnFolder::open(folder).and_then(|folder| folder.remove_partial());
            }
            let _ = std::fs::remove_file(&self.path);
        }
        drop(self.claim.take());
        if was_held {
            // A run that wrote nothing leaves no folders. Removing a folder with content fails.
            for folder in &self.made {
                let _ = std::fs::remove_dir(folder);
            }
        }
    }
}

fn look(folder: &OwnFolder, is_free_here: bool) -> Look<'_> {
    Look {
        folder,
        this: Holder::this(),
        is_free_here,
        pace: PACE,
    }
}

/// The process that has locked the folder here, as its claim names it.
fn by(folder: &OwnFolder) -> Result<String, RecordError> {
    Ok(look(folder, false)
        .holder()?
        .unwrap_or_else(|| "another process".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_one_holder_and_is_released() {
        let folder = tempfile::tempdir().unwrap();
        let run = folder.path().join("experiment/run");
        let lock = RunLock::take(&run).unwrap();
        let refused = RunLock::take(&run).unwrap_err().to_string();
        let pid = format!("process {} on ", std::process::id());
        assert!(refused.contains(&pid), "{refused}");
        lock.check().unwrap();
        drop(lock);
        assert!(!folder.path().join("experiment").exists());
        std::fs::create_dir_all(&run).unwrap();
        drop(RunLock::take(&run).unwrap());
        assert!(run.exists() && !run.join("lock").exists());
        // The leftovers of killed processes.
        std::fs::write(run.join("lock"), "process 1 on elsewhere").unwrap();
        let lock = RunLock::take(&run).unwrap();
        std::fs::write(run.join(".partial-1-1796100606884361069"), "now").unwrap();
        drop(lock);
        assert_eq!(std::fs::read_dir(&run).unwrap().count(), 0);
    }

    #[test]
    fn notices_that_the_folder_was_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let run = folder.path().join("run");
        let first = RunLock::take(&run).unwrap();
        std::fs::remove_dir_all(&run).unwrap();
        assert!(first.check().is_err());
        let second = RunLock::take(&run).unwrap();
        assert!(first.check().is_err());
        drop(first);
        second.check().unwrap();
    }
}
