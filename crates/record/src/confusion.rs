use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::count::count;

/// A confusion matrix: how often examples of each class got each answer.
///
/// In JSON, each row is a string of counts separated by spaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confusion {
    counts: Vec<Vec<usize>>,
}

impl Confusion {
    /// Counts pairs of true class and answer. Both are counted from 0 and below `classes`.
    ///
    /// # Panics
    ///
    /// If a class or an answer is out of range.
    pub fn new(classes: usize, answers: impl IntoIterator<Item = (usize, usize)>) -> Self {
        let mut counts = vec![vec![0; classes]; classes];
        for (label, answer) in answers {
            counts[label][answer] += 1;
        }
        Self { counts }
    }

    /// The counts, `[classes, classes]`: rows are true classes, columns are answers.
    pub fn counts(&self) -> &[Vec<usize>] {
        &self.counts
    }

    /// The number of classes.
    pub fn classes(&self) -> usize {
        self.counts.len()
    }

    /// The sum of two matrices, for instance of two seeds. `None` if the numbers of classes differ
    /// or the sum of all counts overflows.
    pub fn checked_add(&self, other: &Self) -> Option<Self> {
        if self.classes() != other.classes() {
            return None;
        }
        let rows = self.counts.iter().zip(&other.counts).map(|(row, others)| {
            let cells = row.iter().zip(others);
            cells
                .map(|(count, other)| count.checked_add(*other))
                .collect()
        });
        Self::counted(rows.collect::<Option<_>>()?)
    }

    /// `None` if the sum of all counts overflows.
    fn counted(counts: Vec<Vec<usize>>) -> Option<Self> {
        let mut all = counts.iter().flatten();
        all.try_fold(0usize, |sum, &count| sum.checked_add(count))?;
        Some(Self { counts })
    }

    /// The number of examples of a class.
    ///
    /// # Panics
    ///
    /// If there is no such class.
    pub fn examples(&self, class: usize) -> usize {
        self.counts[class].iter().sum()
    }

    /// The fraction of the answers `class` that are correct; `None` if there is no such answer.
    ///
    /// # Panics
    ///
    /// If there is no such class.
    pub fn precision(&self, class: usize) -> Option<f64> {
        let answered = self.counts.iter().map(|answers| answers[class]).sum();
        ratio(self.counts[class][class], answered)
    }

    /// The fraction of the class's examples that were recognized; `None` if it has no examples.
    ///
    /// # Panics
    ///
    /// If there is no such class.
    pub fn recall(&self, class: usize) -> Option<f64> {
        ratio(self.counts[class][class], self.examples(class))
    }
}

fn ratio(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

impl Serialize for Confusion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rows = self.counts.iter().map(|row| {
            let counts: Vec<String> = row.iter().map(usize::to_string).collect();
            counts.join(" ")
        });
        serializer.collect_seq(rows)
    }
}

impl<'de> Deserialize<'de> for Confusion {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let rows = Vec::<String>::deserialize(deserializer)?;
        let counts: Option<Vec<Vec<usize>>> = rows
            .iter()
            .map(|row| row.split(' ').map(count).collect())
            .collect();
        let Some(counts) = counts.filter(|counts| counts.iter().all(|row| row.len() == rows.len()))
        else {
            return Err(D::Error::custom("not one count per class and answer"));
        };
        Self::counted(counts).ok_or_else(|| D::Error::custom("the sum of the counts overflows"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_answers_and_round_trips_through_json() {
        let confusion = Confusion::new(3, [(0, 0), (0, 2), (0, 0), (1, 2)]);
        assert_eq!(confusion.counts(), [[2, 0, 1], [0, 0, 1], [0, 0, 0]]);
        assert_eq!(confusion.recall(0), Some(2.0 / 3.0));
        assert_eq!(confusion.precision(2), Some(0.0));
        assert_eq!((confusion.precision(1), confusion.recall(2)), (None, None));
        let json = serde_json::to_string(&confusion).unwrap();
        assert_eq!(json, r#"["2 0 1","0 0 1","0 0 0"]"#);
        assert_eq!(serde_json::from_str::<Confusion>(&json).unwrap(), confusion);
        for text in [
            r#"["1 2"]"#,
            r#"["1 x","0 0"]"#,
            r#"["1  2","0 0"]"#,
            r#"["-1"]"#,
            r#"["00"]"#,
            r#"["+1"]"#,
            r#"["18446744073709551615 0","1 0"]"#,
        ] {
            assert!(serde_json::from_str::<Confusion>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn counts_of_the_same_classes_add_up() {
        let one = Confusion::new(2, [(0, 0), (0, 1)]);
        let other = Confusion::new(2, [(0, 1), (1, 1)]);
        let both = one.checked_add(&other).unwrap();
        assert_eq!(both.counts(), [[1, 2], [0, 1]]);
        assert_eq!(one.checked_add(&Confusion::new(3, [])), None);
        let most = |cell: usize| {
            let mut counts = vec![vec![0; 2]; 2];
            counts[cell / 2][cell % 2] = usize::MAX;
            Confusion { counts }
        };
        // First a cell overflows, then the sum over the cells.
        assert_eq!(most(0).checked_add(&most(0)), None);
        assert_eq!(most(0).checked_add(&most(3)), None);
    }
}
