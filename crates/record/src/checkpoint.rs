use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::atomic::write_atomically;
use crate::digest::{digest_of, sha256};
use crate::error::RecordError;
use crate::tensors::Tensors;

/// The checkpoint layout that this version reads and writes.
pub const CHECKPOINT_VERSION: u32 = 2;

/// The number of checkpoints kept: the last one, and the previous one in case the last is damaged.
const KEPT: usize = 2;

/// `checkpoint/`: everything that a run needs to resume as if it had never stopped.
///
/// A checkpoint consists of a file of tensors and a JSON file, which holds the rest of the state
/// and the hashes of both. The JSON file is written once the tensors are on disk.
#[derive(Clone, Debug)]
pub struct CheckpointFolder {
    path: PathBuf,
}

/// The content of the JSON file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Contents<S> {
    checkpoint_version: u32,
    state: S,
    /// The hash of the file of tensors.
    tensors: String,
    /// The hash of `state` and `tensors`.
    digest: String,
}

/// The part that checkpoints of all versions have in common.
#[derive(Deserialize)]
struct Version {
    checkpoint_version: u64,
}

/// The checkpoints found in a folder.
#[derive(Debug)]
pub struct Found<S> {
    /// State and tensors of the last intact checkpoint; `None` if there is none.
    pub checkpoint: Option<(S, Tensors)>,
    /// For each later checkpoint, the reason it cannot be read.
    pub damaged: Vec<RecordError>,
}

impl CheckpointFolder {
    pub(crate) fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the checkpoint after training step `steps`, then removes all but the last two.
    ///
    /// # Errors
    ///
    /// If the folder cannot be written. Existing checkpoints are then kept.
    pub fn write(
        &self,
        steps: usize,
        state: &impl Serialize,
        tensors: &Tensors,
    ) -> Result<(), RecordError> {
        let name = name(steps);
        let bytes = tensors.to_bytes();
        let hash = sha256(&bytes);
        let json = self.path.join(&name).with_extension("json");
        let contents = Contents {
            checkpoint_version: CHECKPOINT_VERSION,
            digest: digest_of(&(state, &hash)).map_err(RecordError::malformed(&json))?,
            state,
            tensors: hash,
        };
        let text = serde_json::to_vec(&contents).map_err(RecordError::malformed(&json))?;
        write_atomically(&json.with_extension("safetensors"), &bytes)?;
        write_atomically(&json, &text)?;
        self.remove_all_but_the_last()
    }

    /// Reads the last intact checkpoint.
    ///
    /// # Errors
    ///
    /// If the folder cannot be read, or if no checkpoint is intact and one was written by another
    /// version.
    pub fn read<S: Serialize + DeserializeOwned>(&self) -> Result<Found<S>, RecordError> {
        let mut found = Found {
            checkpoint: None,
            damaged: Vec::new(),
        };
        for json in self.all()?.into_iter().rev() {
            match read(&json) {
                Ok(checkpoint) => {
                    found.checkpoint = Some(checkpoint);
                    break;
                }
                Err(error) => found.damaged.push(error),
            }
        }
        // The version that wrote the checkpoint can resume from it, so do not start over.
        let other = |error: &RecordError| matches!(error, RecordError::OtherVersion { .. });
        match found.damaged.iter().position(other) {
            Some(index) if found.checkpoint.is_none() => Err(found.damaged.swap_remove(index)),
            _ => Ok(found),
        }
    }

    /// Removes the checkpoints after step `steps`. They are damaged or belong to another run, and
    /// would be mistaken for the last one.
    ///
    /// # Errors
    ///
    /// If a file cannot be removed.
    pub fn remove_after(&self, steps: usize) -> Result<(), RecordError> {
        let last = name(steps);
        for path in self.files()? {
            let is_later = |stem: &OsStr| stem > OsStr::new(&last);
            if path.file_stem().is_some_and(is_later) {
                std::fs::remove_file(&path).map_err(RecordError::io(path))?;
            }
        }
        Ok(())
    }

    /// Removes the folder with all checkpoints. Does nothing if the folder does not exist.
    ///
    /// # Errors
    ///
    /// If the folder cannot be removed.
    pub fn remove(&self) -> Result<(), RecordError> {
        match std::fs::remove_dir_all(&self.path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(RecordError::io(&self.path)(error))
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// The JSON files in step order.
    fn all(&self) -> Result<BTreeSet<PathBuf>, RecordError> {
        let files = self.files()?.into_iter();
        Ok(files.filter(|path| has_extension(path, "json")).collect())
    }

    fn files(&self) -> Result<Vec<PathBuf>, RecordError> {
        let entries = match std::fs::read_dir(&self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(RecordError::io(&self.path))?,
        };
        let paths = entries.map(|entry| entry.map(|entry| entry.path()));
        paths
            .collect::<Result<_, _>>()
            .map_err(RecordError::io(&self.path))
    }

    /// Also removes the incomplete files of killed processes.
    fn remove_all_but_the_last(&self) -> Result<(), RecordError> {
        let kept: BTreeSet<PathBuf> = self.all()?.into_iter().rev().take(KEPT).collect();
        for path in self.files()? {
            if !kept.contains(&path.with_extension("json")) {
                std::fs::remove_file(&path).map_err(RecordError::io(path))?;
            }
        }
        Ok(())
    }
}

/// The stem of a checkpoint's file names. Names sort in step order.
fn name(steps: usize) -> String {
    format!("step-{steps:012}")
}

fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found == extension)
}

