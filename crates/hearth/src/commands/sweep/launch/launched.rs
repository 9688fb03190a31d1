//! What was launched of a sweep.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use record::{RecordError, write_output};
use serde::{Deserialize, Serialize};

use super::Launch;
use crate::exit::{BadInput, Usage};

/// The launches of a sweep, kept in its folder.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Launched {
    /// The digest of the sweep; none before the first launch.
    plan: Option<String>,
    launches: Vec<OneLaunch>,
    #[serde(skip)]
    path: PathBuf,
}

#[derive(Debug, Serialize, Deserialize)]
struct OneLaunch {
    /// In UTC.
    time: String,
    engine: String,
    /// The engine's names of the jobs.
    jobs: Vec<String>,
    /// With halving, of each rung.
    tasks: Vec<String>,
    per_task: usize,
}

impl Launched {
    /// Reads what was launched from the sweep's folder.
    pub fn read(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join("launched.json");
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self {
                    path,
                    ..Self::default()
                });
            }
            Err(error) => return Err(RecordError::io(path)(error).into()),
        };
        let launched: Self = serde_json::from_str(&text).map_err(|error| {
            let path = path.display();
            BadInput::new(format!(
                "{path}: {error}; remove it to launch as if for the first time"
            ))
        })?;
        Ok(Self { path, ..launched })
    }

    /// Checks that the sweep is the one that was launched before.
    pub fn check(&self, launch: &Launch) -> Result<(), Usage> {
        match &self.plan {
            Some(plan) if *plan != launch.digest => Err(Usage::new(format!(
                "{}: another sweep than the one launched before, which is in {}; give it another file name, \
                 or remove that file",
                launch.arguments.sweep.file.display(),
                self.path.display()
            ))),
            Some(_) | None => Ok(()),
        }
    }

    /// The number of launches.
    pub fn count(&self) -> usize {
        self.launches.len()
    }

    /// The jobs that an engine was given.
    pub fn jobs(&self, engine: &str) -> Vec<String> {
        let of_engine = self
            .launches
            .iter()
            .filter(|launch| launch.engine == engine);
        of_engine.flat_map(|launch| launch.jobs.clone()).collect()
    }

    /// Notes the jobs of a launch.
    pub fn note(
        &mut self,
        launch: &Launch,
        engine: &str,
        jobs: &[String],
    ) -> Result<(), RecordError> {
        self.plan = Some(launch.digest.clone());
        self.launches.push(OneLaunch {
            time: Timestamp::now().to_string(),
            engine: engine.to_owned(),
            jobs: jobs.to_vec(),
            tasks: launch
                .parts
                .iter()
                .map(|part| part.tasks.to_string())
                .collect(),
            per_task: launch.per_task.get(),
        });
        let text = serde_json::to_string_pretty(self).expect("texts and numbers are JSON");
        write_output(&self.path, format!("{text}\n").as_bytes())
    }
}
