//! The results folder, in which finished runs are found by their signatures.

use std::path::Path;

use config::Plan;
use record::{Record, RecordError, RunFolder};

use crate::{Backend, Prepared, RunError};

/// A results folder, which holds one folder per experiment.
#[derive(Clone, Debug)]
pub struct Results<'a> {
    folder: &'a Path,
    /// Whether finished runs and checkpoints of other runs may be replaced.
    overwrite: bool,
    /// Whether a finished run may be under another name.
    everywhere: bool,
}

impl<'a> Results<'a> {
    /// A results folder that keeps finished runs.
    pub fn keeping(folder: &'a Path) -> Self {
        Self {
            folder,
            overwrite: false,
            everywhere: true,
        }
    }

    /// The same where each run is looked for in its own folder alone: whoever starts a run of a sweep has looked
    /// under other names, which takes as long as there are records.
    #[must_use]
    pub fn under_own_names(self) -> Self {
        Self {
            everywhere: false,
            ..self
        }
    }

    /// A results folder in which new runs replace finished ones.
    pub fn overwriting(folder: &'a Path) -> Self {
        Self {
            folder,
            overwrite: true,
            everywhere: true,
        }
    }

    /// Whether new runs replace finished ones.
    pub fn overwrites(&self) -> bool {
        self.overwrite
    }

    /// The folder of a plan's run with this backend and seed.
    pub fn folder(&self, plan: &Plan, backend: Backend, seed: u64) -> RunFolder {
        RunFolder::new(self.folder, plan.name(), &backend.label(), seed)
    }

    /// Checks that an experiment's folder holds no run of another config or other data, since all
    /// seeds in a folder belong to one experiment. Runs that `seeds` overwrite are not checked.
    ///
    /// # Errors
    ///
    /// If the folder holds such a run or cannot be read.
    pub fn check_siblings(
        &self,
        prepared: &Prepared,
        backend: Backend,
        seeds: &[u64],
    ) -> Result<(), RunError> {
        let of_this_command: Vec<RunFolder> = seeds
            .iter()
            .map(|&seed| self.folder(prepared.plan(), backend, seed))
            .collect();
        let experiment = self.folder.join(prepared.plan().name());
        for sibling in RunFolder::of_experiment(&experiment)? {
            if of_this_command.contains(&sibling) {
                continue;
            }
            // A record that cannot be read is not part of any comparison.
            if let Ok(Some(record)) = sibling.read_record() {
                is_one_of(prepared, &record, &sibling)?;
            }
        }
        Ok(())
    }

    /// The finished run with the plan's signature and this seed, in its own folder or under another
    /// name. `None` if there is none or if runs are overwritten.
    ///
    /// # Errors
    ///
    /// If the run's own folder holds another run, or a record cannot be read.
    pub fn finished(
        &self,
        prepared: &Prepared,
        backend: Backend,
        seed: u64,
    ) -> Result<Option<(Record, RunFolder)>, RunError> {
        if self.overwrite {
            return Ok(None);
        }
        let own = self.folder(prepared.plan(), backend, seed);
        let unreadable = |error| {
            // What the system refuses now may be whole.
            if matches!(error, RecordError::Io { .. }) {
                RunError::Record(error)
            } else {
                RunError::Unreadable { unreadable: error }
            }
        };
        let found = match own.read() {
            // It is computed again: nothing can be lost that is not lost yet.
            Err(RecordError::MissingFile { path }) if path == own.result() => None,
            found => found.map_err(unreadable)?,
        };
        if let Some(record) = found {
            is_one_of(prepared, &record, &own)?;
            return Ok(Some((record, own)));
        }
        if !self.everywhere {
            return Ok(None);
        }
        let label = backend.label();
        let found = RunFolder::with_signature(self.folder, prepared.signature(), &label, seed);
        let Some(elsewhere) = found else {
            return Ok(None);
        };
        let record = elsewhere.read().map_err(unreadable)?;
        Ok(record.map(|record| (record, elsewhere)))
    }

    /// The plan's finished run with this seed, found without loading the data. So it does not check
    /// that the data are still the same.
    pub fn finished_on_its_data(
        &self,
        plan: &Plan,
        backend: Backend,
        seed: u64,
    ) -> Option<(Record, RunFolder)> {
        let folder = self.folder(plan, backend, seed);
        let record = folder.read().ok()??;
        is_of_config(plan, &record).then_some((record, folder))
    }
}

/// Whether a record belongs to this config, regardless of its data.
pub fn is_of_config(plan: &Plan, record: &Record) -> bool {
    let Record { result, .. } = record;
    plan.signature(&result.data, result.initial_weights.as_deref()) == record.signature
}

/// Checks that a record belongs to the same config and data.
///
/// # Errors
///
/// If it does not.
fn is_one_of(prepared: &Prepared, record: &Record, folder: &RunFolder) -> Result<(), RunError> {
    if record.signature == prepared.signature() {
        return Ok(());
    }
    let folder = folder.path().to_owned();
    let result = &record.result;
    let same_weights = result.initial_weights.as_deref() == prepared.initial_digest();
    Err(if is_of_config(prepared.plan(), record) && same_weights {
        RunError::OtherData { folder }
    } else {
        RunError::OtherConfig { folder }
    })
}
