use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use same_file::Handle;

use crate::RecordError;

/// A run's folder, taken by this process alone.
///
/// The system's lock on a file, which it gives back however the process ends, on a shared file
/// system too: no clock and no look at other processes decides. The file says who has it.
#[derive(Debug)]
pub struct RunLock {
    path: PathBuf,
    file: File,
    /// Folders that were not there before, the innermost first.
    made: Vec<PathBuf>,
}

impl RunLock {
    pub(crate) fn path_in(folder: &Path) -> PathBuf {
        folder.join("lock")
    }

    /// Takes the folder, which is made where there is none.
    ///
    /// # Errors
    ///
    /// When another process has it, or the folder cannot be written.
    pub fn take(folder: &Path) -> Result<Self, RecordError> {
        let mut path = Self::path_in(folder);
        let missing = folder.ancestors().take_while(|path| !path.exists());
        let made: Vec<PathBuf> = missing.map(Path::to_owned).collect();
        std::fs::create_dir_all(folder).map_err(RecordError::io(folder))?;
        loop {
            let file = OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .open(&path)
                .map_err(RecordError::io(&path))?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(in_use(folder, file)),
                Err(TryLockError::Error(error)) => return Err(RecordError::io(path)(error)),
            }
            let made = made.clone();
            let lock = Self { path, file, made };
            // Who had it before may have removed the file since it was opened.
            if lock.is_held() {
                lock.sign().map_err(RecordError::io(&lock.path))?;
                return Ok(lock);
            }
            path = lock.path.clone();
        }
    }

    /// Whether the folder still is the one that was taken: nobody removed or replaced it.
    ///
    /// # Errors
    ///
    /// When it is not.
    pub fn check(&self) -> Result<(), RecordError> {
        match self.is_held() {
            true => Ok(()),
            false => Err(RecordError::Removed {
                folder: self.path.parent().unwrap_or(&self.path).to_owned(),
            }),
        }
    }

    fn is_held(&self) -> bool {
        let ours = self.file.try_clone().and_then(Handle::from_file);
        let there = Handle::from_path(&self.path);
        matches!((ours, there), (Ok(ours), Ok(there)) if ours == there)
    }

    fn sign(&self) -> std::io::Result<()> {
        let mut file = &self.file;
        file.set_len(0)?;
        file.rewind()?;
        let host = sysinfo::System::host_name().unwrap_or_else(|_| "an unnamed host".to_owned());
        writeln!(file, "process {} on {host}", std::process::id())
    }
}

impl Drop for RunLock {
    fn drop(&mut self) {
        // While it is held: whoever opens the path from now on makes another file.
        if self.is_held() {
            let _ = std::fs::remove_file(&self.path);
            // A run that came to nothing leaves nothing: only empty folders can be removed so.
            for folder in &self.made {
                let _ = std::fs::remove_dir(folder);
            }
        }
    }
}

fn in_use(folder: &Path, file: File) -> RecordError {
    let mut by = String::new();
    // It may be read before it is signed.
    let _ = (&file).take(1000).read_to_string(&mut by);
    let by = by.lines().next().unwrap_or("another process").to_owned();
    RecordError::InUse {
        folder: folder.to_owned(),
        by,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_had_by_one_and_given_back() {
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
        // Left by a process that was killed.
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
