use record::{Provenance, Record};
use serde::Serialize;

use crate::Group;
use crate::statistics::{deviation, mean};

/// The training speeds of two groups.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Timing {
    /// All runs trained under the same conditions.
    Measured {
        /// The baseline's speed.
        baseline: Rate,
        /// The group's speed.
        group: Rate,
        /// The group's mean divided by the baseline's.
        ratio: f64,
    },
    /// The runs trained under different conditions, or their speed is unknown.
    NotComparable {
        /// Why not, for example `different machines`.
        not_comparable: &'static str,
    },
}

/// Training examples per second, over a group's runs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Rate {
    /// The mean over the runs.
    pub mean: f64,
    /// The sample standard deviation; absent for a single run.
    pub standard_deviation: Option<f64>,
}

impl Timing {
    /// Compares the speeds if all runs used the same machine, backend, device and number of
    /// threads.
    pub(crate) fn of(baseline: &Group, group: &Group) -> Self {
        let runs = || {
            baseline
                .runs
                .iter()
                .chain(&group.runs)
                .map(|run| &run.record.run)
        };
        let first = &baseline.runs[0].record.run;
        let differs =
            |same: fn(&Provenance, &Provenance) -> bool| runs().any(|run| !same(run, first));
        let machine = |a: &Provenance, b: &Provenance| {
            (&a.host.cpu, a.host.cores, &a.host.os) == (&b.host.cpu, b.host.cores, &b.host.os)
        };
        let not_comparable = if differs(machine) {
            "different machines"
        } else if differs(|a, b| a.backend == b.backend) {
            "different backends"
        } else if differs(|a, b| a.device == b.device) {
            "different devices"
        } else if differs(|a, b| a.threads == b.threads) {
            "different numbers of threads"
        } else {
            return match (Rate::of(baseline), Rate::of(group)) {
                (Some(baseline), Some(group)) => Self::Measured {
                    ratio: group.mean / baseline.mean,
                    baseline,
                    group,
                },
                _ => Self::NotComparable {
                    not_comparable: "not measured",
                },
            };
        };
        Self::NotComparable { not_comparable }
    }
}

impl Rate {
    /// `None` if no run finished an epoch.
    fn of(group: &Group) -> Option<Self> {
        let measured = |record: &Record| record.run.train_examples_per_s.filter(|&rate| rate > 0.0);
        let rates: Vec<f64> = group
            .runs
            .iter()
            .filter_map(|run| measured(&run.record))
            .collect();
        Some(Self {
            mean: mean(&rates)?,
            standard_deviation: deviation(&rates),
        })
    }
}
