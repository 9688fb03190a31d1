use record::Metric;
use serde::Serialize;

use crate::{Comparison, Contrast, GroupSummary, Test, Timing, Verdict};

/// The columns of the CSV, in order. Unknown values are empty.
#[derive(Serialize)]
struct Row<'a> {
    metric: Metric,
    group: &'a str,
    argument: &'a str,
    runs: usize,
    diverged: usize,
    unfinished: usize,
    n: usize,
    mean: Option<f64>,
    standard_deviation: Option<f64>,
    best_mean: Option<f64>,
    best_earliest_epoch: Option<usize>,
    best_latest_epoch: Option<usize>,
    last_mean: Option<f64>,
    baseline: Option<&'a str>,
    difference: Option<f64>,
    low_95: Option<f64>,
    high_95: Option<f64>,
    test: Option<&'static str>,
    p: Option<f64>,
    p_holm: Option<f64>,
    permutation_p: Option<f64>,
    permutation_smallest_p: Option<f64>,
    effect_size: Option<f64>,
    superiority: Option<f64>,
    margin: Option<f64>,
    p_equivalence: Option<f64>,
    failed: Option<usize>,
    baseline_failed: Option<usize>,
    p_failed_holm: Option<f64>,
    verdict: Option<Verdict>,
    seeds_to_decide: Option<usize>,
    speed_ratio: Option<f64>,
}

pub(super) fn csv(comparison: &Comparison) -> String {
    // The baseline has no contrast.
    let contrasts = [None]
        .into_iter()
        .chain(comparison.contrasts.iter().map(Some));
    let groups = comparison.groups.iter().zip(contrasts);
    present::csv_of(groups.map(|(group, contrast)| row(comparison.metric, group, contrast)))
}

fn row<'a>(metric: Metric, group: &'a GroupSummary, contrast: Option<&'a Contrast>) -> Row<'a> {
    let best = group.curve.and_then(|curve| curve.best);
    let interval = contrast.and_then(|contrast| contrast.interval_95);
    let permutation = contrast.and_then(|contrast| match &contrast.test {
        Test::PairedSeeds { permutation, .. } => Some(*permutation),
        Test::IndependentSeeds { permutation, .. } => *permutation,
        Test::Identical
        | Test::TrainedModels { .. }
        | Test::SeedsAndExamples { .. }
        | Test::Untested { .. } => None,
    });
    let (effect_size, superiority) = contrast.map_or((None, None), effect);
    let failures = contrast.and_then(|contrast| contrast.failures);
    Row {
        metric,
        group: &group.name,
        argument: &group.argument,
        runs: group.runs.len(),
        diverged: group.diverged,
        unfinished: group.unfinished,
        n: group.n,
        mean: group.mean,
        standard_deviation: group.standard_deviation,
        best_mean: best.map(|best| best.mean),
        best_earliest_epoch: best.map(|best| best.earliest_epoch),
        best_latest_epoch: best.map(|best| best.latest_epoch),
        last_mean: group.curve.map(|curve| curve.last),
        baseline: contrast.map(|contrast| contrast.baseline.as_str()),
        difference: contrast.and_then(|contrast| contrast.difference),
        low_95: interval.map(|interval| interval.low),
        high_95: interval.map(|interval| interval.high),
        test: contrast.map(|contrast| kind(&contrast.test)),
        p: contrast.and_then(|contrast| contrast.p),
        p_holm: contrast.and_then(|contrast| contrast.p_holm),
        permutation_p: permutation.map(|permutation| permutation.p),
        permutation_smallest_p: permutation.map(|permutation| permutation.smallest_p),
        effect_size,
        superiority,
        margin: contrast.and_then(|contrast| contrast.margin),
        p_equivalence: contrast.and_then(|contrast| contrast.p_equivalence),
        failed: failures.map(|failures| failures.group.failed),
        baseline_failed: failures.map(|failures| failures.baseline.failed),
        p_failed_holm: failures.map(|failures| failures.p_holm),
        verdict: contrast.map(|contrast| contrast.verdict),
        seeds_to_decide: contrast.and_then(|contrast| contrast.seeds_to_decide?.seeds),
        speed_ratio: contrast.and_then(|contrast| match contrast.timing {
            Timing::Measured { ratio, .. } => Some(ratio),
            Timing::NotComparable { .. } => None,
        }),
    }
}

/// The test's name, as in JSON.
fn kind(test: &Test) -> &'static str {
    match test {
        Test::Identical => "identical",
        Test::TrainedModels { .. } => "trained_models",
        Test::PairedSeeds { .. } => "paired_seeds",
        Test::IndependentSeeds { .. } => "independent_seeds",
        Test::SeedsAndExamples { .. } => "seeds_and_examples",
        Test::Untested { .. } => "untested",
    }
}

fn effect(contrast: &Contrast) -> (Option<f64>, Option<f64>) {
    match contrast.test {
        Test::PairedSeeds {
            cohen_d_z,
            superiority,
            ..
        } => (cohen_d_z, Some(superiority)),
        Test::IndependentSeeds {
            hedges_g,
            superiority,
            ..
        } => (hedges_g, Some(superiority)),
        Test::Identical
        | Test::TrainedModels { .. }
        | Test::SeedsAndExamples { .. }
        | Test::Untested { .. } => (None, None),
    }
}
