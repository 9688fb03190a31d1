use std::fs::{File, TryLockError};
use std::io::{ErrorKind, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use same_file::Handle;

use crate::error::RecordError;
use crate::own::OwnFolder;
use crate::printable::printable;

/// Exclusive use of a run's folder by this process, until the value is dropped.
///
/// The lock is an operating-system lock on a file in the folder. The system releases it however the
/// process ends, on shared file systems too. The file names the process and its machine.
#[derive(Debug)]
pub struct RunLock {
    path: PathBuf,
    /// The locked file.
    handle: Handle,
    /// The folders created for the lock, innermost first.
    made: Vec<PathBuf>,
}

/// The name of the file.
const LOCK: &str = "lock";

impl RunLock {
    pub(crate) fn path_in(folder: &Path) -> PathBuf {
        folder.join(LOCK)
    }

    /// Locks the folder, creating it if needed.
    ///
    /// # Errors
    ///
    /// If another process has locked the folder, or it cannot be written.
    pub fn take(folder: &Path) -> Result<Self, RecordError> {
        let mut path = Self::path_in(folder);
        let missing = folder.ancestors().take_while(|path| !path.exists());
        let made: Vec<PathBuf> = missing.map(Path::to_owned).collect();
        std::fs::create_dir_all(folder).map_err(RecordError::io(folder))?;
        loop {
            let file = OwnFolder::open(folder)?.file(LOCK)?;
            match try_lock(&file) {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    return Err(RecordError::InUse {
                        folder: folder.to_owned(),
                        by: signature(file),
                    });
                }
                Err(TryLockError::Error(error)) => return Err(RecordError::io(path)(error)),
            }
            let made = made.clone();
            let handle = Handle::from_file(file).map_err(RecordError::io(&path))?;
            let lock = Self { path, handle, made };
            // The previous holder may have removed the file after it was opened here.
            if lock.is_held().map_err(RecordError::io(&lock.path))? {
                lock.sign().map_err(RecordError::io(&lock.path))?;
                return Ok(lock);
            }
            path = lock.path.clone();
        }
    }

    /// The process that has locked the folder and its machine; `None` if nobody has.
    pub fn holder(folder: &Path) -> Option<String> {
        let file = OwnFolder::find(folder).ok()??.find_file(LOCK).ok()??;
        match file.try_lock_shared() {
            Err(TryLockError::WouldBlock) => Some(signature(file)),
            Ok(()) | Err(TryLockError::Error(_)) => None,
        }
    }

    /// Checks that the path still leads to the folder that was locked.
    ///
    /// # Errors
    ///
    /// If the folder was removed or replaced, or if the system does not tell.
    pub fn check(&self) -> Result<(), RecordError> {
        if self.is_held().map_err(RecordError::io(&self.path))? {
            Ok(())
        } else {
            Err(RecordError::Removed {
                folder: self.path.parent().unwrap_or(&self.path).to_owned(),
            })
        }
    }

    fn is_held(&self) -> std::io::Result<bool> {
        match Handle::from_path(&self.path) {
            Ok(there) => Ok(self.handle == there),
            Err(error) if is_absent(error.kind()) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn sign(&self) -> std::io::Result<()> {
        let mut file = self.handle.as_file();
        file.set_len(0)?;
        file.rewind()?;
        let host = sysinfo::System::host_name().unwrap_or_else(|_| "an unnamed host".to_owned());
        writeln!(file, "process {} on {host}", std::process::id())
    }
}

impl Drop for RunLock {
    fn drop(&mut self) {
        // Remove the file before releasing the lock, so that the next process creates a new file.
        if self.is_held().unwrap_or(false) {
            let _ = std::fs::remove_file(&self.path);
            // A run that wrote nothing leaves no folders. Removing a folder with content fails.
            for folder in &self.made {
                let _ = std::fs::remove_dir(folder);
            }
        }
    }
}

fn is_absent(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// Locks the file. Tries again for a moment: [`RunLock::holder`] locks it only to see whether it can.
fn try_lock(file: &File) -> Result<(), TryLockError> {
    for _ in 0..5 {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(5)),
            done => return done,
        }
    }
    file.try_lock()
}

/// What the holder wrote into the file.
fn signature(file: File) -> String {
    let mut text = String::new();
    // The file is empty if the holder has not signed it yet.
    let _ = (&file).take(1000).read_to_string(&mut text);
    printable(text.lines().next().unwrap_or("another process"))
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
        // The leftover of a killed process.
        std::fs::write(run.join("lock"), "process 1 on elsewhere").unwrap();
        RunLock::take(&run).unwrap();
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
