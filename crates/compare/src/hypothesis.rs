//! Chooses and runs the significance test for a difference.

use std::collections::BTreeMap;

use record::{Metric, Quantity, Record};
use serde::Serialize;
use spec::Split;

use crate::Group;

use crate::statistics::{
    Discordant, Interval, Pairs, Permutation, Spread, TTest, cohen_d_z, hedges_g, mean,
    relabelling, rounding, sign_flips, superiority,
};

/// How a difference was tested.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Test {
    /// Not tested: two single runs with the same result.
    Identical,
    /// By McNemar's test, for two single runs on the same test set. It compares these two trained
    /// models, not the experiments.
    TrainedModels {
        /// The baseline run's seed.
        baseline_seed: u64,
        /// The group run's seed.
        group_seed: u64,
        /// The counts of examples that only one of them got right.
        #[serde(flatten)]
        discordant: Discordant,
    },
    /// By the paired t-test, over the seeds that both groups have.
    PairedSeeds {
        /// Seeds that both have.
        pairs: usize,
        /// Runs of either group whose seed the other lacks.
        left_out: usize,
        /// The paired t-test; absent if the differences have no spread.
        t_test: Option<TTest>,
        /// The sign-flip test, for comparison.
        permutation: Permutation,
        /// The effect size; absent if the differences have no spread.
        cohen_d_z: Option<f64>,
        /// The fraction of pairs in which the group's run is better, counting ties half.
        superiority: f64,
    },
    /// By Welch's test, over groups whose seeds cannot be paired.
    IndependentSeeds {
        /// Why they cannot be paired.
        because: &'static str,
        /// Runs of the baseline.
        baseline_runs: usize,
        /// Runs of the group.
        group_runs: usize,
        /// Welch's test; absent if neither group has a spread.
        t_test: Option<TTest>,
        /// The permutation test; absent if there are too many permutations to count.
        permutation: Option<Permutation>,
        /// The effect size; absent if neither group has a spread.
        hedges_g: Option<f64>,
        /// The probability that a run of the group is better than one of the baseline, counting
        /// ties half.
        superiority: f64,
    },
    /// Not tested.
    Untested {
        /// Why not.
        because: String,
    },
}

/// The outcome of a test, before the correction for several contrasts.
pub(crate) struct Tested {
    pub test: Test,
    pub difference: Option<f64>,
    /// The 95 % and the 90 % confidence interval.
    pub intervals: Option<(Interval, Interval)>,
    pub p: Option<f64>,
    /// Whether all values equal their counterparts.
    pub identical: bool,
    /// The spread over seeds, if known.
    pub spread: Option<Spread>,
}

impl Tested {
    fn untested(difference: Option<f64>, because: String) -> Self {
        Self {
            test: Test::Untested { because },
            difference,
            intervals: None,
            p: None,
            identical: false,
            spread: None,
        }
    }
}

/// Chooses and runs the test: for two single runs, for paired seeds, or for independent seeds.
pub(crate) fn test(baseline: &Group, group: &Group, metric: Metric) -> Tested {
    let (values, others) = (baseline.figures(metric), group.figures(metric));
    for (group, values) in [(baseline, &values), (group, &others)] {
        if values.is_empty() {
            let why = if group.diverged() == group.runs.len() {
                "every run diverged"
            } else {
                "nothing was held out"
            };
            return Tested::untested(None, format!("{} has no {metric}: {why}", group.name));
        }
    }
    if !same_examples(baseline, group, metric) {
        let because = format!("measured on different {} sets", metric.split);
        return Tested::untested(None, because);
    }
    match (values.len(), others.len()) {
        (1, 1) => single_runs(baseline, group, metric, others[0] - values[0]),
        (1, several) | (several, 1) => {
            let because =
                format!("1 seed against {several}: no spread to test with; run more seeds");
            let difference = mean(&others).zip(mean(&values)).map(|(b, a)| b - a);
            Tested::untested(difference, because)
        }
        _ => several_runs(baseline, group, metric),
    }
}

/// The first run that has the metric.
fn measured(group: &Group, metric: Metric) -> Option<&Record> {
    let mut records = group.runs.iter().map(|run| &run.record);
    records.find(|record| metric.of(record).is_some())
}

fn same_examples(baseline: &Group, group: &Group, metric: Metric) -> bool {
    let runs = baseline.runs.iter().chain(&group.runs);
    let measured = runs.filter(|run| metric.of(&run.record).is_some());
    let mut examples = measured.map(|run| metric.examples(&run.record));
    let first = examples.next();
    examples.all(|digest| Some(digest) == first)
}

