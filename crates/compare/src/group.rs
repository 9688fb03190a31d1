use std::collections::HashMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use record::{Metric, Record, RunFolder, Status, printable};

use crate::CompareError;
use crate::source::{Source, place};

/// Runs on one side of a comparison.
#[derive(Clone, Debug)]
pub struct Group {
    /// The experiment's name, or the argument if it mixes several experiments.
    pub name: String,
    /// What the group was read from.
    pub argument: String,
    /// Sorted by experiment, seed and path; at least one.
    pub runs: Vec<Run>,
    /// The unfinished runs found, which are skipped.
    pub unfinished: Vec<RunFolder>,
}

/// A finished run.
#[derive(Clone, Debug)]
pub struct Run {
    /// Its folder, as found from the argument.
    pub path: PathBuf,
    /// Its folder with links resolved.
    pub place: PathBuf,
    /// Its record.
    pub record: Record,
}

fn read_run(path: PathBuf) -> Result<Run, CompareError> {
    let place = place(&path)?;
    match RunFolder::at(path.clone()).read()? {
        Some(record) => Ok(Run {
            path,
            place,
            record,
        }),
        None => Err(CompareError::Unfinished { path }),
    }
}

impl Group {
    /// Reads and verifies the runs that an argument names: a `result.json`, a run's folder, an
    /// experiment's folder, or a pattern that matches any of them. A pattern may mix experiments,
    /// as long as they were tested on the same examples.
    ///
    /// # Errors
    ///
    /// If there is no finished run, a run cannot be read or is damaged, a config's seed occurs
    /// twice, runs with the same name have different configs or training data, or the test sets
    /// differ.
    pub fn read(argument: impl AsRef<Path>) -> Result<Self, CompareError> {
        let source = Source::find(argument.as_ref())?;
        Self::of(&argument.as_ref().display().to_string(), source)
    }

    /// Reads and verifies runs that were found; `argument` names them. There must be at least one that
    /// is finished.
    ///
    /// # Errors
    ///
    /// As for [`read`](Self::read).
    pub fn of(argument: &str, source: Source) -> Result<Self, CompareError> {
        let mut runs: Vec<Run> = Vec::new();
        let read = source.finished.into_par_iter().map(read_run);
        for run in read.collect::<Vec<_>>() {
            runs.push(run?);
        }
        runs.sort_by(|a, b| {
            let key = |run: &Run| (run.record.experiment.clone(), run.record.seed);
            key(a).cmp(&key(b)).then_with(|| a.place.cmp(&b.place))
        });
        // A pattern may match a run and its experiment.
        runs.dedup_by(|a, b| a.place == b.place);
        check_samples(argument, &runs)?;
        let experiment = &runs[0].record.experiment;
        let mixed = runs.iter().any(|run| run.record.experiment != *experiment);
        let name = if mixed { argument } else { experiment };
        Ok(Self {
            name: printable(name),
            argument: argument.to_owned(),
            unfinished: source.unfinished.into_iter().map(RunFolder::at).collect(),
            runs,
        })
    }

    /// The seed and value of each run that counts for the metric: those that learnt, or if none did,
    /// all that have it.
    pub fn values(&self, metric: Metric) -> Vec<(u64, f64)> {
        self.measured(metric)
            .map(|(record, value)| (record.seed, value))
            .collect()
    }

    /// The values of the runs that count for the metric.
    pub fn figures(&self, metric: Metric) -> Vec<f64> {
        self.measured(metric).map(|(_, value)| value).collect()
    }

    /// The runs that count for the metric, with their values; see [`values`](Self::values).
    pub(crate) fn measured(&self, metric: Metric) -> impl Iterator<Item = (&Record, f64)> {
        let any_learnt = self.any_learnt();
        let records = self.runs.iter().map(|run| &run.record);
        let counts = move |record: &&Record| !any_learnt || !record.learnt_nothing();
        records
            .filter(counts)
            .filter_map(move |record| Some((record, metric.of(record)?)))
    }

    /// Whether a run completed and learnt something.
    pub(crate) fn any_learnt(&self) -> bool {
        let mut completed = self.completed();
        completed.any(|record| !record.learnt_nothing())
    }

    /// The number of runs that completed and learnt nothing.
    pub fn learnt_nothing(&self) -> usize {
        let completed = self.completed();
        completed.filter(|record| record.learnt_nothing()).count()
    }

    fn completed(&self) -> impl Iterator<Item = &Record> {
        let records = self.runs.iter().map(|run| &run.record);
        records.filter(|record| record.result.status == Status::Completed)
    }

    /// The number of runs that diverged.
    pub fn diverged(&self) -> usize {
        let diverged = |run: &&Run| run.record.result.status == Status::Diverged;
        self.runs.iter().filter(diverged).count()
    }
}

/// Refuses runs that cannot be averaged. A mean over several configs or test sets is meaningless,
/// and the same seed on another backend is not a second sample.
fn check_samples(argument: &str, runs: &[Run]) -> Result<(), CompareError> {
    let test_set = |run: &Run| run.record.result.data.test.digest.clone();
    if let Some(other) = runs.iter().find(|run| test_set(run) != test_set(&runs[0])) {
        return Err(CompareError::MixedTestSets {
            argument: argument.to_owned(),
            first: runs[0].path.clone(),
            second: other.path.clone(),
        });
    }
    let mut of_experiment: HashMap<&str, &Run> = HashMap::new();
    let mut of_seed: HashMap<(&str, u64), &Run> = HashMap::new();
    for run in runs {
        let record = &run.record;
        let first = *of_experiment.entry(&record.experiment).or_insert(run);
        if let Some(differing) = differing(&first.record, record) {
            return Err(CompareError::MixedExperiments {
                argument: argument.to_owned(),
                experiment: record.experiment.clone(),
                differing,
                first: first.path.clone(),
                second: run.path.clone(),
            });
        }
        let key = (record.signature.as_str(), record.seed);
        if let Some(first) = of_seed.insert(key, run) {
            return Err(CompareError::SameSeed {
                argument: argument.to_owned(),
                experiment: record.experiment.clone(),
                seed: record.seed,
                first: first.path.clone(),
                second: run.path.clone(),
            });
        }
    }
    Ok(())
}

/// Why two runs with the same name are different experiments; `None` if they are not.
fn differing(one: &Record, other: &Record) -> Option<&'static str> {
    let train_set = |record: &Record| record.result.data.train.digest.clone();
    if one.signature != other.signature {
        Some("configs")
    } else if train_set(one) != train_set(other) {
        Some("training data")
    } else {
        None
    }
}
