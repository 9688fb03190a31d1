//! The test of two groups by the values of their seeds.

use std::collections::BTreeMap;

use crate::hypothesis::{Procedure, Test, Tested};
use crate::statistics::{
    Pairs, Permutation, Spread, TTest, cohen_d_z, hedges_g, mean, relabelling, sign_flips,
    superiority,
};

/// The values of a group of runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// The seed and the value of each run.
    pub values: Vec<(u64, f64)>,
    /// The step in which values change, 0 if they are continuous.
    pub resolution: f64,
}

impl Sample {
    fn figures(&self) -> Vec<f64> {
        self.values.iter().map(|&(_, value)| value).collect()
    }

    /// The values by seed; `None` if a seed has several values.
    fn by_seed(&self) -> Option<BTreeMap<u64, f64>> {
        let by_seed: BTreeMap<u64, f64> = self.values.iter().copied().collect();
        (by_seed.len() == self.values.len()).then_some(by_seed)
    }
}

/// Seeds are paired if at least this share of the runs has a partner. Otherwise the runs without one
/// say more than pairing gains.
const PAIRED_SHARE: f64 = 0.75;

/// Two groups of at least two values each, as they are tested.
pub(crate) enum Arranged {
    /// By the seeds in both.
    Paired(Pairs),
    /// As independent samples, because pairs are not possible or would leave out too many runs.
    Independent {
        baseline: Vec<f64>,
        group: Vec<f64>,
        because: String,
    },
}

impl Arranged {
    pub fn new(baseline: &Sample, group: &Sample) -> Self {
        let runs = baseline.values.len() + group.values.len();
        let because = match (baseline.by_seed(), group.by_seed()) {
            (Some(first), Some(second)) => {
                let common = first
                    .iter()
                    .filter_map(|(seed, &value)| Some((value, *second.get(seed)?)));
                let pairs = Pairs {
                    values: common.collect(),
                };
                let count = pairs.values.len();
                if count > 1 && 2.0 * count as f64 >= PAIRED_SHARE * runs as f64 {
                    return Self::Paired(pairs);
                }
                match count {
                    0 => "they have no seed in common".to_owned(),
                    1 => "they have only one seed in common".to_owned(),
                    few => format!("only {few} seeds are in both"),
                }
            }
            _ => "a seed occurs in several experiments".to_owned(),
        };
        Self::Independent {
            baseline: baseline.figures(),
            group: group.figures(),
            because,
        }
    }

    /// The outcome. `resolution` is the values' step.
    pub fn tested(&self, resolution: f64) -> Tested {
        let (difference, t_test) = match self {
            Self::Paired(pairs) => (mean(&pairs.differences()), TTest::paired(pairs, resolution)),
            Self::Independent {
                baseline, group, ..
            } => (
                mean(group).zip(mean(baseline)).map(|(b, a)| b - a),
                TTest::welch(baseline, group, resolution),
            ),
        };
        Tested {
            difference,
            // Continuous values without a spread have no t-test.
            p: t_test
                .map(|test| test.p)
                .or_else(|| self.permutation().map(|test| test.p)),
            spread: t_test.and_then(|_| self.spread()),
            procedure: t_test.map_or(Procedure::None, Procedure::TTest),
            identical: false,
        }
    }

    fn spread(&self) -> Option<Spread> {
        match self {
            Self::Paired(pairs) => Spread::paired(&pairs.differences()),
            Self::Independent {
                baseline, group, ..
            } => Spread::independent(baseline, group),
        }
    }

    fn permutation(&self) -> Option<Permutation> {
        match self {
            Self::Paired(pairs) => Some(sign_flips(pairs)),
            Self::Independent {
                baseline, group, ..
            } => relabelling(baseline, group),
        }
    }

    /// The test in full. `runs` are those of both groups, and `t_test` is the one that was run.
    pub fn described(self, runs: usize, t_test: Option<TTest>, larger_is_better: bool) -> Test {
        // Losses are negated, so that larger is better.
        let gains = |(baseline, group): (f64, f64)| {
            if larger_is_better {
                (baseline, group)
            } else {
                (-baseline, -group)
            }
        };
        match self {
            Self::Paired(pairs) => Test::PairedSeeds {
                pairs: pairs.values.len(),
                left_out: runs - 2 * pairs.values.len(),
                t_test,
                permutation: sign_flips(&pairs),
                cohen_d_z: cohen_d_z(&pairs),
                superiority: superiority(pairs.values.iter().copied().map(gains)).unwrap_or(0.5),
            },
            Self::Independent {
                baseline,
                group,
                because,
            } => {
                let every_pair = baseline
                    .iter()
                    .flat_map(|&a| group.iter().map(move |&b| (a, b)));
                Test::IndependentSeeds {
                    because,
                    baseline_runs: baseline.len(),
                    group_runs: group.len(),
                    t_test,
                    permutation: relabelling(&baseline, &group),
                    hedges_g: hedges_g(&baseline, &group),
                    superiority: superiority(every_pair.map(gains)).unwrap_or(0.5),
                }
            }
        }
    }
}
