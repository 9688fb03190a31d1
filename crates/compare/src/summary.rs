use std::path::PathBuf;

use record::Status;
use serde::Serialize;

use crate::statistics::{deviation, mean};
use crate::{Group, Metric};

/// A group's figures for the metric.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GroupSummary {
    pub name: String,
    pub argument: String,
    pub runs: Vec<RunSummary>,
    pub diverged: usize,
    /// Runs found that have no result and are not in `runs`.
    pub unfinished: usize,
    /// Runs that have the metric: what mean and standard deviation are over.
    pub n: usize,
    pub mean: Option<f64>,
    /// Of the sample; absent for fewer than two runs.
    pub standard_deviation: Option<f64>,
    /// Absent where no run has the figure.
    pub curve: Option<Curve>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunSummary {
    pub path: PathBuf,
    pub experiment: String,
    pub seed: u64,
    pub backend: String,
    pub status: Status,
    /// The metric's; absent where the run has none.
    pub value: Option<f64>,
    pub digest: String,
}

/// What is measured after every epoch: means over the runs that have the metric.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Curve {
    /// Of a test metric the same quantity on validation, else the metric itself.
    pub metric: Metric,
    pub last: f64,
    /// At each run's best epoch by the same quantity on validation; absent without validation.
    pub best: Option<Best>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Best {
    pub mean: f64,
    /// The best epoch of the run where it came first, and of the one where it came last.
    pub earliest_epoch: usize,
    pub latest_epoch: usize,
}

impl GroupSummary {
    pub(crate) fn of(group: &Group, metric: Metric) -> Self {
        let run = |run: &crate::Run| RunSummary {
            path: run.path.clone(),
            experiment: run.record.experiment.clone(),
            seed: run.record.seed,
            backend: run.record.run.backend.clone(),
            status: run.record.result.status,
            value: metric.of(&run.record),
            digest: run.record.digest.clone(),
        };
        let values = group.figures(metric);
        Self {
            name: group.name.clone(),
            argument: group.argument.clone(),
            runs: group.runs.iter().map(run).collect(),
            diverged: group.diverged(),
            unfinished: group.unfinished,
            n: values.len(),
            mean: mean(&values),
            standard_deviation: deviation(&values),
            curve: Curve::of(group, metric),
        }
    }
}

impl Curve {
    fn of(group: &Group, metric: Metric) -> Option<Self> {
        let by_epoch = metric.by_epoch();
        let records = group.runs.iter().map(|run| &run.record);
        let measured: Vec<_> = records
            .filter(|record| metric.of(record).is_some())
            .collect();
        let last = measured
            .iter()
            .filter_map(|record| by_epoch.at(record.result.epochs.last()?));
        let best: Vec<_> = measured
            .iter()
            .filter_map(|record| metric.best_epoch(record))
            .collect();
        let values: Vec<f64> = best.iter().filter_map(|epoch| by_epoch.at(epoch)).collect();
        let epochs = || best.iter().map(|epoch| epoch.epoch);
        Some(Self {
            metric: by_epoch,
            last: mean(&last.collect::<Vec<_>>())?,
            best: match (mean(&values), epochs().min(), epochs().max()) {
                (Some(mean), Some(earliest_epoch), Some(latest_epoch)) => Some(Best {
                    mean,
                    earliest_epoch,
                    latest_epoch,
                }),
                _ => None,
            },
        })
    }
}
