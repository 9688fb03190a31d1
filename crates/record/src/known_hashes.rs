//! Hashes of files that were computed before.
//!
//! A list of runs checks the weights of each. To read gigabytes each time would take long, so the hash of a
//! file is kept while the file is the same: the same inode with the same size and times. The time of its last
//! change cannot be set back, so an exchanged or edited file is read again. A hash that was kept only ever
//! spares reading a file that is right: before one is refused, it is read.

use std::collections::HashMap;
use std::fs::Metadata;
use std::path::PathBuf;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};

use crate::error::RecordError;
use crate::own::OwnFolder;

/// Inode, size and times of a file.
type Identity = [i128; 5];

struct KnownHashes {
    folder: PathBuf,
    known: HashMap<Identity, String>,
    new: Mutex<HashMap<Identity, String>>,
}

static FOLDER: OnceLock<PathBuf> = OnceLock::new();
/// Read when the first file is checked, which most commands never do.
static KNOWN: OnceLock<KnownHashes> = OnceLock::new();

/// The name of the file that they are kept in.
const FILE: &str = "hashes";

/// The most hashes that are kept: of ten thousand runs or more. Then they are forgotten.
const MOST: usize = 30_000;
const MOST_BYTES: u64 = 16 << 20;

/// From now on hashes are kept in this folder, until the process ends. Without it, none are kept. To be called
/// before anything is read.
pub fn keep_hashes_in(folder: PathBuf) {
    FOLDER.get_or_init(|| folder);
}

/// Writes the hashes that this process computed. If that fails, they are computed again.
pub fn save_hashes() {
    if let Some(known) = KNOWN.get() {
        let _ = known.save();
    }
}

fn kept() -> Option<&'static KnownHashes> {
    let folder = FOLDER.get()?;
    Some(KNOWN.get_or_init(|| KnownHashes::read(folder.clone())))
}

/// The kept hash of a file.
pub(crate) fn known(file: &Metadata) -> Option<&'static str> {
    kept()?.of(file)
}

/// Keeps the hash of a file. `before` and `after` are how the file was when it was read.
pub(crate) fn keep(before: &Metadata, after: &Metadata, hash: &str) {
    if let Some(known) = kept() {
        known.keep(before, after, hash, SystemTime::now());
    }
}

impl KnownHashes {
    fn read(folder: PathBuf) -> Self {
        let read = OwnFolder::open(&folder).and_then(|folder| folder.read(FILE, MOST_BYTES));
        let bytes = read.ok().flatten().unwrap_or_default();
        let text = String::from_utf8(bytes).unwrap_or_default();
        Self {
            folder,
            known: text.lines().filter_map(entry).collect(),
            new: Mutex::default(),
        }
    }

    fn of(&self, file: &Metadata) -> Option<&str> {
        self.known.get(&identity(file)?).map(String::as_str)
    }

    fn keep(&self, before: &Metadata, after: &Metadata, hash: &str, now: SystemTime) {
        let (Some(identity), Some(same)) = (identity(before), identity(after)) else {
            return;
        };
        if identity == same && is_settled(&identity, now) {
            let mut new = self.new.lock().unwrap_or_else(PoisonError::into_inner);
            new.insert(identity, hash.to_owned());
        }
    }

    fn save(&self) -> Result<(), RecordError> {
        let new = self.new.lock().unwrap_or_else(PoisonError::into_inner);
        if new.is_empty() {
            return Ok(());
        }
        std::fs::create_dir_all(&self.folder).map_err(RecordError::io(&self.folder))?;
        let folder = OwnFolder::open(&self.folder)?;
        // What another process is writing may be among them. Then it computes its hashes again.
        folder.remove_partial()?;
        let known = (self.known.len() + new.len() <= MOST).then_some(&self.known);
        let entries = known.into_iter().flatten().chain(new.iter());
        let lines = entries.map(|(identity, hash)| {
            let numbers = identity.map(|number| number.to_string());
            format!("{} {hash}\n", numbers.join(" "))
        });
        folder.write(FILE, lines.collect::<String>().as_bytes())
    }
}

fn entry(line: &str) -> Option<(Identity, String)> {
    let (numbers, hash) = line.rsplit_once(' ')?;
    let numbers: Option<Vec<i128>> = numbers.split(' ').map(|one| one.parse().ok()).collect();
    Some((numbers?.try_into().ok()?, hash.to_owned()))
}

/// Where the last of [`Identity`]'s numbers, the time of the last change in nanoseconds, is.
const CHANGED: usize = 4;

#[cfg(unix)]
fn identity(file: &Metadata) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    let time = |seconds: i64, nanoseconds: i64| {
        i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds)
    };
    Some([
        file.dev().into(),
        file.ino().into(),
        file.size().into(),
        time(file.mtime(), file.mtime_nsec()),
        time(file.ctime(), file.ctime_nsec()),
    ])
}

/// Elsewhere a file can be changed with its times kept.
#[cfg(not(unix))]
fn identity(_: &Metadata) -> Option<Identity> {
    None
}

/// A file that changes twice within the clock's resolution looks the same after the second time.
const RESOLUTION: Duration = Duration::from_secs(2);

fn is_settled(identity: &Identity, now: SystemTime) -> bool {
    let now = now
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    let settled = now.saturating_sub(RESOLUTION).as_nanos();
    u128::try_from(identity[CHANGED]).is_ok_and(|changed| changed < settled)
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs::File;

    use super::*;

    #[test]
    fn a_hash_is_kept_while_the_file_is_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let [file, store] = ["file", "new/cache"].map(|name| folder.path().join(name));
        std::fs::write(&file, "abc").unwrap();
        let metadata = || file.metadata().unwrap();
        let now = SystemTime::now();

        let hashes = KnownHashes::read(store.clone());
        // Just written: it could change again unseen.
        hashes.keep(&metadata(), &metadata(), "sha256:abc", now);
        hashes.save().unwrap();
        assert!(!store.exists());
        hashes.keep(&metadata(), &metadata(), "sha256:abc", now + 2 * RESOLUTION);
        hashes.save().unwrap();

        // What a killed process left there goes.
        std::fs::write(store.join(".partial-1-hashes"), "").unwrap();
        hashes.save().unwrap();
        let names = OwnFolder::open(&store).unwrap().names().unwrap();
        assert_eq!(names, [FILE]);

        let read = || KnownHashes::read(store.clone());
        assert_eq!(read().of(&metadata()), Some("sha256:abc"));
        let copy = folder.path().join("copy");
        std::fs::copy(&file, &copy).unwrap();
        assert_eq!(read().of(&copy.metadata().unwrap()), None);
        // Changed in place, with the time set back.
        let modified = metadata().modified().unwrap();
        std::fs::write(&file, "abd").unwrap();
        File::open(&file).unwrap().set_modified(modified).unwrap();
        assert_eq!(read().of(&metadata()), None);
    }

    #[test]
    fn other_content_of_the_store_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join(FILE);
        std::fs::write(store, "1 2 3 4 5 sha256:x\n1 2 3\n\nx y\n1 2 3 4 5 6 z\n").unwrap();
        let hashes = KnownHashes::read(folder.path().to_owned());
        assert_eq!(hashes.known.len(), 1);
        assert_eq!(hashes.known[&[1, 2, 3, 4, 5]], "sha256:x");
    }
}
