use std::collections::BTreeMap;

use record::Hardest;

use crate::experiment::Experiment;

/// Answers by class, over all seeds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Confusions {
    /// `[class][answer]`
    counts: Vec<Vec<usize>>,
}

impl Confusions {
    /// Nothing where no run was tested.
    pub fn of(experiment: &Experiment) -> Option<Self> {
        let mut all = experiment.tests().map(|test| test.confusion.counts());
        let mut counts = all.next().filter(|counts| !counts.is_empty())?.to_vec();
        // The same test set has the same classes; files that say otherwise are not added up.
        let classes = counts.len();
        for other in all.filter(|other| other.len() == classes) {
            for (row, other) in counts.iter_mut().zip(other) {
                for (count, other) in row.iter_mut().zip(other) {
                    *count = count.saturating_add(*other);
                }
            }
        }
        Some(Self { counts })
    }

    pub fn classes(&self) -> usize {
        self.counts.len()
    }

    pub fn count(&self, class: usize, answer: usize) -> usize {
        self.counts[class][answer]
    }

    /// Of what is of the class, the part that was answered with it.
    pub fn recall(&self, class: usize) -> Option<f64> {
        let examples: f64 = self.counts[class].iter().map(|&count| count as f64).sum();
        (examples > 0.0).then(|| self.counts[class][class] as f64 / examples)
    }

    /// Of what was answered with the class, the part that is of it.
    pub fn precision(&self, class: usize) -> Option<f64> {
        let answered: f64 = self.counts.iter().map(|row| row[class] as f64).sum();
        (answered > 0.0).then(|| self.counts[class][class] as f64 / answered)
    }

    /// How dark a cell is, from 0 to 5: right answers as a part of their class, wrong ones beside the
    /// most frequent mistake.
    pub fn shade(&self, class: usize, answer: usize) -> usize {
        let part = match class == answer {
            true => self.recall(class).unwrap_or(0.0),
            false => {
                let count = self.counts[class][answer];
                let most = self.mistakes().next().map_or(1, |(_, _, most)| most);
                (count as f64 / most as f64).sqrt()
            }
        };
        (5.0 * part).ceil() as usize
    }

    /// `(class, answer, count)`, the most frequent first.
    pub fn mistakes(&self) -> impl Iterator<Item = (usize, usize, usize)> {
        let classes = 0..self.counts.len();
        let cells = classes.flat_map(|class| {
            let row = self.counts[class].iter().enumerate();
            row.map(move |(answer, &count)| (class, answer, count))
        });
        let wrong = cells.filter(|&(class, answer, count)| class != answer && count > 0);
        let mut wrong: Vec<_> = wrong.collect();
        wrong.sort_by_key(|&(.., count)| std::cmp::Reverse(count));
        wrong.into_iter()
    }
}

/// A test example that was hard for several seeds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct HardExample {
    pub example: usize,
    pub label: usize,
    /// The seeds' answers, each once, with how many gave it; the most frequent first.
    pub answers: Vec<(usize, usize)>,
    /// Seeds that have it among their hardest.
    pub seeds: usize,
    /// What those give the label, their mean.
    pub probability: f64,
}

/// Those that are among the hardest for the most seeds, then those whose label is given the least.
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
