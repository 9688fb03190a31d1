//! A sweep's runs, each of which is a task.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use config::{Member, Plan, Sweep};
use record::{Epoch, EpochLine, Metric, Record, RecordError, RunFolder, RunLock};
use runner::{Prepared, RunError, is_of_config, saved_epochs};
use serde_json::Value;

use super::SweepArguments;
use crate::exit;
use crate::progress::downloads;

/// One run of the sweep: a member with a seed.
pub(super) struct Task<'a> {
    /// Its place among all runs of the sweep.
    pub index: usize,
    /// The place of its member among the sweep's.
    pub place: usize,
    pub member: &'a Member,
    pub seed: u64,
    /// The epoch after which it is left, if it is not trained to its end.
    pub until: Option<usize>,
    results: &'a Path,
    backend: String,
    /// What the run is; nothing where the data are not at hand to tell.
    pub signature: Option<String>,
    /// `None` if it is looked for under its own name alone.
    elsewhere: Option<Arc<Elsewhere>>,
}

impl<'a> Task<'a> {
    /// All runs, the seeds of a member one after another.
    pub fn all(sweep: &'a Sweep, arguments: &'a SweepArguments) -> anyhow::Result<Vec<Self>> {
        let mut tasks = Self::within(sweep, arguments, 0..usize::MAX)?;
        let elsewhere = Arc::default();
        for task in &mut tasks {
            task.elsewhere = Some(Arc::clone(&elsewhere));
        }
        Ok(tasks)
    }

    /// The runs whose index is within a range. Only their data are read, and they are looked for under their own
    /// names alone: the many tasks of a sweep would otherwise each read all results.
    pub fn within(
        sweep: &'a Sweep,
        arguments: &'a SweepArguments,
        range: Range<usize>,
    ) -> anyhow::Result<Vec<Self>> {
        let mut signatures = Signatures::new(arguments);
        let mut tasks = Vec::new();
        let mut index = 0;
        for (place, member) in sweep.members.iter().enumerate() {
            let seeds = member.plan.seeds();
            let own = index..index + seeds.len();
            index = own.end;
            if own.start >= range.end || own.end <= range.start {
                continue;
            }
            let signature = signatures.of(&member.plan)?;
            let of_member = own
                .zip(seeds.iter())
                .filter(|(index, _)| range.contains(index));
            tasks.extend(of_member.map(|(index, &seed)| Self {
                index,
                place,
                member,
                seed,
                until: None,
                results: &arguments.results.folder,
                backend: arguments.backend.named.label(),
                signature: signature.clone(),
                elsewhere: None,
            }));
        }
        Ok(tasks)
    }

    /// The number of all runs.
    pub fn count(sweep: &Sweep) -> usize {
        sweep
            .members
            .iter()
            .map(|member| member.plan.seeds().len())
            .sum()
    }

    /// The same run, left after an epoch if one is given.
    pub fn left_after(self, epoch: Option<usize>) -> Self {
        Self {
            until: epoch,
            ..self
        }
    }

    pub fn name(&self) -> String {
        format!("{} seed {}", self.member.plan.name(), self.seed)
    }

    pub fn folder(&self) -> RunFolder {
        RunFolder::new(
            self.results,
            self.member.plan.name(),
            &self.backend,
            self.seed,
        )
    }

    /// The process that runs it.
    pub fn holder(&self) -> Option<String> {
        RunLock::holder(self.folder().path())
    }

    /// The finished run, whatever it is called. None if there is none, or only one of another config
    /// or of other data.
    ///
    /// # Errors
    ///
    /// If its record or another of its files is damaged.
    pub fn record(&self) -> Result<Option<Record>, RecordError> {
        let plan = &self.member.plan;
        let own = self.folder().read()?;
        let Some(signature) = &self.signature else {
            return Ok(own.filter(|record| is_of_config(plan, record)));
        };
        if let Some(record) = own {
            return Ok((record.signature == *signature).then_some(record));
        }
        let Some(elsewhere) = &self.elsewhere else {
            return Ok(None);
        };
        match elsewhere.find(self.results, &self.backend, signature, self.seed) {
            Some(elsewhere) => elsewhere.read(),
            None => Ok(None),
        }
    }

