//! A claim on a run's folder that needs no locks: a file that only one process can create.
//!
//! Claims are numbered. Who finds none creates number 1; who finds a dead one creates the next number and
//! then removes the dead one. Creating a file exclusively is one step on the file server, so of several
//! processes that go for a number one gets it. A slow process may go for a number long after it looked, when
//! the others are gone and a new one has begun at 1 again; so whoever has created a claim looks once more,
//! and withdraws if it sees another living one. Of two that create claims at least the later one sees the
//! other's.
//!
//! A living process writes to its claim from time to time. The age of the last write is told by the file
//! server, not by this machine's clock: a file written now tells its time.
//!
//! A process that stood still for longer than [`Pace::dead_after`] may be taken for dead and find its claim
//! gone, which it notices before it writes next ([`Claim::is_there`]). Should it stand still between that
//! look and the write, nothing is lost: both processes compute the same run, to the bit, and a file is
//! replaced as a whole.

use std::ffi::OsString;
use std::fs::File;
use std::io::{ErrorKind, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

use same_file::Handle;

use super::holder::Holder;
use crate::error::RecordError;
use crate::own::{OwnFolder, PARTIAL, is_gone};

/// How often a claim is renewed, and for how long it stands without.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    pub renewed_every: Duration,
    pub dead_after: Duration,
}

/// File servers answer late at times, and machines stand still for a moment.
pub(super) const PACE: Pace = Pace {
    renewed_every: Duration::from_secs(10),
    dead_after: Duration::from_secs(60),
};

/// The beginning of the names of claims; the number follows.
const CLAIM: &str = "claim-";

/// The most bytes of a claim that are read.
const MOST: u64 = 10_000;

/// How many times to try while others try, too.
const TRIES: u32 = 20;

/// This process's claim, renewed until the value is dropped, which removes it.
#[derive(Debug)]
pub(super) struct Claim {
    path: PathBuf,
    file: Handle,
    renewal: Option<(Sender<()>, JoinHandle<()>)>,
}

/// What there is to be known of a claim in a folder.
struct Found {
    number: u64,
    name: OsString,
    /// Unknown while it is being written, and if its writer was killed just then.
    holder: Option<Holder>,
    renewed: SystemTime,
}

/// A look at a folder's claims by a process that may want to know which of them are dead.
pub(super) struct Look<'a> {
    pub folder: &'a OwnFolder,
    pub this: Holder,
    /// Whether no process under this kernel has the folder: its lock was free.
    pub is_free_here: bool,
    pub pace: Pace,
}

impl Look<'_> {
    /// The process that has the folder, if any.
    pub fn holder(&self) -> Result<Option<String>, RecordError> {
        let found = self.found()?;
        Ok(self.living(&found)?.map(Found::shown))
    }

    /// Claims the folder. If another process has it, the error is that process.
    pub fn claim(&self) -> Result<Result<Claim, String>, RecordError> {
        for _ in 0..TRIES {
            let found = self.found()?;
            if let Some(living) = self.living(&found)? {
                return Ok(Err(living.shown()));
            }
            let number = found.last().map_or(1, |last| last.number + 1);
            if let Some(claim) = self.attempt(number)? {
                return Ok(Ok(claim.renewed(self.pace)?));
            }
            pause();
        }
        Ok(Err("other processes that want it, too".to_owned()))
    }

    /// Creates the claim of this number; `None` if there is one, or a living one of another number.
    fn attempt(&self, number: u64) -> Result<Option<Claim>, RecordError> {
        let name = format!("{CLAIM}{number}");
        let Some(claim) = Claim::create(self.folder, &name, &self.this)? else {
            return Ok(None);
        };
        let others = self.found()?.into_iter();
        let others: Vec<Found> = others.filter(|other| other.number != number).collect();
        if self.living(&others)?.is_some() {
            return Ok(None);
        }
        for dead in others {
            self.folder.remove(&dead.name)?;
        }
        Ok(Some(claim))
    }

    /// The claims, in the order of their numbers.
    fn found(&self) -> Result<Vec<Found>, RecordError> {
        let mut all = Vec::new();
        for name in self.folder.names()? {
            let number = name.to_str().and_then(|name| name.strip_prefix(CLAIM));
            if let Some(number) = number.and_then(|number| number.parse().ok()) {
                all.extend(Found::read(self.folder, number, name)?);
            }
        }
        all.sort_by_key(|found| found.number);
        Ok(all)
    }

    /// A claim whose process is there, or may be.
    fn living<'a>(&self, found: &'a [Found]) -> Result<Option<&'a Found>, RecordError> {
        if found.is_empty() {
            return Ok(None);
        }
        let is_dead = |found: &&Found| {
            let holder = found.holder.as_ref();
            holder.is_some_and(|holder| {
                self.is_free_here && holder.is_of_this_kernel(&self.this)
                    || holder.has_ended(&self.this)
            })
        };
        let undecided: Vec<&Found> = found.iter().filter(|found| !is_dead(found)).collect();
        if undecided.is_empty() {
            return Ok(None);
        }
        let now = now(self.folder)?;
        let is_renewed = |found: &&Found| {
            // One from the future was renewed after `now` was asked for.
            let age = now.duration_since(found.renewed).unwrap_or_default();
            age < self.pace.dead_after
        };
        Ok(undecided.into_iter().rev().find(is_renewed))
    }
}

