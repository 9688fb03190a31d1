//! How experiments stand beside the best on the same test set, by `compare`'s statistics.

use std::collections::BTreeMap;

use compare::{Comparison, Contrast, Options};

use crate::experiment::Experiment;
use crate::figure::Figure;

/// Experiments that were tested on the same examples, the best first.
#[derive(Clone, Debug)]
pub(crate) struct Standings {
    /// The data set's name.
    pub source: String,
    pub examples: usize,
    pub rows: Vec<Standing>,
}

#[derive(Clone, Debug)]
pub(crate) struct Standing {
    /// Among the report's experiments.
    pub index: usize,
    /// Against the best; nothing for the best itself, and where none was tested.
    pub contrast: Option<Contrast>,
}

/// A table for each test set.
pub(crate) fn standings(experiments: &[Experiment]) -> Vec<Standings> {
    let mut by_test_set: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    for (index, experiment) in experiments.iter().enumerate() {
        let data = &experiment.first().result.data;
        let test_set = (data.source.as_str(), data.test.digest.as_str());
        by_test_set.entry(test_set).or_default().push(index);
    }
    let standings = by_test_set.into_iter().map(|((source, _), mut indices)| {
        let accuracy = |index: usize| Figure::of(&experiments[index].accuracies());
        indices.sort_by(|&one, &other| {
            let mean = |index| accuracy(index).map_or(f64::NEG_INFINITY, |figure| figure.mean);
            mean(other).total_cmp(&mean(one))
        });
        let mut contrasts = contrasts(experiments, &indices);
        Standings {
            source: source.to_owned(),
            examples: experiments[indices[0]].first().result.data.test.examples,
            rows: indices
                .into_iter()
                .map(|index| Standing {
                    index,
                    contrast: contrasts.remove(&index),
                })
                .collect(),
        }
    });
    standings.collect()
}

/// By the experiment's index.
fn contrasts(experiments: &[Experiment], indices: &[usize]) -> BTreeMap<usize, Contrast> {
    let Some(baseline) = baseline(experiments, indices) else {
        return BTreeMap::new();
    };
    let others: Vec<usize> = indices
        .iter()
        .copied()
        .filter(|&index| index != baseline)
        .collect();
    let compared = std::iter::once(&baseline).chain(&others);
    let groups = compared.map(|&index| experiments[index].group.clone());
    // Nothing to compare with is the one error that is left.
    let comparison = Comparison::of(groups.collect(), &Options::default());
    let contrasts = comparison
        .map(|comparison| comparison.contrasts)
        .unwrap_or_default();
    others.into_iter().zip(contrasts).collect()
}

/// The first, of which all are compared with. One with several seeds, all of which arrived, goes
/// before one that says less about itself.
fn baseline(experiments: &[Experiment], indices: &[usize]) -> Option<usize> {
    let tested = |&index: &usize| experiments[index].tests().next().is_some();
    let arrived = |&index: &usize| experiments[index].diverged().next().is_none();
    let several = |&index: &usize| experiments[index].tests().nth(1).is_some();
    let best =
        |wanted: &dyn Fn(&usize) -> bool| indices.iter().copied().find(|index| wanted(index));
    best(&|index| several(index) && arrived(index))
        .or_else(|| best(&several))
        .or_else(|| best(&tested))
}
