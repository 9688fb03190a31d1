//! Chooses and runs the significance test for a difference.

use record::{Metric, Quantity, Record, Weights};
use serde::Serialize;
use serde_json::Value;
use spec::Split;

use crate::Group;
use crate::notes::is_chosen_on_validation;
use crate::over::{Over, seeds_and_examples};
use crate::samples::{Arranged, Sample};
use crate::statistics::{Discordant, Interval, Permutation, Spread, TTest, mean};

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
        because: String,
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
    /// By a t-test over seeds and test examples, both random.
    SeedsAndExamples {
        /// Seeds that both have; null if the runs are not paired.
        pairs: Option<usize>,
        /// Runs of the baseline.
        baseline_runs: usize,
        /// Runs of the group.
        group_runs: usize,
        /// Test examples.
        examples: usize,
        /// The test.
        t_test: TTest,
        /// The standard error that remains with any number of seeds, because of the examples.
        of_examples: f64,
    },
    /// Not tested.
    Untested {
        /// Why not.
        because: String,
    },
}

/// The outcome of a test, before the correction for several contrasts.
pub(crate) struct Tested {
    pub difference: Option<f64>,
    pub p: Option<f64>,
    /// Whether all results equal their counterparts to the last bit.
    pub identical: bool,
    /// The spread over seeds, if known.
    pub spread: Option<Spread>,
    pub procedure: Procedure,
}

/// What gives intervals and decides on equivalence.
pub(crate) enum Procedure {
    TTest(TTest),
    Score(Discordant),
    None,
}

impl Tested {
    pub fn untested(difference: Option<f64>) -> Self {
        Self {
            difference,
            p: None,
            identical: false,
            spread: None,
            procedure: Procedure::None,
        }
    }

    /// The confidence interval of the difference at a level such as 0.95.
    pub fn interval(&self, level: f64) -> Option<Interval> {
        match &self.procedure {
            Procedure::TTest(test) => Some(test.interval(level)),
            Procedure::Score(discordant) => Some(discordant.interval(level)),
            Procedure::None => None,
        }
    }

    /// The p-value of the equivalence within a margin.
    pub fn equivalence(&self, margin: f64) -> Option<f64> {
        match &self.procedure {
            _ if self.identical => Some(0.0),
            Procedure::TTest(test) => test.equivalence(margin),
            Procedure::Score(discordant) => Some(discordant.equivalence(margin)),
            Procedure::None => None,
        }
    }
}

fn untested(difference: Option<f64>, because: String) -> (Test, Tested) {
    (Test::Untested { because }, Tested::untested(difference))
}

/// Chooses and runs the test: for two single runs, for paired seeds, or for independent seeds.
pub(crate) fn test(baseline: &Group, group: &Group, metric: Metric, over: Over) -> (Test, Tested) {
    let (values, others) = (baseline.figures(metric), group.figures(metric));
    for (group, values) in [(baseline, &values), (group, &others)] {
        if values.is_empty() {
            let why = if group.diverged() == group.runs.len() {
                "every run diverged"
            } else {
                "nothing was held out"
            };
            return untested(None, format!("{} has no {metric}: {why}", group.name));
        }
    }
    if !same_examples(baseline, group, metric) {
        let because = format!("measured on different {} sets", metric.split);
        return untested(None, because);
    }
    if pinned(baseline) != pinned(group) {
        let because = "their runs vary in different sources of randomness (pinned_seeds)";
        return untested(None, because.to_owned());
    }
    if let Some(group) = chosen_unlike(baseline, group, metric) {
        let because = format!(
            "early stopping chose the weights of {} on validation, so its {metric} is optimistic; \
             compare test.{} or last_{metric}",
            group.name,
            metric.quantity.name()
        );
        return untested(None, because);
    }
    match (values.len(), others.len()) {
        (1, 1) => single_runs(baseline, group, metric, others[0] - values[0]),
        (1, several) | (several, 1) => {
            let because =
                format!("1 seed against {several}: no spread to test with; run more seeds");
            let difference = mean(&others).zip(mean(&values)).map(|(b, a)| b - a);
            untested(difference, because)
        }
        _ => {
            let (first, second) = (sample(baseline, metric), sample(group, metric));
            let arranged = Arranged::new(&first, &second);
            if over == Over::SeedsAndExamples
                && let Some(found) = two_sources(baseline, group, metric, &arranged)
            {
                return found;
            }
            let tested = Tested {
                identical: identical(baseline, group, metric),
                ..arranged.tested(first.resolution)
            };
            let t_test = match tested.procedure {
                Procedure::TTest(test) => Some(test),
                Procedure::Score(_) | Procedure::None => None,
            };
            let runs = values.len() + others.len();
            (
                arranged.described(runs, t_test, metric.larger_is_better()),
                tested,
            )
        }
    }
}