fn single_runs(baseline: &Group, group: &Group, metric: Metric, difference: f64) -> Tested {
    let (Some(a), Some(b)) = (measured(baseline, metric), measured(group, metric)) else {
        return Tested::untested(None, "a run is missing".to_owned());
    };
    if a.result == b.result {
        return Tested {
            test: Test::Identical,
            identical: true,
            ..Tested::untested(Some(difference), String::new())
        };
    }
    let has_outcomes = (metric.split, metric.quantity) == (Split::Test, Quantity::Accuracy);
    let tests = (has_outcomes, &a.result.test, &b.result.test);
    let (true, Some(correct), Some(others)) = tests else {
        let because = format!(
            "single runs are tested by test.accuracy only, the one metric recorded for each example; \
             run more seeds to test {metric}"
        );
        return Tested::untested(Some(difference), because);
    };
    if correct.correct.len() != others.correct.len() {
        let because = "their test sets differ in size".to_owned();
        return Tested::untested(None, because);
    }
    let discordant = Discordant::count(correct.correct.iter().zip(others.correct.iter()));
    Tested {
        difference: Some(discordant.difference()),
        intervals: Some((discordant.interval(0.95), discordant.interval(0.9))),
        p: Some(discordant.p()),
        identical: false,
        spread: None,
        test: Test::TrainedModels {
            baseline_seed: a.seed,
            group_seed: b.seed,
            discordant,
        },
    }
}

fn several_runs(baseline: &Group, group: &Group, metric: Metric) -> Tested {
    // Losses are negated, so that larger is better.
    let gains = |(baseline, group): (f64, f64)| {
        if metric.larger_is_better() {
            (baseline, group)
        } else {
            (-baseline, -group)
        }
    };
    let (a, b) = (baseline.values(metric), group.values(metric));
    let because = match (by_seed(&a), by_seed(&b)) {
        (Some(first), Some(second)) => {
            let common = first
                .iter()
                .filter_map(|(seed, &value)| Some((value, *second.get(seed)?)));
            let pairs = Pairs {
                values: common.collect(),
            };
            match pairs.values.len() {
                0 => "they have no seed in common",
                1 => "they have only one seed in common",
                _ => return paired(&pairs, a.len() + b.len(), gains),
            }
        }
        _ => "a seed occurs in several experiments",
    };
    independent(
        &baseline.figures(metric),
        &group.figures(metric),
        because,
        gains,
    )
}

/// The values by seed; `None` if a seed has several values.
fn by_seed(runs: &[(u64, f64)]) -> Option<BTreeMap<u64, f64>> {
    let values: BTreeMap<u64, f64> = runs.iter().copied().collect();
    (values.len() == runs.len()).then_some(values)
}

fn paired(pairs: &Pairs, runs: usize, gains: impl Fn((f64, f64)) -> (f64, f64)) -> Tested {
    let differences = pairs.differences();
    let t_test = TTest::paired(pairs);
    let permutation = sign_flips(pairs);
    Tested {
        difference: mean(&differences),
        intervals: t_test.map(|test| (test.interval(0.95), test.interval(0.9))),
        // Without a spread there is no t-test. Accuracies change in steps of one example, so two
        // pairs often have the same difference by chance.
        p: Some(t_test.map_or(permutation.p, |test| test.p)),
        identical: differences
            .iter()
            .all(|difference| difference.abs() <= pairs.rounding()),
        spread: t_test.and_then(|_| Spread::paired(&differences)),
        test: Test::PairedSeeds {
            pairs: pairs.values.len(),
            left_out: runs - 2 * pairs.values.len(),
            t_test,
            permutation,
            cohen_d_z: cohen_d_z(pairs),
            superiority: superiority(pairs.values.iter().copied().map(gains)).unwrap_or(0.5),
        },
    }
}

fn independent(
    baseline: &[f64],
    group: &[f64],
    because: &'static str,
    gains: impl Fn((f64, f64)) -> (f64, f64),
) -> Tested {
    let t_test = TTest::welch(baseline, group);
    let permutation = relabelling(baseline, group);
    let all = [baseline, group].concat();
    let every_pair = baseline
        .iter()
        .flat_map(|&a| group.iter().map(move |&b| (a, b)));
    Tested {
        difference: mean(group).zip(mean(baseline)).map(|(b, a)| b - a),
        intervals: t_test.map(|test| (test.interval(0.95), test.interval(0.9))),
        // As for paired seeds.
        p: t_test.map(|test| test.p).or(permutation.map(|test| test.p)),
        identical: all
            .iter()
            .all(|value| (value - all[0]).abs() <= rounding(&all)),
        spread: t_test.and_then(|_| Spread::independent(baseline, group)),
        test: Test::IndependentSeeds {
            because,
            baseline_runs: baseline.len(),
            group_runs: group.len(),
            t_test,
            permutation,
            hedges_g: hedges_g(baseline, group),
            superiority: superiority(every_pair.map(gains)).unwrap_or(0.5),
        },
    }
}
