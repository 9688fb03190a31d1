use std::collections::HashMap;
use std::path::PathBuf;

use record::{Record, RunFolder, Status, printable};

use crate::source::{Source, place};
use crate::{CompareError, Metric};

/// Runs that stand on one side of a comparison.
#[derive(Clone, Debug)]
pub struct Group {
    /// The experiment's, or the argument where runs of several experiments are mixed.
    pub name: String,
    pub argument: String,
    /// By experiment, seed and path; at least one.
    pub runs: Vec<Run>,
    /// Runs found that were begun and have no result.
    pub unfinished: usize,
}

/// A finished run.
#[derive(Clone, Debug)]
pub struct Run {
    /// The folder, as the argument led to it.
    pub path: PathBuf,
    /// The folder without links.
    pub place: PathBuf,
    pub record: Record,
}

impl Group {
    /// Reads and verifies what an argument stands for: a `result.json`, a run's folder, an
    /// experiment's folder, or a pattern that matches any of them.
    ///
    /// # Errors
    ///
    /// When there is no finished run, one cannot be read or was damaged, an experiment's seed is
    /// there twice, or the test sets are not the same.
    pub fn read(argument: &str) -> Result<Self, CompareError> {
        let source = Source::find(argument)?;
        let mut runs: Vec<Run> = Vec::new();
        for path in source.finished {
            let place = place(&path)?;
            match RunFolder::at(path.clone()).read()? {
                Some(record) => runs.push(Run {
                    path,
                    place,
                    record,
                }),
                None => return Err(CompareError::Unfinished { path }),
            }
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
            unfinished: source.unfinished.len(),
            runs,
        })
    }

    /// Seed and value of the runs that have the metric.
    pub fn values(&self, metric: Metric) -> Vec<(u64, f64)> {
        let records = self.runs.iter().map(|run| &run.record);
        records
            .filter_map(|record| Some((record.seed, metric.of(record)?)))
            .collect()
    }

    /// The values alone.
    pub fn figures(&self, metric: Metric) -> Vec<f64> {
        self.values(metric)
            .iter()
            .map(|&(_, value)| value)
            .collect()
    }

    pub fn diverged(&self) -> usize {
        let diverged = |run: &&Run| run.record.result.status == Status::Diverged;
        self.runs.iter().filter(diverged).count()
    }
}

/// A mean over several test sets is a mean of nothing; and a seed run twice, on two backends for one,
/// is no second draw of the same lot.
fn check_samples(argument: &str, runs: &[Run]) -> Result<(), CompareError> {
    let digest = |run: &Run| run.record.result.data.test.digest.clone();
    if let Some(other) = runs.iter().find(|run| digest(run) != digest(&runs[0])) {
        return Err(CompareError::MixedTestSets {
            argument: argument.to_owned(),
            first: runs[0].path.clone(),
            second: other.path.clone(),
        });
    }
    let mut seen: HashMap<(&str, u64), &Run> = HashMap::new();
    for run in runs {
        let record = &run.record;
        let key = (record.signature.as_str(), record.seed);
        if let Some(first) = seen.insert(key, run) {
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