impl Found {
    /// `None` if the claim is gone.
    fn read(folder: &OwnFolder, number: u64, name: OsString) -> Result<Option<Self>, RecordError> {
        let path = folder.path_of(&name);
        let Some(text_name) = name.to_str() else {
            return Ok(None);
        };
        // Opened first: that is when a client of a file server asks it for the file's times.
        let Some(file) = folder.find_file(text_name)? else {
            return Ok(None);
        };
        let read = file.metadata().and_then(|metadata| {
            let renewed = metadata.modified()?;
            Ok((renewed, spec::read_at_most(file, MOST)?))
        });
        let (renewed, text) = match read {
            Ok(read) => read,
            Err(error) if is_gone(&error) => return Ok(None),
            Err(error) => return Err(RecordError::io(path)(error)),
        };
        let text = text.unwrap_or_default();
        let line = text.split(|&byte| byte == b'\n').next();
        Ok(Some(Self {
            number,
            holder: line.and_then(|line| serde_json::from_slice(line).ok()),
            name,
            renewed,
        }))
    }

    fn shown(&self) -> String {
        match &self.holder {
            Some(holder) => holder.to_string(),
            None => "another process".to_owned(),
        }
    }
}

impl Claim {
    /// `None` if there is a file of this name.
    fn create(
        folder: &OwnFolder,
        name: &str,
        holder: &Holder,
    ) -> Result<Option<Self>, RecordError> {
        let Some(mut file) = folder.create(name)? else {
            return Ok(None);
        };
        let path = folder.path_of(name);
        let write = || -> std::io::Result<Handle> {
            serde_json::to_writer(&mut file, holder)?;
            file.write_all(b"\n")?;
            file.sync_all()?;
            Handle::from_file(file)
        };
        match write() {
            Ok(file) => Ok(Some(Self {
                path,
                file,
                renewal: None,
            })),
            Err(error) => {
                // The first error counts.
                let _ = folder.remove(name);
                Err(RecordError::io(path)(error))
            }
        }
    }

    /// Begins to renew it.
    fn renewed(mut self, pace: Pace) -> Result<Self, RecordError> {
        let failed = |error| RecordError::io(&self.path)(error);
        let mut file = self.file.as_file().try_clone().map_err(failed)?;
        let end = file.seek(SeekFrom::End(0)).map_err(failed)?;
        let (dropped, ended) = channel();
        let renew = move || {
            for count in 1_u64.. {
                match ended.recv_timeout(pace.renewed_every) {
                    Err(RecvTimeoutError::Timeout) => {}
                    Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
                }
                // A file server that does not answer now may do so next time. A claim that was taken is
                // noticed when the run is next saved.
                let _ = renew(&mut file, end, count);
            }
        };
        let thread = std::thread::Builder::new()
            .name("claim".to_owned())
            .spawn(renew);
        let thread = thread.map_err(failed)?;
        self.renewal = Some((dropped, thread));
        Ok(self)
    }