    /// Whether nothing is left to do.
    pub fn is_done(&self) -> bool {
        match self.record() {
            Ok(Some(_)) => true,
            Ok(None) => self.until.is_some_and(|until| self.saved().len() >= until),
            Err(_) => false,
        }
    }

    /// The epochs that an unfinished run has saved.
    fn saved(&self) -> Vec<EpochLine> {
        let saved = self.signature.as_deref().map(|signature| {
            let saved = saved_epochs(&self.folder(), signature, self.seed);
            // What cannot be read cannot be resumed either, which the run itself says.
            saved.ok().flatten().unwrap_or_default()
        });
        saved.unwrap_or_default()
    }

    /// A metric's value after so many epochs, or after the last if early stopping ended the run before;
    /// `None` if the run has not come so far.
    ///
    /// # Errors
    ///
    /// As for [`record`](Self::record).
    pub fn score(&self, metric: Metric, epochs: usize) -> Result<Option<Score>, RecordError> {
        let value = |epoch: &Epoch| metric.at(epoch).map_or(Score::Unmeasured, Score::Value);
        let Some(record) = self.record()? else {
            let saved = self.saved();
            return Ok(saved.get(epochs - 1).map(|line| value(&line.epoch)));
        };
        let done = &record.result.epochs;
        Ok(Some(match done.get(epochs - 1) {
            Some(epoch) => value(epoch),
            None if record.result.diverged.is_some() => Score::Diverged,
            None => done.last().map_or(Score::Unmeasured, value),
        }))
    }
}

/// Finished runs by what they are, whatever they are called. The results folder is read once, when the first
/// is looked for.
#[derive(Default)]
struct Elsewhere(OnceLock<HashMap<(String, u64), RunFolder>>);

impl Elsewhere {
    fn find(
        &self,
        results: &Path,
        backend: &str,
        signature: &str,
        seed: u64,
    ) -> Option<&RunFolder> {
        let all = self
            .0
            .get_or_init(|| RunFolder::by_signature(results, backend));
        all.get(&(signature.to_owned(), seed))
    }
}

/// What a run shows after some epochs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Score {
    Value(f64),
    Diverged,
    /// No examples are held out for it.
    Unmeasured,
}

/// The signatures of members, most of which share their data: each data set is read once.
struct Signatures<'a> {
    arguments: &'a SweepArguments,
    /// By their config; nothing where they cannot be read.
    known: Vec<(Value, Option<record::DataSummary>)>,
}

impl<'a> Signatures<'a> {
    fn new(arguments: &'a SweepArguments) -> Self {
        Self {
            arguments,
            known: Vec::new(),
        }
    }

    fn of(&mut self, plan: &Plan) -> anyhow::Result<Option<String>> {
        // A member that starts from weights is a run of its own.
        if plan.experiment().training.initial_weights.is_some() {
            return Ok(self
                .prepared(plan)?
                .map(|prepared| prepared.signature().to_owned()));
        }
        let data = plan.config()["data"].take();
        let known = self.known.iter().position(|(config, _)| *config == data);
        let index = match known {
            Some(index) => index,
            None => {
                let prepared = self.prepared(plan)?;
                let read = prepared.map(|prepared| prepared.data().clone());
                self.known.push((data, read));
                self.known.len() - 1
            }
        };
        let (_, data) = &self.known[index];
        Ok(data.as_ref().map(|data| plan.signature(data, None)))
    }

    fn prepared(&self, plan: &Plan) -> anyhow::Result<Option<Prepared>> {
        let location = self.arguments.data.location();
        match Prepared::new(plan.clone(), &location, &mut downloads()) {
            Ok(prepared) => Ok(Some(prepared)),
            Err(RunError::Data(error)) => {
                exit::say(&format!("cannot check the data of finished runs: {error}"));
                Ok(None)
            }
            // The member itself says so when it is run, and stops no other.
            Err(RunError::InitialWeights { .. } | RunError::InitialWeightsIo { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}
