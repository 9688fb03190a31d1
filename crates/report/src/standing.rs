//! Compares experiments with the best one on the same test set, using the statistics of `compare`.

use std::collections::{BTreeMap, BTreeSet};

use compare::{Comparison, Contrast, Options};
use record::{Metric, Quantity};
use spec::Split;

use crate::experiment::Experiment;

/// The experiments tested on the same examples, the most accurate first: on validation if all were
/// measured on the same validation examples, otherwise on the test set.
#[derive(Clone, Debug)]
pub(crate) struct Standings {
    /// The data set's name.
    pub source: String,
    pub examples: usize,
    /// What they are ranked by.
    pub ranked_by: Metric,
    pub rows: Vec<Standing>,
}

#[derive(Clone, Debug)]
pub(crate) struct Standing {
    /// Its index among the report's experiments.
    pub index: usize,
    /// Whether it is the best one.
    pub is_best: bool,
    /// The comparison with the best on the test set; absent for the best itself and if no run was
    /// tested.
    pub contrast: Option<Contrast>,
}

/// The standings, one for each test set.
pub(crate) fn standings(experiments: &[Experiment]) -> Vec<Standings> {
    let mut by_test_set: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    for (index, experiment) in experiments.iter().enumerate() {
        let data = &experiment.first().result.data;
        let test_set = (data.source.as_str(), data.test.digest.as_str());
        by_test_set.entry(test_set).or_default().push(index);
    }
    let standings = by_test_set.into_iter().map(|((source, _), mut indices)| {
        let metric = ranked_by(experiments, &indices);
        indices.sort_by(|&one, &other| {
            let mean = |index: usize| {
                let accuracy = experiments[index].mean(metric);
                accuracy.map_or(f64::NEG_INFINITY, |accuracy| accuracy.mean)
            };
            mean(other).total_cmp(&mean(one))
        });
        let best = baseline(experiments, &indices);
        let mut contrasts =
            best.map_or_else(BTreeMap::new, |best| contrasts(experiments, &indices, best));
        Standings {
            source: source.to_owned(),
            examples: experiments[indices[0]].first().result.data.test.examples,
            ranked_by: metric,
            rows: indices
                .into_iter()
                .map(|index| Standing {
                    index,
                    is_best: best == Some(index),
                    contrast: contrasts.remove(&index),
                })
                .collect(),
        }
    });
    standings.collect()
}

/// Validation accuracy if every tested experiment was measured on the same validation examples,
/// otherwise test accuracy.
fn ranked_by(experiments: &[Experiment], indices: &[usize]) -> Metric {
    let validation = Metric::of_kept(Split::Validation, Quantity::Accuracy);
    let runs = indices
        .iter()
        .flat_map(|&index| experiments[index].completed());
    let examples: BTreeSet<Option<&str>> = runs.map(|run| validation.examples(run)).collect();
    match examples.first() {
        Some(Some(_)) if examples.len() == 1 => validation,
        _ => Options::default().metric,
    }
}

/// The comparisons with the best, by the experiment's index.
fn contrasts(
    experiments: &[Experiment],
    indices: &[usize],
    baseline: usize,
) -> BTreeMap<usize, Contrast> {
    let others: Vec<usize> = indices
        .iter()
        .copied()
        .filter(|&index| index != baseline)
        .collect();
    let compared = std::iter::once(&baseline).chain(&others);
    let groups = compared.map(|&index| experiments[index].group.clone());
    // The only possible error is that there is only one group.
    let comparison = Comparison::of(groups.collect(), &Options::default());
    let contrasts = comparison
        .map(|comparison| comparison.contrasts)
        .unwrap_or_default();
    others.into_iter().zip(contrasts).collect()
}

/// The best experiment. Experiments with several seeds, none diverged, take precedence, since the
/// others have no known spread. One that learnt nothing is never the best.
fn baseline(experiments: &[Experiment], indices: &[usize]) -> Option<usize> {
    let indices: Vec<usize> = indices
        .iter()
        .copied()
        .filter(|&index| experiments[index].learnt_nothing() == 0)
        .collect();
    let tested = |&index: &usize| experiments[index].tests().next().is_some();
    let completed = |&index: &usize| experiments[index].diverged().next().is_none();
    let several = |&index: &usize| experiments[index].tests().nth(1).is_some();
    let best =
        |wanted: &dyn Fn(&usize) -> bool| indices.iter().copied().find(|index| wanted(index));
    best(&|index| several(index) && completed(index))
        .or_else(|| best(&several))
        .or_else(|| best(&tested))
}