    /// Whether the claim is still this process's.
    pub fn is_there(&self) -> std::io::Result<bool> {
        is_at(&self.file, &self.path)
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if let Some((dropped, thread)) = self.renewal.take() {
            drop(dropped);
            // It writes at most one line more.
            let _ = thread.join();
        }
        if self.is_there().unwrap_or(false) {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Whether the path leads to this open file.
pub(super) fn is_at(file: &Handle, path: &std::path::Path) -> std::io::Result<bool> {
    match Handle::from_path(path) {
        Ok(there) => Ok(*file == there),
        Err(error) if is_gone(&error) || error.kind() == ErrorKind::NotADirectory => Ok(false),
        Err(error) => Err(error),
    }
}

fn renew(file: &mut File, at: u64, count: u64) -> std::io::Result<()> {
    file.seek(SeekFrom::Start(at))?;
    writeln!(file, "renewed {count:>10} times")?;
    file.sync_data()
}

/// The time by the clock of the file server. Where nothing can be written, by this machine's.
fn now(folder: &OwnFolder) -> Result<SystemTime, RecordError> {
    let here = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    // Of a name that no other process chooses, on whatever machine.
    let name = format!(
        "{PARTIAL}{}-{}",
        std::process::id(),
        here.unwrap_or_default().as_nanos()
    );
    let Ok(Some(mut file)) = folder.create(&name) else {
        return Ok(SystemTime::now());
    };
    let written = file.write_all(b"now").and_then(|()| file.sync_all());
    let time = written.and_then(|()| file.metadata()?.modified());
    folder.remove(&name)?;
    time.map_err(RecordError::io(folder.path_of(&name)))
}

/// Waits for up to a tenth of a second, for as long as the clock happens to say, so that processes that
/// withdrew at the same time do not come back at the same time.
fn pause() {
    let clock = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let part = clock.unwrap_or_default().subsec_micros() % 100;
    std::thread::sleep(Duration::from_millis(part.into()));
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

    use super::*;

    const QUICK: Pace = Pace {
        renewed_every: Duration::from_millis(20),
        dead_after: Duration::from_millis(400),
    };

    fn look<'a>(folder: &'a OwnFolder, machine: &str) -> Look<'a> {
        Look {
            folder,
            this: Holder::on(machine),
            is_free_here: false,
            pace: QUICK,
        }
    }

    fn names(folder: &OwnFolder) -> Vec<OsString> {
        folder.names().unwrap()
    }

    #[test]
    fn a_claim_stands_as_long_as_it_is_renewed() {
        let place = tempfile::tempdir().unwrap();
        let folder = OwnFolder::open(place.path()).unwrap();
        let claim = look(&folder, "one").claim().unwrap().unwrap();
        std::thread::sleep(2 * QUICK.dead_after);
        let refused = look(&folder, "two").claim().unwrap().unwrap_err();
        assert_eq!(refused, Holder::on("one").to_string());
        assert_eq!(look(&folder, "two").holder().unwrap(), Some(refused));
        assert!(claim.is_there().unwrap());
        assert_eq!(names(&folder), ["claim-1"]);
        drop(claim);
        assert_eq!(look(&folder, "two").holder().unwrap(), None);
        assert!(names(&folder).is_empty());
    }

    #[test]
    fn the_claim_of_a_dead_process_is_taken_over_once() {
        let place = tempfile::tempdir().unwrap();
        let folder = OwnFolder::open(place.path()).unwrap();
        // Not renewed: its process stands still.
        let dead = Claim::create(&folder, "claim-1", &Holder::on("one"));
        let dead = dead.unwrap().unwrap();
        assert!(look(&folder, "two").claim().unwrap().is_err());
        std::thread::sleep(2 * QUICK.dead_after);
        assert_eq!(look(&folder, "two").holder().unwrap(), None);
        let taken = look(&folder, "two").claim().unwrap().unwrap();
        assert!(look(&folder, "three").claim().unwrap().is_err());
        assert!(taken.is_there().unwrap() && !dead.is_there().unwrap());
        // It wakes up, and leaves what is not its own.
        drop(dead);
        assert!(taken.is_there().unwrap());
        assert_eq!(names(&folder), ["claim-2"]);
    }

    #[test]
    fn nobody_waits_for_a_process_that_has_certainly_ended() {
        let place = tempfile::tempdir().unwrap();
        let folder = OwnFolder::open(place.path()).unwrap();
        let claim = Claim::create(&folder, "claim-7", &Holder::on("one")).unwrap();
        let mut free = look(&folder, "one");
        free.is_free_here = true;
        let taken = free.claim().unwrap().unwrap();
        assert_eq!(names(&folder), ["claim-8"]);
        drop((claim, taken));
        // Its writer was killed before it could write.
        folder.create("claim-3").unwrap();
        assert!(free.claim().unwrap().is_err());
        std::thread::sleep(2 * QUICK.dead_after);
        assert!(free.claim().unwrap().is_ok());
        assert!(names(&folder).is_empty());
    }

    #[test]
    fn who_comes_late_sees_a_claim_of_a_lower_number() {
        let place = tempfile::tempdir().unwrap();
        let folder = OwnFolder::open(place.path()).unwrap();
        let claim = look(&folder, "one").claim().unwrap().unwrap();
        // As if it had looked while claim 5, of a dead process, was the only one.
        assert!(look(&folder, "two").attempt(6).unwrap().is_none());
        assert!(look(&folder, "two").attempt(1).unwrap().is_none());
        assert_eq!(names(&folder), ["claim-1"]);
        assert!(claim.is_there().unwrap());
    }

    #[test]
    fn of_many_machines_one_has_the_folder_at_a_time() {
        let place = tempfile::tempdir().unwrap();
        let (inside, is_inside) = (AtomicU32::new(0), AtomicBool::new(false));
        std::thread::scope(|scope| {
            for machine in ["one", "two", "three", "four", "five"] {
                let (inside, is_inside, place) = (&inside, &is_inside, place.path());
                scope.spawn(move || {
                    let folder = OwnFolder::open(place).unwrap();
                    let mut turns = 0;
                    while turns < 20 {
                        if let Ok(claim) = look(&folder, machine).claim().unwrap() {
                            assert!(!is_inside.swap(true, Ordering::SeqCst));
                            inside.fetch_add(1, Ordering::SeqCst);
                            turns += 1;
                            assert!(claim.is_there().unwrap());
                            assert!(is_inside.swap(false, Ordering::SeqCst));
                        } else {
                            std::thread::yield_now();
                        }
                    }
                });
            }
        });
        assert_eq!(inside.load(Ordering::SeqCst), 100);
        assert!(names(&OwnFolder::open(place.path()).unwrap()).is_empty());
    }
}
