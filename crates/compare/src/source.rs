//! What an argument stands for: run folders.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use record::RecordError;

use crate::CompareError;

const RESULT: &str = "result.json";

/// The run folders behind an argument.
#[derive(Debug, Default)]
pub(crate) struct Source {
    /// With a result.
    pub finished: Vec<PathBuf>,
    /// Of those that an experiment's folder or a pattern brings in, the ones without.
    pub unfinished: BTreeSet<PathBuf>,
}

impl Source {
    /// Finds a result file, a run's folder, an experiment's folder, or all that match a pattern.
    /// Opens no file.
    pub fn find(argument: &str) -> Result<Self, CompareError> {
        let path = Path::new(argument);
        let mut source = Self::default();
        // A folder's own name may look like a pattern.
        if path.is_file() {
            source.finished.push(run_of(path)?);
        } else if path.is_dir() {
            source.add_folder(path)?;
            if source.finished.is_empty() && is_begun(path) {
                return Err(CompareError::Unfinished {
                    path: path.to_owned(),
                });
            }
        } else if argument.contains(['*', '?', '[']) {
            source.add_matches(argument)?;
        } else {
            return Err(CompareError::Missing {
                argument: argument.to_owned(),
            });
        }
        if source.finished.is_empty() {
            return Err(CompareError::NoRuns {
                argument: argument.to_owned(),
            });
        }
        Ok(source)
    }

    fn add_matches(&mut self, pattern: &str) -> Result<(), CompareError> {
        let matches = glob::glob(pattern).map_err(|error| CompareError::Pattern {
            pattern: pattern.to_owned(),
            problem: error.msg,
        })?;
        let mut any = false;
        for found in matches {
            let path = found.map_err(|error| {
                let path = error.path().to_owned();
                RecordError::io(path)(error.into())
            })?;
            any = true;
            if path.is_dir() {
                self.add_folder(&path)?;
                self.note_unfinished(path);
            } else if path.ends_with(RESULT) {
                self.finished.push(run_of(&path)?);
            }
        }
        match any {
            true => Ok(()),
            false => Err(CompareError::NoMatch {
                pattern: pattern.to_owned(),
            }),
        }
    }

    /// A run, or the runs of an experiment; nothing where it is neither.
    fn add_folder(&mut self, folder: &Path) -> Result<(), CompareError> {
        if folder.join(RESULT).is_file() {
            self.finished.push(folder.to_owned());
            return Ok(());
        }
        for entry in fs::read_dir(folder).map_err(RecordError::io(folder))? {
            let path = entry.map_err(RecordError::io(folder))?.path();
            if path.join(RESULT).is_file() {
                self.finished.push(path);
            } else {
                self.note_unfinished(path);
            }
        }
        Ok(())
    }

    fn note_unfinished(&mut self, folder: PathBuf) {
        if is_begun(&folder) {
            self.unfinished.insert(folder);
        }
    }
}

/// Whether a run was started in the folder and left no result.
fn is_begun(folder: &Path) -> bool {
    folder.join("config.json").is_file() && !folder.join(RESULT).is_file()
}

fn run_of(file: &Path) -> Result<PathBuf, CompareError> {
    if !file.ends_with(RESULT) {
        return Err(CompareError::NotAResult {
            path: file.to_owned(),
        });
    }
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    Ok(folder.unwrap_or(Path::new(".")).to_owned())
}

/// The path without links, by which a run is known again.
pub(crate) fn place(path: &Path) -> Result<PathBuf, CompareError> {
    fs::canonicalize(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => CompareError::Missing {
            argument: path.display().to_string(),
        },
        _ => RecordError::io(path)(error).into(),
    })
}
