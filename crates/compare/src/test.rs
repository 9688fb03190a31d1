use std::collections::BTreeMap;

use record::Record;
use serde::Serialize;

use crate::statistics::{
    Discordant, Interval, Pairs, Permutation, Spread, TTest, cohen_d_z, hedges_g, mean,
    relabelling, rounding, sign_flips, superiority,
};
use crate::{Group, Metric, Quantity, Split};

/// How the difference was tested.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Test {
    /// Two single runs with the same digest.
    Identical,
    /// Two single runs on the same test set, by McNemar's test: about these two trained models, not
    /// about the experiments.
    TrainedModels {
        baseline_seed: u64,
        group_seed: u64,
        #[serde(flatten)]
        discordant: Discordant,
    },
    /// Seeds that both have, by the paired t-test.
    PairedSeeds {
        pairs: usize,
        /// Runs of both whose seed the other does not have.
        left_out: usize,
        t_test: Option<TTest>,
        permutation: Permutation,
        cohen_d_z: Option<f64>,
        /// How often the group's run does better than the baseline's, ties by half.
        superiority: f64,
    },
    /// Groups whose seeds do not pair, by Welch's test.
    IndependentSeeds {
        /// Why they do not pair.
        because: &'static str,
        baseline_runs: usize,
        group_runs: usize,
        t_test: Option<TTest>,
        /// Absent where there are too many labellings to count.
        permutation: Option<Permutation>,
        hedges_g: Option<f64>,
        superiority: f64,
    },
    Untested {
        because: String,
    },
}

/// What a test came to, before the correction for several contrasts.
pub(crate) struct Tested {
    pub test: Test,
    pub difference: Option<f64>,
    /// Of 95 % and of 90 %.
    pub intervals: Option<(Interval, Interval)>,
    pub p: Option<f64>,
    pub identical: bool,
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

/// Chooses the test by what there is: two single runs, seeds in both, or other seeds.
pub(crate) fn test(baseline: &Group, group: &Group, metric: Metric) -> Tested {
    let (values, others) = (baseline.figures(metric), group.figures(metric));
    for (group, values) in [(baseline, &values), (group, &others)] {
        if values.is_empty() {
            let why = match group.diverged() == group.runs.len() {
                true => "every run diverged",
                false => "nothing was held out",
            };
            return Tested::untested(None, format!("{} has no {metric}: {why}", group.name));
        }
    }
    if !same_examples(baseline, group, metric) {
        let because = format!("they were measured on different {} sets", metric.split);
        return Tested::untested(None, because);
    }
    match (values.len(), others.len()) {
        (1, 1) => single_runs(baseline, group, metric, others[0] - values[0]),
        (1, several) | (several, 1) => {
            let single = if values.len() == 1 { baseline } else { group };
            let because = format!(
                "{} is one run against {several} and how far its seeds spread is unknown; run more of \
                 its seeds, or name single runs of both",
                single.name
            );
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
    if a.digest == b.digest {
        return Tested {
            test: Test::Identical,
            identical: true,
            ..Tested::untested(Some(difference), String::new())
        };
    }
    let accuracy = metric.split == Split::Test && metric.quantity == Quantity::Accuracy;
    let outcomes = (accuracy, &a.result.test, &b.result.test);
    let (true, Some(correct), Some(others)) = outcomes else {
        let because = format!(
            "single runs are tested by test.accuracy alone, whose outcomes are kept for each \
             example; run more seeds to test {metric}"
        );
        return Tested::untested(Some(difference), because);
    };
    if correct.correct.len() != others.correct.len() {
        let because = "their test sets are not of the same size".to_owned();
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
    let better = |(baseline, group): (f64, f64)| match metric.larger_is_better() {
        true => (baseline, group),
        false => (-baseline, -group),
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
                0 => "no seed is in both",
                1 => "only one seed is in both",
                _ => return paired(&pairs, a.len() + b.len(), better),
            }
        }
        _ => "a seed stands for several experiments",
    };
    independent(
        &baseline.figures(metric),
        &group.figures(metric),
        because,
        better,
    )
}

/// The values by seed; nothing where a seed has several.
fn by_seed(runs: &[(u64, f64)]) -> Option<BTreeMap<u64, f64>> {
    let values: BTreeMap<u64, f64> = runs.iter().copied().collect();
    (values.len() == runs.len()).then_some(values)
}

fn paired(pairs: &Pairs, runs: usize, better: impl Fn((f64, f64)) -> (f64, f64)) -> Tested {
    let differences = pairs.differences();
    let t_test = TTest::paired(pairs);
    let permutation = sign_flips(pairs);
    Tested {
        difference: mean(&differences),
        intervals: t_test.map(|test| (test.interval(0.95), test.interval(0.9))),
        // Without a spread there is no t-test, and the same difference twice, with accuracies in
        // steps of an example, comes about by chance.
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
            superiority: superiority(pairs.values.iter().copied().map(better)).unwrap_or(0.5),
        },
    }
}

fn independent(
    baseline: &[f64],
    group: &[f64],
    because: &'static str,
    better: impl Fn((f64, f64)) -> (f64, f64),
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
        // As for pairs.
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
            superiority: superiority(every_pair.map(better)).unwrap_or(0.5),
        },
    }
}
