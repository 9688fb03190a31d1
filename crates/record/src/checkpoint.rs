use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::digest::{digest_of, sha256};
use crate::error::RecordError;
use crate::own::OwnFolder;
use crate::run_folder::RunFolder;
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
    /// The run's folder.
    run: PathBuf,
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
    pub(crate) fn of_run(run: PathBuf) -> Self {
        Self { run }
    }

    /// The folder.
    pub fn path(&self) -> PathBuf {
        self.run.join(RunFolder::CHECKPOINT)
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
        let path = self.path().join(&name);
        let bytes = tensors.to_bytes();
        let hash = sha256(&bytes);
        let contents = Contents {
            checkpoint_version: CHECKPOINT_VERSION,
            digest: digest_of(&(state, &hash)).map_err(RecordError::malformed(&path))?,
            state,
            tensors: hash,
        };
        let text = serde_json::to_vec(&contents).map_err(RecordError::malformed(&path))?;
        let folder = OwnFolder::open(&self.run)?.within(RunFolder::CHECKPOINT)?;
        folder.write(&format!("{name}.{TENSORS}"), &bytes)?;
        folder.write(&format!("{name}.{JSON}"), &text)?;
        folder.remove_partial()?;
        remove_all_but_the_last(&folder)
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
        let Some(folder) = self.folder()? else {
            return Ok(found);
        };
        for step in steps_in(&folder)?.into_iter().rev() {
            match read(&folder, step) {
                Ok(Some(checkpoint)) => {
                    found.checkpoint = Some(checkpoint);
                    break;
                }
                Ok(None) => {}
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
        match self.folder()? {
            Some(folder) => remove_if(&folder, |step| step > steps),
            None => Ok(()),
        }
    }

    /// Removes all checkpoints, and the folder unless it holds files that are not hearth's. Does nothing
    /// if the folder does not exist.
    ///
    /// # Errors
    ///
    /// If a file cannot be removed.
    pub fn remove(&self) -> Result<(), RecordError> {
        let Some(folder) = self.folder()? else {
            return Ok(());
        };
        remove_if(&folder, |_| true)?;
        folder.remove_partial()?;
        OwnFolder::open(&self.run)?.remove_folder(RunFolder::CHECKPOINT)
    }

    fn folder(&self) -> Result<Option<OwnFolder>, RecordError> {
        match OwnFolder::find(&self.run)? {
            Some(run) => run.find_within(RunFolder::CHECKPOINT),
            None => Ok(None),
        }
    }
}

const JSON: &str = "json";
const TENSORS: &str = "safetensors";

/// The stem of a checkpoint's file names. Names sort in step order.
fn name(steps: usize) -> String {
    format!("step-{steps:012}")
}

/// The step of a checkpoint's file; `None` if it is not one's.
fn step_of(file: &OsStr) -> Option<usize> {
    let (stem, extension) = file.to_str()?.split_once('.')?;
    let step = stem.strip_prefix("step-")?.parse().ok()?;
    let is_own = name(step) == stem && [JSON, TENSORS].contains(&extension);
    is_own.then_some(step)
}

/// The steps of the completed checkpoints in a folder: their JSON is written last.
fn steps_in(folder: &OwnFolder) -> Result<BTreeSet<usize>, RecordError> {
    let names = folder.names()?;
    let completed = names
        .iter()
        .filter(|name| Path::new(name).extension() == Some(OsStr::new(JSON)));
    Ok(completed.filter_map(|name| step_of(name)).collect())
}

fn remove_all_but_the_last(folder: &OwnFolder) -> Result<(), RecordError> {
    let kept: BTreeSet<usize> = steps_in(folder)?.into_iter().rev().take(KEPT).collect();
    remove_if(folder, |step| !kept.contains(&step))
}

/// Removes the files of the checkpoints after these steps.
fn remove_if(folder: &OwnFolder, is_to_go: impl Fn(usize) -> bool) -> Result<(), RecordError> {
    for name in folder.names()? {
        if step_of(&name).is_some_and(&is_to_go) {
            folder.remove(name)?;
        }
    }
    Ok(())
}

/// Reads the checkpoint after a step; `None` if it was not completed.
fn read<S: Serialize + DeserializeOwned>(
    folder: &OwnFolder,
    step: usize,
) -> Result<Option<(S, Tensors)>, RecordError> {
    let file = format!("{}.{JSON}", name(step));
    let path = folder.path_of(&file);
    let damaged = || RecordError::Damaged { path: path.clone() };
    let Some(json) = folder.read(&file, MOST_STATE)? else {
        return Ok(None);
    };
    let version: Version = serde_json::from_slice(&json).map_err(|_| damaged())?;
    if version.checkpoint_version != u64::from(CHECKPOINT_VERSION) {
        return Err(RecordError::OtherVersion {
            path,
            found: version.checkpoint_version,
            reads: CHECKPOINT_VERSION,
        });
    }
    let contents: Contents<S> = serde_json::from_slice(&json).map_err(|_| damaged())?;
    let digest = digest_of(&(&contents.state, &contents.tensors)).map_err(|_| damaged())?;
    if digest != contents.digest {
        return Err(damaged());
    }
    let file = format!("{}.{TENSORS}", name(step));
    let path = folder.path_of(&file);
    // The hash is checked before the file is read: what is not hearth's own may be of any size.
    match folder.hash(&file)? {
        Some(hash) if hash == contents.tensors => {}
        Some(_) => return Err(RecordError::Damaged { path }),
        None => return Err(RecordError::MissingFile { path }),
    }
    let bytes = folder.read(&file, u64::MAX)?.unwrap_or_default();
    let tensors = Tensors::from_bytes(&bytes).map_err(|_| damaged())?;
    Ok(Some((contents.state, tensors)))
}

/// The most bytes of a checkpoint's JSON that are read: a line for each epoch.
const MOST_STATE: u64 = 1 << 28;

#[cfg(test)]
mod tests {
    use super::*;

    fn tensors(value: f32) -> Tensors {
        let mut tensors = Tensors::default();
        tensors.insert("w".to_owned(), vec![3], vec![value, f32::INFINITY, -0.0]);
        tensors
    }

    fn folder(place: &tempfile::TempDir) -> CheckpointFolder {
        CheckpointFolder::of_run(place.path().to_owned())
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
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 4);
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
    fn other_files_in_the_folder_stay() {
        let place = tempfile::tempdir().unwrap();
        let folder = folder(&place);
        folder.write(1, &1.0, &tensors(1.0)).unwrap();
        let others = [
            "thesis.tex",
            "step-1.json",
            "step-000000000001.txt",
            ".bashrc",
        ];
        for name in others {
            std::fs::write(folder.path().join(name), "x").unwrap();
        }
        for step in 2..5 {
            folder.write(step, &1.0, &tensors(1.0)).unwrap();
        }
        folder.remove().unwrap();
        assert_eq!(
            std::fs::read_dir(folder.path()).unwrap().count(),
            others.len()
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_place_of_the_folder_is_not_followed() {
        let place = tempfile::tempdir().unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        let name = "step-000000000001.json";
        std::fs::write(elsewhere.path().join(name), "mine").unwrap();
        let folder = folder(&place);
        std::os::unix::fs::symlink(elsewhere.path(), folder.path()).unwrap();
        let refused = [
            folder.write(2, &1.0, &tensors(1.0)).unwrap_err(),
            folder.read::<f64>().unwrap_err(),
            folder.remove().unwrap_err(),
            folder.remove_after(0).unwrap_err(),
        ];
        for error in refused {
            assert!(matches!(error, RecordError::NotOwn { .. }), "{error}");
        }
        assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 1);
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
