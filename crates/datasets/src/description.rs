//! What a person checks about data before training.

use serde::Serialize;
use spec::{DataSpec, Noticed};

use crate::dataset::Dataset;
use crate::examples::{Examples, Inputs, PADDING};
use crate::preprocessing::Preprocessing;
use crate::split::duplicates;
use crate::table::columns::Column;
use crate::text::encoding::{START, UNKNOWN};

/// A description of a data set.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Description {
    /// The name shown in results.
    pub name: String,
    /// The shape of an example and the names of the classes.
    pub spec: DataSpec,
    /// The number of examples of each class.
    pub classes: Vec<ClassCounts>,
    /// The class with the most training examples.
    pub most_frequent: String,
    /// The accuracy on the test set of always answering that class, 0 to 1: the chance level.
    pub chance: f64,
    /// How many times as many training examples the most frequent class has as the least frequent.
    pub imbalance: f64,
    /// The training inputs.
    pub inputs: InputFacts,
    /// What was noticed while the data were read.
    pub noticed: Noticed,
    /// Training examples that also occur in the validation set.
    pub validation_in_train: usize,
}

/// The number of examples of a class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClassCounts {
    /// The class.
    pub class: String,
    /// Training examples, without those that are held out.
    pub train: usize,
    /// Examples held out for validation.
    pub validation: usize,
    /// Test examples.
    pub test: usize,
}

/// What the training inputs hold.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum InputFacts {
    /// Pictures.
    Pixels {
        /// The least value, 0 to 255.
        least: u8,
        /// The greatest value.
        most: u8,
        /// The mean value.
        mean: f64,
    },
    /// The columns of a table.
    Columns(Vec<Column>),
    /// Texts.
    Words {
        /// The fewest words of a text that a model reads.
        fewest: usize,
        /// The median number.
        median: usize,
        /// The most.
        most: usize,
        /// The share of words that are not in the vocabulary, 0 to 1.
        unknown: f64,
        /// Words in the vocabulary.
        vocabulary: usize,
    },
}

impl Dataset {
    /// Describes the data.
    pub fn description(&self) -> Description {
        let names = &self.spec.classes;
        let count = |examples: &Examples| examples.class_counts(names.len());
        let train = count(&self.train);
        let validation = self.validation.as_ref().map(count);
        let test = count(&self.test);
        let classes = names.iter().enumerate().map(|(class, name)| ClassCounts {
            class: name.clone(),
            train: train[class],
            validation: validation.as_ref().map_or(0, |counts| counts[class]),
            test: test[class],
        });
        // The first of equals.
        let most = train.iter().max().copied().unwrap_or(0);
        let least = train.iter().min().copied().unwrap_or(0);
        let frequent = train.iter().position(|&count| count == most).unwrap_or(0);
        Description {
            name: self.name.clone(),
            spec: self.spec.clone(),
            most_frequent: names[frequent].clone(),
            chance: test[frequent] as f64 / self.test.len().max(1) as f64,
            imbalance: most as f64 / least.max(1) as f64,
            classes: classes.collect(),
            inputs: self.input_facts(),
            noticed: self.noticed.unwrap_or_else(|| Noticed {
                test_in_train: duplicates(&self.train, &self.test),
                ..Noticed::default()
            }),
            validation_in_train: self
                .validation
                .as_ref()
                .map_or(0, |validation| duplicates(&self.train, validation)),
        }
    }

    fn input_facts(&self) -> InputFacts {
        match (self.train.inputs(), &self.preprocessing) {
            (Inputs::Bytes(bytes), _) => {
                let sum: u64 = bytes.iter().map(|&byte| u64::from(byte)).sum();
                InputFacts::Pixels {
                    least: bytes.iter().min().copied().unwrap_or(0),
                    most: bytes.iter().max().copied().unwrap_or(0),
                    mean: sum as f64 / bytes.len().max(1) as f64,
                }
            }
            (Inputs::Tokens(tokens), preprocessing) => {
                let words = |text: &[i32]| {
                    let words = text.iter().filter(|&&id| id != PADDING && id != START);
                    words.count()
                };
                let width = self.train.width().max(1);
                let mut lengths: Vec<usize> = tokens.chunks(width).map(words).collect();
                lengths.sort_unstable();
                let all: usize = lengths.iter().sum();
                let unknown = tokens.iter().filter(|&&id| id == UNKNOWN).count();
                InputFacts::Words {
                    fewest: lengths.first().copied().unwrap_or(0),
                    median: lengths.get(lengths.len() / 2).copied().unwrap_or(0),
                    most: lengths.last().copied().unwrap_or(0),
                    unknown: unknown as f64 / all.max(1) as f64,
                    vocabulary: match preprocessing {
                        Preprocessing::Vocabulary(words) => words.words().len(),
                        Preprocessing::None | Preprocessing::Columns(_) => 0,
                    },
                }
            }
            (Inputs::Numbers(_), Preprocessing::Columns(columns)) => {
                InputFacts::Columns(columns.features.clone())
            }
            (Inputs::Numbers(_), Preprocessing::None | Preprocessing::Vocabulary(_)) => {
                InputFacts::Columns(Vec::new())
            }
        }
    }

