use std::path::{Path, PathBuf};

use record::{Metric, Status};
use serde::{Serialize, Serializer};

use crate::Group;
use crate::statistics::{deviation, mean};

/// A group's values of the metric.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GroupSummary {
    /// As in [`Group::name`].
    pub name: String,
    /// What the group was read from.
    pub argument: String,
    /// A summary of each run.
    pub runs: Vec<RunSummary>,
    /// The number of diverged runs.
    pub diverged: usize,
    /// The number of unfinished runs, which are not in `runs`.
    pub unfinished: usize,
    /// The number of runs that have the metric; mean and standard deviation are over these.
    pub n: usize,
    /// The mean; absent if no run has the metric.
    pub mean: Option<f64>,
    /// The sample standard deviation; absent for fewer than two runs.
    pub standard_deviation: Option<f64>,
    /// The values by epoch; absent if no run has the metric.
    pub curve: Option<Curve>,
}

/// A run's value of the metric.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunSummary {
    /// Its folder.
    #[serde(serialize_with = "in_unicode")]
    pub path: PathBuf,
    /// Its experiment's name.
    pub experiment: String,
    /// Its seed.
    pub seed: u64,
    /// The backend it was trained on.
    pub backend: String,
    /// How it ended.
    pub status: Status,
    /// The metric's value; absent if the run has none.
    pub value: Option<f64>,
    /// The digest of its result.
    pub digest: String,
}

/// JSON has no other texts. What is not Unicode in a path is replaced.
fn in_unicode<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&path.to_string_lossy())
}

/// Values measured after every epoch, as means over the runs that have the metric.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Curve {
    /// For a test metric, the same quantity on validation; otherwise the metric itself.
    pub metric: Metric,
    /// The value after the last epoch.
    pub last: f64,
    /// The value at each run's best epoch, chosen by the same quantity on validation; absent
    /// without validation.
    pub best: Option<Best>,
}

/// The values at the runs' best epochs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Best {
    /// The mean over the runs.
    pub mean: f64,
    /// The earliest of the runs' best epochs, from 1.
    pub earliest_epoch: usize,
    /// The latest of them.
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
            unfinished: group.unfinished.len(),
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
            .filter_map(|record| metric.best_epoch(&record.result))
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
