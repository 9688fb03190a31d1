//! Test examples that some seeds get right and others wrong.

use record::Outcomes;
use serde::Serialize;

use crate::{CompareError, Group};

/// How an experiment's seeds agree on the test examples.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Flips {
    /// The experiment's name.
    pub experiment: String,
    /// The number of tested runs.
    pub runs: usize,
    /// Examples that every run gets right.
    pub always_right: usize,
    /// Examples that every run gets wrong.
    pub always_wrong: usize,
    /// Examples that some runs get right and others wrong.
    pub flipping: usize,
    /// The share of examples, 0 to 1, that one of two runs gets right and the other wrong: the mean over
    /// all pairs of runs.
    pub disagreement: f64,
    /// For each example of the test set, the number of runs that get it right.
    pub right: Vec<usize>,
}

impl Flips {
    /// Counts over the runs of a group that were tested.
    ///
    /// # Errors
    ///
    /// If there are fewer than two.
    pub fn of(group: &Group) -> Result<Self, CompareError> {
        let tests = group
            .runs
            .iter()
            .filter_map(|run| run.record.result.test.as_ref());
        let outcomes: Vec<&Outcomes> = tests.map(|test| &test.correct).collect();
        let runs = outcomes.len();
        if runs < 2 {
            return Err(CompareError::OneRun {
                argument: group.argument.clone(),
            });
        }
        let mut right = vec![0; outcomes[0].len()];
        for outcomes in &outcomes {
            for (count, is_right) in right.iter_mut().zip(outcomes.iter()) {
                *count += usize::from(is_right);
            }
        }
        let of = |wanted: usize| right.iter().filter(|&&count| count == wanted).count();
        let (always_right, always_wrong) = (of(runs), of(0));
        let pairs = (runs * (runs - 1) / 2 * right.len()).max(1);
        let unequal: usize = right.iter().map(|count| count * (runs - count)).sum();
        Ok(Self {
            experiment: group.name.clone(),
            runs,
            always_right,
            always_wrong,
            flipping: right.len() - always_right - always_wrong,
            disagreement: unequal as f64 / pairs as f64,
            right,
        })
    }

    /// The examples that split the runs most evenly, the first of the test set first among equals. At
    /// most `most`, and none that all runs agree on.
    pub fn most_divided(&self, most: usize) -> Vec<usize> {
        let evenness = |example: &usize| {
            let right = self.right[*example];
            right * (self.runs - right)
        };
        let mut divided: Vec<usize> = (0..self.right.len())
            .filter(|example| evenness(example) > 0)
            .collect();
        divided.sort_by_key(|example| std::cmp::Reverse(evenness(example)));
        divided.truncate(most);
        divided
    }
}