fn read<S: Serialize + DeserializeOwned>(path: &Path) -> Result<(S, Tensors), RecordError> {
    let damaged = || RecordError::Damaged {
        path: path.to_owned(),
    };
    let json = std::fs::read(path).map_err(RecordError::io(path))?;
    let version: Version = serde_json::from_slice(&json).map_err(|_| damaged())?;
    if version.checkpoint_version != u64::from(CHECKPOINT_VERSION) {
        return Err(RecordError::OtherVersion {
            path: path.to_owned(),
            found: version.checkpoint_version,
            reads: CHECKPOINT_VERSION,
        });
    }
    let contents: Contents<S> = serde_json::from_slice(&json).map_err(|_| damaged())?;
    let digest = digest_of(&(&contents.state, &contents.tensors)).map_err(|_| damaged())?;
    if digest != contents.digest {
        return Err(damaged());
    }
    let path = path.with_extension("safetensors");
    let bytes = std::fs::read(&path).map_err(RecordError::io(&path))?;
    if sha256(&bytes) != contents.tensors {
        return Err(RecordError::Damaged { path });
    }
    let tensors = Tensors::from_bytes(&bytes).map_err(|_| damaged())?;
    Ok((contents.state, tensors))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tensors(value: f32) -> Tensors {
        let mut tensors = Tensors::default();
        tensors.insert("w".to_owned(), vec![3], vec![value, f32::INFINITY, -0.0]);
        tensors
    }

    fn folder(place: &tempfile::TempDir) -> CheckpointFolder {
        CheckpointFolder::at(place.path().join("checkpoint"))
    }

    #[test]
    fn the_last_two_are_kept_and_the_last_is_read() {
        let place = tempfile::tempdir().unwrap();
        let folder = folder(&place);
        assert!(folder.read::<f64>().unwrap().checkpoint.is_none());
        for step in [1, 20, 300, 4000] {
            folder
                .write(step, &(0.1 * step as f64), &tensors(step as f32))
                .unwrap();
            // The leftover of a killed process.
            std::fs::write(folder.path().join(".partial-x"), "half").unwrap();
        }
        folder.write(5000, &0.3, &tensors(5.0)).unwrap();
        assert_eq!(folder.files().unwrap().len(), 4);
        let found = folder.read::<f64>().unwrap();
        assert_eq!(found.checkpoint, Some((0.3, tensors(5.0))));
        assert!(found.damaged.is_empty());
        folder.remove_after(4999).unwrap();
        assert_eq!(folder.read::<f64>().unwrap().checkpoint.unwrap().0, 400.0);
        folder.remove_after(0).unwrap();
        assert!(folder.read::<f64>().unwrap().checkpoint.is_none());
        folder.remove().unwrap();
        folder.remove().unwrap();
        assert!(!folder.path().exists());
    }

    #[test]
    fn the_previous_checkpoint_replaces_a_damaged_one() {
        let place = tempfile::tempdir().unwrap();
        let folder = folder(&place);
        folder.write(1, &"one".to_owned(), &tensors(1.0)).unwrap();
        folder.write(2, &"two".to_owned(), &tensors(2.0)).unwrap();
        for extension in ["json", "safetensors"] {
            let path = folder
                .path()
                .join("step-000000000002")
                .with_extension(extension);
            let good = std::fs::read(&path).unwrap();
            for place in 0..good.len() {
                let mut flipped = good.clone();
                flipped[place] ^= 1;
                for bad in [&flipped[..], &good[..place]] {
                    std::fs::write(&path, bad).unwrap();
                    let found = folder.read::<String>().unwrap();
                    let expected = Some(("one".to_owned(), tensors(1.0)));
                    assert_eq!(found.checkpoint, expected, "{extension} {place}");
                    let said = found.damaged[0].to_string();
                    assert!(said.contains("step-000000000002"), "{said}");
                }
            }
            std::fs::write(&path, good).unwrap();
        }
        let whole = folder.read::<String>().unwrap();
        assert_eq!(whole.checkpoint, Some(("two".to_owned(), tensors(2.0))));
    }
}
