//! Ranks experiments on the same test set, and compares those that were named with one another.
//!
//! Verdicts are about what a person asks to compare. Whatever else lies in a results folder must not
//! change them, so the experiments of a folder that was named as a whole get none. All pairs of those
//! compared are one family, so that the best, chosen by the same figures, does not make the others worse.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use compare::{CompareError, Contrast, Group, Options};
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
    /// Why those that were named are not compared, if that is not possible.
    pub problem: Option<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct Standing {
    /// Its index among the report's experiments.
    pub index: usize,
    /// Whether the others are compared with it: the baseline, or the best of those that are compared.
    pub is_baseline: bool,
    /// The comparison with the baseline on the test set; absent for the baseline itself and for
    /// experiments that are not compared.
    pub contrast: Option<Contrast>,
}

/// The standings, one for each test set. With a baseline, named before the figures are seen, each experiment
/// is compared with it: those that were named, or all if none was.
pub(crate) fn standings(
    experiments: &[Experiment],
    named: &[PathBuf],
    baseline: Option<&str>,
) -> Vec<Standings> {
    let places = named.iter().filter_map(|path| path.canonicalize().ok());
    let named: BTreeSet<PathBuf> = places.collect();
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
        let is_baseline = |&index: &usize| Some(experiments[index].name()) == baseline;
        let none_named = !indices
            .iter()
            .any(|&index| experiments[index].is_among(&named));
        let mut compared = indices.clone();
        compared.retain(|index| {
            let experiment = &experiments[*index];
            let is_asked_for = experiment.is_among(&named)
                || is_baseline(index)
                || (baseline.is_some() && none_named);
            is_asked_for && experiment.group.runs.len() > 1
        });
        let against = match baseline {
            Some(_) => compared.iter().copied().find(is_baseline),
            None => best(experiments, &compared),
        };
        let against = against.filter(|_| compared.len() > 1);
        let contrasts =
            against.map(|against| contrasts(experiments, &compared, against, baseline.is_some()));
        let (mut contrasts, problem) = match contrasts {
            Some(Ok(contrasts)) => (contrasts, None),
            Some(Err(error)) => (BTreeMap::new(), Some(error.to_string())),
            None => (BTreeMap::new(), None),
        };
        Standings {
            source: source.to_owned(),
            examples: experiments[indices[0]].first().result.data.test.examples,
            ranked_by: metric,
            problem,
            rows: indices
                .into_iter()
                .map(|index| Standing {
                    index,
                    is_baseline: against == Some(index),
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

/// The comparisons with one of the experiments, by the other's index. All pairs are one family, unless that
/// one was named beforehand.
fn contrasts(
    experiments: &[Experiment],
    compared: &[usize],
    against: usize,
    is_named: bool,
) -> Result<BTreeMap<usize, Contrast>, CompareError> {
    let others: Vec<usize> = compared
        .iter()
        .copied()
        .filter(|&index| index != against)
        .collect();
    let in_order = std::iter::once(&against).chain(&others);
    let groups: Vec<&Group> = in_order.map(|&index| &experiments[index].group).collect();
    let options = Options::default();
    // The pairs with the first come first.
    let contrasts = if is_named {
        Contrast::with_first(&groups, &options)?
    } else {
        Contrast::all_pairs(&groups, &options)?
    };
    Ok(others.into_iter().zip(contrasts).collect())
}

/// The best experiment: the first none of whose runs failed, or the first.
fn best(experiments: &[Experiment], compared: &[usize]) -> Option<usize> {
    let sound = |&index: &usize| {
        let experiment = &experiments[index];
        experiment.learnt_nothing() == 0 && experiment.diverged().next().is_none()
    };
    let mut indices = compared.iter().copied();
    let first = indices.clone().next();
    indices.find(sound).or(first)
}
