//! The hardest test examples over all seeds.

use std::collections::BTreeMap;

use record::Hardest;

use crate::experiment::Experiment;

/// A test example that is hard for one or more seeds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct HardExample {
    pub example: usize,
    pub label: usize,
    /// The distinct answers, each with its number of seeds, most frequent first.
    pub answers: Vec<(usize, usize)>,
    /// The number of seeds for which it is among the hardest.
    pub seeds: usize,
    /// The mean probability that these seeds assign to the label.
    pub probability: f64,
}

/// At most `most` examples, sorted by the number of seeds for which they are hard (descending),
/// then by the probability of the label (ascending).
pub(crate) fn hardest(experiment: &Experiment, most: usize) -> Vec<HardExample> {
    let mut by_example: BTreeMap<(usize, usize), Vec<&Hardest>> = BTreeMap::new();
    for hard in experiment.tests().flat_map(|test| &test.hardest) {
        by_example
            .entry((hard.example, hard.label))
            .or_default()
            .push(hard);
    }
    let mut hardest: Vec<HardExample> = by_example
        .into_iter()
        .map(|((example, label), found)| {
            let mut answers: BTreeMap<usize, usize> = BTreeMap::new();
            for hard in &found {
                *answers.entry(hard.answer).or_default() += 1;
            }
            let mut answers: Vec<(usize, usize)> = answers.into_iter().collect();
            answers.sort_by_key(|&(_, seeds)| std::cmp::Reverse(seeds));
            let sum: f64 = found.iter().map(|hard| hard.probability).sum();
            HardExample {
                example,
                label,
                answers,
                seeds: found.len(),
                probability: sum / found.len() as f64,
            }
        })
        .collect();
    hardest.sort_by(|one, other| {
        let probability = one.probability.total_cmp(&other.probability);
        other.seeds.cmp(&one.seeds).then(probability)
    });
    hardest.truncate(most);
    hardest
}
