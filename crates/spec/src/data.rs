use std::fmt;

use serde::{Deserialize, Serialize};

/// The description of a data set, as found when it is read. Every record holds one, so results can
/// be shown without the data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataSpec {
    /// The kind and shape of one example.
    pub input: InputSpec,
    /// The names of the classes, in the order of their labels.
    pub classes: Vec<String>,
}

/// The kind and shape of one example.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum InputSpec {
    /// Numbers: an image `[height, width, channels]` or a row of a table `[features]`, in row-major
    /// order.
    Dense {
        /// The size of each dimension.
        shape: Vec<usize>,
    },
    /// A text as token ids, padded at the front to a common length.
    Tokens {
        /// The number of ids; every id is below it.
        vocabulary: usize,
        /// Tokens per text.
        length: usize,
    },
}

impl DataSpec {
    /// The number of logits of a classifier: one for two classes (positive for the second class),
    /// otherwise one per class.
    pub fn logits(&self) -> usize {
        if self.is_binary() {
            1
        } else {
            self.classes.len()
        }
    }

    /// Whether there are two classes.
    pub fn is_binary(&self) -> bool {
        self.classes.len() == 2
    }

    /// Numbers per example: features or tokens.
    pub fn features(&self) -> usize {
        match &self.input {
            InputSpec::Dense { shape } => shape.iter().product(),
            InputSpec::Tokens { length, .. } => *length,
        }
    }

    /// The number of token ids; `None` if the inputs are not texts.
    pub fn vocabulary(&self) -> Option<usize> {
        match self.input {
            InputSpec::Dense { .. } => None,
            InputSpec::Tokens { vocabulary, .. } => Some(vocabulary),
        }
    }

    /// The shape of dense inputs; `None` for texts.
    pub fn dense_shape(&self) -> Option<&[usize]> {
        match &self.input {
            InputSpec::Dense { shape } => Some(shape),
            InputSpec::Tokens { .. } => None,
        }
    }
}

impl fmt::Display for InputSpec {
    /// For instance `28 x 28 x 1 numbers`.
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Dense { shape } => {
                let sizes: Vec<String> = shape.iter().map(usize::to_string).collect();
                let numbers = if shape == &[1] { "number" } else { "numbers" };
                write!(out, "{} {numbers}", sizes.join(" x "))
            }
            Self::Tokens { vocabulary, length } => {
                write!(
                    out,
                    "texts of {length} tokens from a vocabulary of {vocabulary}"
                )
            }
        }
    }
}

/// A part of a data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Split {
    /// The examples that the weights are fitted to.
    Train,
    /// The examples that are measured after every epoch.
    Validation,
    /// The examples that are measured once, at the end.
    Test,
}

impl Split {
    /// All splits.
    pub const ALL: [Self; 3] = [Self::Train, Self::Validation, Self::Test];

    /// The name in results and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Validation => "validation",
            Self::Test => "test",
        }
    }
}

impl fmt::Display for Split {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(input: InputSpec, classes: &[&str]) -> DataSpec {
        let classes = classes.iter().map(|&name| name.to_owned()).collect();
        DataSpec { input, classes }
    }

    #[test]
    fn two_classes_share_a_logit() {
        let shape = vec![28, 28, 1];
        let digits = spec(InputSpec::Dense { shape }, &["0", "1", "2"]);
        assert_eq!((digits.logits(), digits.features()), (3, 784));
        let tokens = InputSpec::Tokens {
            vocabulary: 10_000,
            length: 200,
        };
        let reviews = spec(tokens, &["negative", "positive"]);
        assert_eq!((reviews.logits(), reviews.features()), (1, 200));
    }

    #[test]
    fn comes_back_from_json() {
        let shape = vec![28, 28, 1];
        let digits = spec(InputSpec::Dense { shape }, &["a", "b"]);
        let json = serde_json::to_string(&digits).unwrap();
        assert_eq!(
            json,
            r#"{"input":{"dense":{"shape":[28,28,1]}},"classes":["a","b"]}"#
        );
        assert_eq!(serde_json::from_str::<DataSpec>(&json).unwrap(), digits);
    }
}
