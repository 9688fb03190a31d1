//! A sweep's members with their finished runs.

use compare::statistics::MeanAndDeviation;
use config::{Member, Sweep};
use record::{Metric, Record, Status};
use serde_json::{Map, Value};

use super::SweepArguments;
use super::failed::{Failed, Failure};
use super::halving::standing;
use super::tasks::Task;
use crate::exit::{self, Failures};

/// A member and its finished runs, one per seed.
pub(super) struct MemberRuns<'a> {
    pub member: &'a Member,
    /// All on the same data.
    pub records: Vec<Record>,
    /// The epoch after which the member was given up, if it was.
    pub given_up: Option<usize>,
    /// The runs that are not finished and are to be.
    pub missing: Vec<Missing>,
}

/// A run without a result, or with a damaged one.
pub(super) struct Missing {
    /// Its place among all runs of the sweep.
    pub index: usize,
    /// Its member and seed.
    pub run: String,
    pub why: Why,
}

/// Why a run has no result.
pub(super) enum Why {
    NotDone,
    Failed(Failure),
    /// With what is wrong with the record.
    Damaged(String),
}

impl<'a> MemberRuns<'a> {
    /// Finds the runs of every member. A damaged run is a missing one.
    pub fn all(
        sweep: &'a Sweep,
        arguments: &'a SweepArguments,
        failures: &mut Failures,
    ) -> anyhow::Result<Vec<Self>> {
        let tasks = Task::all(sweep, arguments)?;
        let failed = Failed::of(sweep, arguments);
        let given_up = match &sweep.halving {
            Some(halving) => standing(&tasks, halving)?.given_up,
            None => vec![None; sweep.members.len()],
        };
        let of_member = tasks.chunk_by(|one, other| one.place == other.place);
        let mut of = |own: &[Task<'a>]| {
            let given_up = given_up[own[0].place];
            let mut missing = Vec::new();
            let mut records = Vec::new();
            for task in own {
                let why = match task.record() {
                    Ok(Some(record)) => {
                        records.push(record);
                        continue;
                    }
                    Ok(None) if given_up.is_some() => continue,
                    Ok(None) => failed.get(task).map_or(Why::NotDone, Why::Failed),
                    Err(error) => {
                        let problem = error.to_string();
                        failures.add(&error.into());
                        Why::Damaged(problem)
                    }
                };
                missing.push(Missing {
                    index: task.index,
                    run: task.name(),
                    why,
                });
            }
            Self {
                member: own[0].member,
                given_up,
                missing,
                records: on_one_data_set(records.into_iter()),
            }
        };
        Ok(of_member.map(&mut of).collect())
    }

    /// The number of runs that diverged.
    pub fn diverged(&self) -> usize {
        let diverged = |record: &&Record| record.result.status == Status::Diverged;
        self.records.iter().filter(diverged).count()
    }

    /// The mean over the runs that have the metric; `None` if none has.
    pub fn mean(&self, metric: Metric) -> Option<MeanAndDeviation> {
        let values = self.records.iter().filter_map(|record| metric.of(record));
        MeanAndDeviation::of(&values.collect::<Vec<f64>>())
    }

    /// The swept keys with this member's values.
    pub fn values(&self, sweep: &Sweep) -> Map<String, Value> {
        let values = self.member.values.iter().cloned();
        sweep.keys.iter().cloned().zip(values).collect()
    }
}

/// Sorts by the mean of a metric, the best first, those without it last.
pub(super) fn sort_by(members: &mut [MemberRuns], metric: Metric) {
    let key = |member: &MemberRuns| {
        let mean = member.mean(metric).map(|figures| figures.mean);
        let smaller_is_better = if metric.larger_is_better() { -1.0 } else { 1.0 };
        mean.map_or(f64::INFINITY, |mean| smaller_is_better * mean)
    };
    members.sort_by(|one, other| key(one).total_cmp(&key(other)));
}

/// The runs that were made on the same data as the first: a mean over several data sets is none.
fn on_one_data_set(records: impl Iterator<Item = Record>) -> Vec<Record> {
    let mut kept: Vec<Record> = Vec::new();
    for record in records {
        match kept.first() {
            Some(first) if first.signature != record.signature => exit::say(&format!(
                "{} seed {}: different data from seed {}; skipped",
                record.experiment, record.seed, first.seed
            )),
            _ => kept.push(record),
        }
    }
    kept
}
