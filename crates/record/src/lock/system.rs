//! The operating system's lock on a file. It ends with the open file, so however its process ends.
//!
//! On Linux these are open-file-description locks of `fcntl`, not `flock`'s: NFS and Lustre carry both to
//! the server, but IBM's GPFS keeps `flock` to the machine. File systems may know neither, or may keep both
//! to the machine (Lustre mounted with `localflock`, NFS with `local_lock`), so a lock alone proves nothing
//! about other machines.

use std::fs::File;
use std::io::{Error, ErrorKind};

/// What came of an attempt to lock a file, or what one would come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lock {
    /// This process has it, or could have it.
    Free,
    /// Another open file has it.
    Taken,
    /// The file system has no locks.
    Unknown,
}

/// Locks the file for as long as it is open.
pub(super) fn lock(file: &File) -> Result<Lock, Error> {
    judged(own::lock(file))
}

/// Whether the file can be locked. Locks nothing.
pub(super) fn look(file: &File) -> Result<Lock, Error> {
    judged(own::look(file))
}

/// Whether this error means that there are no locks: none at all (Lustre without `flock`, some FUSE file
/// systems), none that reach the server (NFS without its lock daemon), none for this kind of file.
fn judged(tried: Result<bool, Error>) -> Result<Lock, Error> {
    match tried {
        Ok(true) => Ok(Lock::Free),
        Ok(false) => Ok(Lock::Taken),
        Err(error) if error.kind() == ErrorKind::Unsupported || own::has_no_locks(&error) => {
            Ok(Lock::Unknown)
        }
        Err(error) => Err(error),
    }
}

#[cfg(target_os = "linux")]
mod own {
    use std::fs::File;
    use std::io::Error;

    use nix::errno::Errno;
    use nix::fcntl::{FcntlArg, fcntl};
    use nix::libc;

    /// An exclusive lock on the whole file.
    const WHOLE: libc::flock = libc::flock {
        l_type: libc::F_WRLCK as libc::c_short,
        l_whence: libc::SEEK_SET as libc::c_short,
        l_start: 0,
        l_len: 0,
        l_pid: 0,
    };

    pub fn lock(file: &File) -> Result<bool, Error> {
        match fcntl(file, FcntlArg::F_OFD_SETLK(&WHOLE)) {
            Ok(_) => Ok(true),
            Err(Errno::EAGAIN | Errno::EACCES) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    pub fn look(file: &File) -> Result<bool, Error> {
        let mut found = WHOLE;
        fcntl(file, FcntlArg::F_OFD_GETLK(&mut found))?;
        Ok(found.l_type == libc::F_UNLCK as libc::c_short)
    }

    pub fn has_no_locks(error: &Error) -> bool {
        let none = [
            Errno::ENOSYS,
            Errno::ENOLCK,
            Errno::EOPNOTSUPP,
            Errno::EINVAL,
        ];
        none.iter()
            .any(|none| error.raw_os_error() == Some(*none as i32))
    }
}

#[cfg(not(target_os = "linux"))]
mod own {
    use std::fs::{File, TryLockError};
    use std::io::Error;
    use std::time::Duration;

    /// Tries again for a moment: `look` locks the file to see whether it can.
    pub fn lock(file: &File) -> Result<bool, Error> {
        for _ in 0..5 {
            if done(file.try_lock())? {
                return Ok(true);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        done(file.try_lock())
    }

    pub fn look(file: &File) -> Result<bool, Error> {
        let free = done(file.try_lock_shared())?;
        if free {
            file.unlock()?;
        }
        Ok(free)
    }

    fn done(tried: Result<(), TryLockError>) -> Result<bool, Error> {
        match tried {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    pub fn has_no_locks(_: &Error) -> bool {
        false
    }
}
