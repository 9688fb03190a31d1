use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::{RecordError, Tensors, digest_of, sha256, write_atomically};

/// The layout of checkpoints that this version reads and writes.
pub const CHECKPOINT_VERSION: u32 = 1;

/// How many are kept: the last one, and the one before it should that be damaged.
const KEPT: usize = 2;

/// `checkpoint/`: all that a run needs to go on as if nothing had happened.
///
/// Of each checkpoint a file of tensors, and beside it one of JSON with the rest and the hashes of
/// both. The second is written when the first is on disk.
#[derive(Clone, Debug)]
pub struct CheckpointFolder {
    path: PathBuf,
}

/// The file of JSON.
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

/// What is read of a checkpoint of any version.
#[derive(Deserialize)]
struct Version {
    checkpoint_version: u64,
}

/// What was found in a folder.
#[derive(Debug)]
pub struct Found<S> {
    /// The last that is whole.
    pub checkpoint: Option<(S, Tensors)>,
    /// Why each of those after it is not.
    pub damaged: Vec<RecordError>,
}

impl CheckpointFolder {
    pub(crate) fn at(path: PathBuf) -> Self {
        Self { path }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a checkpoint after so many `steps`, then removes all but the last two.
    ///
    /// # Errors
    ///
    /// When the folder cannot be written; the checkpoints that are there stay.
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

    /// Reads the last checkpoint that is whole.
    ///
    /// # Errors
    ///
    /// When the folder cannot be read, or none is whole and one is of another version.
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
        // Of another version's there is something to go on from, only not here.
        let other = |error: &RecordError| matches!(error, RecordError::OtherVersion { .. });
        match found.damaged.iter().position(other) {
            Some(index) if found.checkpoint.is_none() => Err(found.damaged.swap_remove(index)),
            _ => Ok(found),
        }
    }

    /// Removes those after more than so many steps: another run's, or damaged ones. They would count
    /// as the last.
    ///
    /// # Errors
    ///
    /// When one cannot be removed.
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

    /// # Errors
    ///
    /// When something is there that cannot be removed.
    pub fn remove(&self) -> Result<(), RecordError> {
        match std::fs::remove_dir_all(&self.path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(RecordError::io(&self.path)(error))
            }
            _ => Ok(()),
        }
    }

    /// The files of JSON, in the order of the steps.
    fn all(&self) -> Result<BTreeSet<PathBuf>, RecordError> {
        let files = self.files()?.into_iter();
        Ok(files.filter(|path| has_extension(path, "json")).collect())
    }

    fn files(&self) -> Result<Vec<PathBuf>, RecordError> {
        let entries = match std::fs::read_dir(&self.path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(RecordError::io(&self.path))?,
        };
        let paths = entries.map(|entry| entry.map(|entry| entry.path()));
        paths
            .collect::<Result<_, _>>()
            .map_err(RecordError::io(&self.path))
    }

    /// What a process left that was killed as it wrote goes, too.
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

/// In the order of the steps as texts, too.
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
            // What a killed process left.
            folder
                .write(step, &(0.1 * step as f64), &tensors(step as f32))
                .unwrap();
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
    fn whatever_is_damaged_the_one_before_is_read() {
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
