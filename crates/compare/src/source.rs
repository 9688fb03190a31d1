//! Finds the run folders that an argument names.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use record::{RecordError, RunFolder};

use crate::CompareError;

/// The run folders that an argument names.
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// Run folders with a result.
    pub finished: Vec<PathBuf>,
    /// Run folders without a result, found in an experiment's folder or by a pattern.
    pub unfinished: BTreeSet<PathBuf>,
}

impl Source {
    /// Finds the runs of a result file, a run's folder, an experiment's folder, or a pattern. Opens no
    /// file.
    ///
    /// # Errors
    ///
    /// If there is no finished run, or a folder cannot be read.
    pub fn find(path: &Path) -> Result<Self, CompareError> {
        let argument = path.display().to_string();
        let mut source = Self::default();
        // Paths first: a folder's name may look like a pattern.
        if path.is_file() {
            source.finished.push(run_of(path)?);
        } else if path.is_dir() {
            source.add_folder(path)?;
            if source.finished.is_empty() && is_unfinished(path) {
                return Err(CompareError::Unfinished {
                    path: path.to_owned(),
                });
            }
        } else if argument.contains(['*', '?', '[']) {
            source.add_matches(&argument)?;
        } else {
            let in_results = Path::new("results").join(path);
            return Err(CompareError::Missing {
                argument,
                meant: in_results.exists().then_some(in_results),
            });
        }
        if source.finished.is_empty() {
            return Err(CompareError::NoRuns { argument });
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
            } else if path.ends_with(RunFolder::RESULT) {
                self.finished.push(run_of(&path)?);
            }
        }
        if any {
            Ok(())
        } else {
            Err(CompareError::NoMatch {
                pattern: pattern.to_owned(),
            })
        }
    }

    /// Adds a run or an experiment's runs. Ignores other folders.
    fn add_folder(&mut self, folder: &Path) -> Result<(), CompareError> {
        if is_finished(folder) {
            self.finished.push(folder.to_owned());
            return Ok(());
        }
        for entry in fs::read_dir(folder).map_err(RecordError::io(folder))? {
            let path = entry.map_err(RecordError::io(folder))?.path();
            if is_finished(&path) {
                self.finished.push(path);
            } else {
                self.note_unfinished(path);
            }
        }
        Ok(())
    }

    fn note_unfinished(&mut self, folder: PathBuf) {
        if is_unfinished(&folder) {
            self.unfinished.insert(folder);
        }
    }
}

fn is_finished(folder: &Path) -> bool {
    RunFolder::at(folder.to_owned()).is_finished()
}

fn is_unfinished(folder: &Path) -> bool {
    RunFolder::at(folder.to_owned()).is_unfinished()
}

fn run_of(file: &Path) -> Result<PathBuf, CompareError> {
    if !file.ends_with(RunFolder::RESULT) {
        return Err(CompareError::NotAResult {
            path: file.to_owned(),
        });
    }
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    Ok(folder.unwrap_or(Path::new(".")).to_owned())
}

/// The path with links resolved, to recognize the same run under two paths.
pub(crate) fn place(path: &Path) -> Result<PathBuf, CompareError> {
    fs::canonicalize(path).map_err(|error| {
        if error.kind() == ErrorKind::NotFound {
            CompareError::Missing {
                argument: path.display().to_string(),
                meant: None,
            }
        } else {
            RecordError::io(path)(error).into()
        }
    })
}
