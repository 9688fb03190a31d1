use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use crate::count::count;

/// How often each class was given each answer.
///
/// In JSON a text for each class: how often each answer was given, separated by blanks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confusion {
    counts: Vec<Vec<usize>>,
}

impl Confusion {
    /// Of labels and answers, each below the number of classes.
    pub fn new(classes: usize, answers: impl IntoIterator<Item = (usize, usize)>) -> Self {
        let mut counts = vec![vec![0; classes]; classes];
        for (label, answer) in answers {
            counts[label][answer] += 1;
        }
        Self { counts }
    }

    /// By class, then by answer.
    pub fn counts(&self) -> &[Vec<usize>] {
        &self.counts
    }

    pub fn examples(&self, class: usize) -> usize {
        self.counts[class].iter().sum()
    }

    /// Of what was answered with the class, the part that is of it; nothing where nothing was.
    pub fn precision(&self, class: usize) -> Option<f64> {
        let answered = self.counts.iter().map(|answers| answers[class]).sum();
        ratio(self.counts[class][class], answered)
    }

    /// Of what is of the class, the part that was answered with it; nothing where nothing is.
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
            return Err(D::Error::custom("not a count for each class and answer"));
        };
        let mut all = counts.iter().flatten();
        match all.try_fold(0usize, |sum, &count| sum.checked_add(count)) {
            Some(_) => Ok(Self { counts }),
            None => Err(D::Error::custom("more answers than can be counted")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_answers_and_comes_back_from_json() {
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
}
