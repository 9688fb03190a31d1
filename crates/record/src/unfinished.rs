use std::fmt;
use std::path::Path;
use std::time::SystemTime;

use serde_json::Value;

use crate::lock::RunLock;
use crate::metrics_log::MetricsLog;
use crate::own::OwnFolder;
use crate::run_folder::{RunFolder, seed_of};

/// A run that was started and has no result: it is running, or it was interrupted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfinished {
    /// The name of its experiment's folder.
    pub experiment: String,
    /// The backend, or the folder's name if hearth did not give it.
    pub backend: String,
    /// The seed; `None` if the folder's name does not tell.
    pub seed: Option<u64>,
    /// The number of finished epochs.
    pub done: usize,
    /// The number of epochs that its config asks for; `None` before the config is written.
    pub epochs: Option<usize>,
    /// The process that runs it and its machine; `None` if the run was interrupted.
    pub holder: Option<String>,
    /// When it was started, or last resumed; `None` if the system does not tell.
    pub since: Option<SystemTime>,
}

impl Unfinished {
    /// `running` or `interrupted`.
    pub fn status(&self) -> &'static str {
        if self.holder.is_some() {
            "running"
        } else {
            "interrupted"
        }
    }

    /// The finished epochs, for instance `3 of 50`.
    pub fn epochs(&self) -> String {
        match self.epochs {
            Some(epochs) => format!("{} of {epochs}", self.done),
            None => self.done.to_string(),
        }
    }
}

impl fmt::Display for Unfinished {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        write!(out, "{}: {} epochs done", self.status(), self.epochs())?;
        match &self.holder {
            Some(holder) => write!(out, ", {holder}"),
            None => Ok(()),
        }
    }
}

impl RunFolder {
    /// The state of a run that was started and has no result; `None` if the folder holds none.
    pub fn unfinished(&self) -> Option<Unfinished> {
        if self.is_finished() {
            return None;
        }
        let holder = RunLock::holder(self.path());
        let config = self.path().join(Self::CONFIG);
        let since = config.metadata().and_then(|file| file.modified()).ok();
        // A process that has just begun holds the folder and has not written the config yet.
        if since.is_none() && holder.is_none() {
            return None;
        }
        let folder = OwnFolder::find(self.path()).ok()??;
        let name = self.path().file_name()?.to_string_lossy();
        let (backend, seed) = match seed_of(&name) {
            Some((backend, seed)) => (backend, Some(seed)),
            None => (name.as_ref(), None),
        };
        let experiment = self.path().parent().and_then(Path::file_name)?;
        Some(Unfinished {
            experiment: experiment.to_string_lossy().into_owned(),
            backend: backend.to_owned(),
            seed,
            done: MetricsLog::lines_in(&folder),
            epochs: epochs(&folder),
            holder,
            since,
        })
    }
}

/// The most bytes of a config that are read.
const MOST_CONFIG: u64 = 1 << 24;

fn epochs(folder: &OwnFolder) -> Option<usize> {
    let config = folder.read(RunFolder::CONFIG, MOST_CONFIG).ok()??;
    let config: Value = serde_json::from_slice(&config).ok()?;
    let epochs = config.pointer("/training/epochs")?.as_u64()?;
    usize::try_from(epochs).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_running_while_its_folder_is_locked() {
        let results = tempfile::tempdir().unwrap();
        let run = RunFolder::new(results.path(), "exp", "flex", 3);
        assert_eq!(run.unfinished(), None);
        let lock = RunLock::take(run.path()).unwrap();
        let begun = run.unfinished().unwrap();
        assert_eq!((begun.status(), begun.epochs().as_str()), ("running", "0"));
        let config = r#"{"training": {"epochs": 5}}"#;
        std::fs::write(run.path().join(RunFolder::CONFIG), config).unwrap();
        std::fs::write(run.path().join(RunFolder::METRICS), "{}\n{}\n").unwrap();
        let running = run.unfinished().unwrap();
        let pid = format!("process {} on ", std::process::id());
        let said = running.to_string();
        assert!(
            said.starts_with(&format!("running: 2 of 5 epochs done, {pid}")),
            "{said}"
        );
        drop(lock);
        let interrupted = run.unfinished().unwrap();
        assert_eq!(interrupted.to_string(), "interrupted: 2 of 5 epochs done");
        assert_eq!(
            (
                interrupted.experiment.as_str(),
                interrupted.backend.as_str(),
                interrupted.seed
            ),
            ("exp", "flex", Some(3))
        );
        std::fs::write(run.result(), "").unwrap();
        assert_eq!(run.unfinished(), None);
    }
}
