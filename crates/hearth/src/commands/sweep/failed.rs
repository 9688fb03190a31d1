//! Notes on runs that failed. Who collects a sweep may be on another machine than the process that failed.

use std::path::PathBuf;

use config::Sweep;
use record::{RecordError, write_output};
use serde::{Deserialize, Serialize};

use super::SweepArguments;
use super::tasks::Task;

/// How a run ended that has no result.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Failure {
    /// Which run it was: a changed sweep may number its runs otherwise.
    run: String,
    /// The exit code of its process.
    pub code: u8,
    /// What it said.
    pub error: String,
}

impl Failure {
    pub fn of(task: &Task, code: u8, error: String) -> Self {
        Self {
            run: task.name(),
            code,
            error,
        }
    }
}

/// The notes of a sweep, a file each in its folder.
pub(super) struct Failed {
    folder: PathBuf,
}

impl Failed {
    pub fn of(sweep: &Sweep, arguments: &SweepArguments) -> Self {
        Self {
            folder: arguments.own_folder(sweep).join("failed"),
        }
    }

    fn path(&self, task: &Task) -> PathBuf {
        self.folder.join(format!("{}.json", task.index))
    }

    pub fn note(&self, task: &Task, failure: &Failure) -> Result<(), RecordError> {
        std::fs::create_dir_all(&self.folder).map_err(RecordError::io(&self.folder))?;
        let text = serde_json::to_string_pretty(failure).expect("texts and a number are JSON");
        write_output(&self.path(task), format!("{text}\n").as_bytes())
    }

    /// Removes the note on a run, if there is one: it is tried again, or it is done.
    pub fn clear(&self, task: &Task) {
        // A note that stays is of no run that is done, and is written anew by one that fails.
        let _ = std::fs::remove_file(self.path(task));
    }

    /// Removes the notes on all runs.
    pub fn clear_all(&self) {
        let notes = std::fs::read_dir(&self.folder).into_iter().flatten();
        for note in notes.flatten().filter(is_note) {
            let _ = std::fs::remove_file(note.path());
        }
    }

    /// The note on a run.
    pub fn get(&self, task: &Task) -> Option<Failure> {
        let text = std::fs::read_to_string(self.path(task)).ok()?;
        let failure: Failure = serde_json::from_str(&text).ok()?;
        (failure.run == task.name()).then_some(failure)
    }

    /// The number of runs that failed.
    pub fn count(&self) -> usize {
        let notes = std::fs::read_dir(&self.folder);
        notes.map_or(0, |notes| notes.flatten().filter(is_note).count())
    }
}

fn is_note(entry: &std::fs::DirEntry) -> bool {
    entry
        .path()
        .extension()
        .is_some_and(|extension| extension == "json")
}