    /// The first training example of each of the first `count` classes, as people read it: the class,
    /// and a picture drawn with characters, the cells of a row, or the words of a text.
    pub fn first_examples(&self, count: usize) -> Vec<(String, Vec<String>)> {
        let width = self.train.width();
        let labels = self.train.labels();
        let classes = 0..count.min(self.spec.classes.len());
        let first = |class: usize| labels.iter().position(|&label| usize::from(label) == class);
        let examples = classes.filter_map(first).map(|index| {
            let row = index * width..(index + 1) * width;
            let lines = match (self.train.inputs(), &self.preprocessing) {
                (Inputs::Bytes(bytes), _) => self.drawn(&bytes[row]),
                (Inputs::Numbers(numbers), Preprocessing::Columns(columns)) => {
                    vec![columns.decode(&numbers[row])]
                }
                (Inputs::Numbers(numbers), Preprocessing::None | Preprocessing::Vocabulary(_)) => {
                    vec![format!("{:?}", &numbers[row])]
                }
                (Inputs::Tokens(tokens), Preprocessing::Vocabulary(words)) => {
                    let ids = tokens[row]
                        .iter()
                        .filter(|&&id| id != PADDING && id != START);
                    let text: Vec<&str> = ids.map(|&id| words.word(id)).collect();
                    vec![text.join(" ")]
                }
                (Inputs::Tokens(tokens), Preprocessing::None | Preprocessing::Columns(_)) => {
                    vec![format!("{:?}", &tokens[row])]
                }
            };
            let class = usize::from(labels[index]);
            (self.spec.classes[class].clone(), lines)
        });
        examples.collect()
    }

    /// A picture of characters, half as many rows as columns, since characters are tall.
    fn drawn(&self, pixels: &[u8]) -> Vec<String> {
        const TONES: &[u8; 10] = b" .:-=+*#%@";
        const MOST_COLUMNS: usize = 56;
        let Some(&[rows, columns, channels]) =
            self.spec.dense_shape().and_then(|s| s.first_chunk())
        else {
            return Vec::new();
        };
        let step = columns.div_ceil(MOST_COLUMNS).max(1);
        let tone = |row: usize, column: usize| {
            let below = row + step < rows;
            let places = [row, if below { row + step } else { row }];
            let values = places.into_iter().flat_map(|row| {
                let start = (row * columns + column) * channels;
                pixels[start..start + channels]
                    .iter()
                    .map(|&value| usize::from(value))
            });
            values.sum::<usize>() / (2 * channels)
        };
        let rows = (0..rows).step_by(2 * step);
        let lines = rows.map(|row| {
            let places = (0..columns).step_by(step);
            let tones = places.map(|column| TONES[tone(row, column) * (TONES.len() - 1) / 255]);
            let line: String = tones.map(char::from).collect();
            line.trim_end().to_owned()
        });
        lines.collect()
    }
}

#[cfg(test)]
mod tests {
    use spec::InputSpec;

    use super::*;

    fn pictures() -> Dataset {
        let examples =
            |pixels: Vec<u8>, labels: Vec<u16>| Examples::new(Inputs::Bytes(pixels), labels, 4);
        Dataset {
            name: "tiny".to_owned(),
            spec: DataSpec {
                input: InputSpec::Dense {
                    shape: vec![2, 2, 1],
                },
                classes: ["a", "b"].map(str::to_owned).to_vec(),
            },
            train: examples(vec![0, 255, 0, 255, 1, 2, 3, 4, 9, 9, 9, 9], vec![1, 1, 0]),
            validation: Some(examples(vec![9, 9, 9, 9], vec![0])),
            test: examples(vec![1, 2, 3, 4, 5, 5, 5, 5], vec![0, 1]),
            preprocessing: Preprocessing::None,
            noticed: None,
            splits: None,
        }
    }

    #[test]
    fn counts_ranges_and_repetitions() {
        let found = pictures().description();
        let counts: Vec<[usize; 3]> = found
            .classes
            .iter()
            .map(|counts| [counts.train, counts.validation, counts.test])
            .collect();
        assert_eq!(counts, [[1, 1, 1], [2, 0, 1]]);
        assert_eq!(
            (found.most_frequent.as_str(), found.chance, found.imbalance),
            ("b", 0.5, 2.0)
        );
        assert_eq!(found.noticed.test_in_train, 1);
        assert_eq!(found.validation_in_train, 1);
        let InputFacts::Pixels { least, most, mean } = found.inputs else {
            panic!("these are pictures");
        };
        assert_eq!((least, most, mean), (0, 255, (510 + 10 + 36) as f64 / 12.0));
    }

    #[test]
    fn pictures_are_drawn() {
        let drawn = pictures().first_examples(9);
        assert_eq!(drawn.len(), 2);
        assert_eq!(drawn[1], ("b".to_owned(), vec![" @".to_owned()]));
    }
}
