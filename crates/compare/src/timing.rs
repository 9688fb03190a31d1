use record::{Provenance, Record};
use serde::Serialize;

use crate::Group;
use crate::statistics::{deviation, mean};

/// The training speeds of two groups.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Timing {
    Measured {
        baseline: Rate,
        group: Rate,
        /// The group's mean over the baseline's.
        ratio: f64,
    },
    /// For instance `other machine`.
    NotComparable { not_comparable: &'static str },
}

/// Examples trained on per second, over a group's runs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Rate {
    pub mean: f64,
    /// Of the sample; absent for one run.
    pub standard_deviation: Option<f64>,
}

impl Timing {
    /// Only runs of the same machine, backend, device and number of threads are compared.
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
            "other machine"
        } else if differs(|a, b| a.backend == b.backend) {
            "other backend"
        } else if differs(|a, b| a.device == b.device) {
            "other device"
        } else if differs(|a, b| a.threads == b.threads) {
            "other number of threads"
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
    /// Nothing where no run finished an epoch.
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