/// The test over seeds and test examples. `None` if the answers have no spread.
fn two_sources(
    baseline: &Group,
    group: &Group,
    metric: Metric,
    arranged: &Arranged,
) -> Option<(Test, Tested)> {
    let pairs = match arranged {
        Arranged::Paired(pairs) => Some(pairs.values.len()),
        Arranged::Independent { .. } => None,
    };
    let found = seeds_and_examples(baseline, group, metric, pairs.is_some())?;
    let test = Test::SeedsAndExamples {
        pairs,
        baseline_runs: baseline.figures(metric).len(),
        group_runs: group.figures(metric).len(),
        examples: measured(baseline, metric).map_or(0, |record| record.result.data.test.examples),
        t_test: found.t_test,
        of_examples: found.of_examples,
    };
    let tested = Tested {
        difference: Some(found.t_test.difference),
        p: Some(found.t_test.p),
        identical: identical(baseline, group, metric),
        // More seeds narrow one of the two sources alone.
        spread: None,
        procedure: Procedure::TTest(found.t_test),
    };
    Some((test, tested))
}

/// The seeds that all runs of a group have in common.
fn pinned(group: &Group) -> Vec<&Value> {
    let configs = group.runs.iter().map(|run| &run.record.config);
    let mut pinned: Vec<&Value> = configs.map(|config| &config["pinned_seeds"]).collect();
    pinned.dedup();
    pinned
}

/// The group whose validation figures are those of the epoch that was chosen by them, if the other's
/// are not.
fn chosen_unlike<'a>(baseline: &'a Group, group: &'a Group, metric: Metric) -> Option<&'a Group> {
    if metric.split != Split::Validation || metric.weights != Weights::Kept {
        return None;
    }
    match [baseline, group].map(is_chosen_on_validation) {
        [true, false] => Some(baseline),
        [false, true] => Some(group),
        [true, true] | [false, false] => None,
    }
}

/// The first run that counts for the metric.
fn measured(group: &Group, metric: Metric) -> Option<&Record> {
    group.measured(metric).map(|(record, _)| record).next()
}

/// Whether both groups have the same seeds, with the same results to the last bit.
fn identical(baseline: &Group, group: &Group, metric: Metric) -> bool {
    let by_seed = |group: &'_ Group| {
        let mut runs: Vec<usize> = (0..group.runs.len()).collect();
        runs.sort_by_key(|&run| group.runs[run].record.seed);
        runs
    };
    let (a, b) = (by_seed(baseline), by_seed(group));
    a.len() == b.len()
        && a.into_iter().zip(b).all(|(a, b)| {
            let (a, b) = (&baseline.runs[a].record, &group.runs[b].record);
            a.seed == b.seed && metric.of(a).is_some() && a.result == b.result
        })
}

/// The group's values of the metric.
fn sample(group: &Group, metric: Metric) -> Sample {
    Sample {
        values: group.values(metric),
        resolution: resolution(group, metric),
    }
}

/// The step in which the metric changes: an accuracy by one example, a loss continuously.
fn resolution(group: &Group, metric: Metric) -> f64 {
    let data = match measured(group, metric) {
        Some(record) if metric.quantity == Quantity::Accuracy => &record.result.data,
        Some(_) | None => return 0.0,
    };
    let examples = match metric.split {
        Split::Train => Some(&data.train),
        Split::Validation => data.validation.as_ref(),
        Split::Test => Some(&data.test),
    };
    examples.map_or(0.0, |split| 1.0 / split.examples.max(1) as f64)
}

fn same_examples(baseline: &Group, group: &Group, metric: Metric) -> bool {
    let runs = baseline.runs.iter().chain(&group.runs);
    let measured = runs.filter(|run| metric.of(&run.record).is_some());
    let mut examples = measured.map(|run| metric.examples(&run.record));
    let first = examples.next();
    examples.all(|digest| Some(digest) == first)
}

fn single_runs(baseline: &Group, group: &Group, metric: Metric, difference: f64) -> (Test, Tested) {
    let (Some(a), Some(b)) = (measured(baseline, metric), measured(group, metric)) else {
        return untested(None, "a run is missing".to_owned());
    };
    if a.result == b.result {
        let identical = Tested {
            identical: true,
            ..Tested::untested(Some(difference))
        };
        return (Test::Identical, identical);
    }
    let has_outcomes = (metric.split, metric.quantity) == (Split::Test, Quantity::Accuracy);
    let tests = (has_outcomes, &a.result.test, &b.result.test);
    let (true, Some(correct), Some(others)) = tests else {
        let because = format!(
            "single runs are tested by test.accuracy only, the one metric recorded for each example; \
             run more seeds to test {metric}"
        );
        return untested(Some(difference), because);
    };
    if correct.correct.len() != others.correct.len() {
        let because = "their test sets differ in size".to_owned();
        return untested(None, because);
    }
    let discordant = Discordant::count(correct.correct.iter().zip(others.correct.iter()));
    let tested = Tested {
        p: Some(discordant.p()),
        procedure: Procedure::Score(discordant),
        ..Tested::untested(Some(discordant.difference()))
    };
    let test = Test::TrainedModels {
        baseline_seed: a.seed,
        group_seed: b.seed,
        discordant,
    };
    (test, tested)
}
