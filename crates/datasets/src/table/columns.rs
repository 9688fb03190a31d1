//! How the cells of a table become the numbers that models read.

use std::collections::HashSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::table::value::{number, present, quoted};

/// The columns of a table as the training rows show them. They turn every row of cells into a row of
/// numbers, and are kept with the model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Columns {
    /// The column of the class.
    pub label: String,
    /// What happens to missing values.
    pub missing: Missing,
    /// The other columns, in the order of their numbers.
    pub features: Vec<Column>,
}

/// What happens to missing values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// They are refused.
    #[default]
    Refuse,
    /// In a column of numbers they are replaced by the mean of the training rows; in one of texts
    /// they are a text of their own.
    Mean,
    /// Their rows are left out.
    Drop,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// The name in the file's first line.
    pub name: String,
    /// What the column holds.
    pub kind: Kind,
}

/// What a column holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Kind {
    /// Numbers. A model reads `(x - mean) / deviation`.
    Number {
        /// The mean over the training rows.
        mean: f64,
        /// The standard deviation over the training rows, with their number as the divisor; 1 if they
        /// all have the same value.
        deviation: f64,
        /// The least value of the training rows.
        least: f64,
        /// The greatest value of the training rows.
        most: f64,
    },
    /// Texts. A model reads a 1 in the place of the text and 0 in all others; the last place is for
    /// texts that no training row has.
    Text {
        /// The texts of the training rows, sorted.
        values: Vec<String>,
    },
}

/// The text that stands for a missing one.
pub(crate) const NO_TEXT: &str = "";

/// What was noticed in a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Noted {
    /// Texts that no training row has.
    pub unknown: usize,
    /// Missing values that were filled in.
    pub filled: usize,
}

/// Why a cell has no number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadCell {
    /// The column's position in [`Columns::features`].
    pub feature: usize,
    /// What is wrong and what to do, to follow the column's name.
    pub problem: String,
}

impl Columns {
    /// The number of numbers per row.
    pub fn width(&self) -> usize {
        self.features.iter().map(|column| column.kind.width()).sum()
    }

    /// Appends the numbers of a row with these cells, in the order of [`features`](Self::features).
    ///
    /// # Errors
    ///
    /// If a value is missing and missing values are not replaced, or a cell in a column of numbers is
    /// none.
    pub fn encode<'a>(
        &self,
        cells: impl Iterator<Item = &'a str>,
        numbers: &mut Vec<f32>,
    ) -> Result<Noted, BadCell> {
        let mut noted = Noted::default();
        for ((feature, column), cell) in self.features.iter().enumerate().zip(cells) {
            let bad = |problem: String| BadCell { feature, problem };
            let cell = present(cell);
            if cell.is_none() {
                match self.missing {
                    Missing::Mean => noted.filled += 1,
                    Missing::Refuse => return Err(bad(MISSING.to_owned())),
                    Missing::Drop => return Err(bad(DROPPED.to_owned())),
                }
            }
            match &column.kind {
                Kind::Number {
                    mean, deviation, ..
                } => numbers.push(match cell {
                    None => 0.0,
                    Some(text) => standardised(text, *mean, *deviation).map_err(bad)?,
                }),
                Kind::Text { values } => {
                    let text = cell.unwrap_or(NO_TEXT);
                    let place = values.binary_search_by(|value| value.as_str().cmp(text));
                    noted.unknown += usize::from(place.is_err());
                    let place = place.unwrap_or(values.len());
                    numbers.extend((0..=values.len()).map(|index| f32::from(index == place)));
                }
            }
        }
        Ok(noted)
    }

    /// The cells of a row of numbers, as `name=cell`.
    pub(crate) fn decode(&self, numbers: &[f32]) -> String {
        let mut rest = numbers;
        let mut cells = Vec::new();
        for Column { name, kind } in &self.features {
            let (own, others) = rest.split_at(kind.width());
            rest = others;
            cells.push(match kind {
                Kind::Number {
                    mean, deviation, ..
                } => {
                    let value = mean + deviation * f64::from(own[0]);
                    // As many digits as the standardised number holds, and no negative zero.
                    format!("{name}={}", (value * 1e4).round() / 1e4 + 0.0)
                }
                Kind::Text { values } => {
                    let place = own.iter().position(|&number| number == 1.0);
                    let text = place.and_then(|place| values.get(place));
                    format!("{name}={}", text.map_or("?", String::as_str))
                }
            });
        }
        cells.join(", ")
    }

    /// Checks what a file may have changed: that there are columns with distinct names, sorted texts
    /// and finite numbers.
    ///
    /// # Errors
    ///
    /// A message that names the column.
    pub fn check(&self) -> Result<(), String> {
        if self.features.is_empty() {
            return Err("no columns".to_owned());
        }
        let mut names = HashSet::new();
        for Column { name, kind } in &self.features {
            if !names.insert(name) {
                return Err(format!("two columns {}", quoted(name)));
            }
            let fits = match kind {
                Kind::Number {
                    mean, deviation, ..
                } => mean.is_finite() && deviation.is_finite() && *deviation > 0.0,
                Kind::Text { values } => values.is_sorted_by(|one, other| one < other),
            };
            if !fits {
                return Err(format!("column {} is damaged", quoted(name)));
            }
        }
        Ok(())
    }
}

pub(crate) const MISSING: &str =
    "is missing; fill it in, or set \"missing\" to \"mean\" or \"drop\"";
const DROPPED: &str = "is missing; the model was trained on rows without missing values";

fn standardised(text: &str, mean: f64, deviation: f64) -> Result<f32, String> {
    let Some(value) = number(text) else {
        return Err(format!("is {}, not a number", quoted(text)));
    };
    let value = ((value - mean) / deviation) as f32;
    if value.is_finite() {
        Ok(value)
    } else {
        Err(format!(
            "is {}, too far from the training rows",
            quoted(text)
        ))
    }
}

impl Kind {
    fn width(&self) -> usize {
        match self {
            Self::Number { .. } => 1,
            Self::Text { values } => values.len() + 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(missing: Missing) -> Columns {
        let column = |name: &str, kind| Column {
            name: name.to_owned(),
            kind,
        };
        Columns {
            label: "class".to_owned(),
            missing,
            features: vec![
                column(
                    "mass",
                    Kind::Number {
                        mean: 10.0,
                        deviation: 2.0,
                        least: 8.0,
                        most: 12.0,
                    },
                ),
                column(
                    "island",
                    Kind::Text {
                        values: ["", "Biscoe", "Dream"].map(str::to_owned).to_vec(),
                    },
                ),
            ],
        }
    }

    fn encoded(missing: Missing, cells: [&str; 2]) -> Result<(Vec<f32>, Noted), BadCell> {
        let mut numbers = Vec::new();
        let noted = columns(missing).encode(cells.into_iter(), &mut numbers)?;
        assert_eq!(numbers.len(), columns(missing).width());
        Ok((numbers, noted))
    }

    #[test]
    fn numbers_are_standardised_and_texts_are_one_hot() {
        let noted = |unknown, filled| Noted { unknown, filled };
        assert_eq!(
            encoded(Missing::Refuse, [" 13 ", "Dream"]),
            Ok((vec![1.5, 0.0, 0.0, 1.0, 0.0], noted(0, 0)))
        );
        assert_eq!(
            encoded(Missing::Refuse, ["10", "Torgersen"]),
            Ok((vec![0.0, 0.0, 0.0, 0.0, 1.0], noted(1, 0)))
        );
        assert_eq!(
            encoded(Missing::Mean, ["NA", ""]),
            Ok((vec![0.0, 1.0, 0.0, 0.0, 0.0], noted(0, 2)))
        );
    }

    #[test]
    fn a_row_comes_back() {
        let (numbers, _) = encoded(Missing::Refuse, ["13.5", "Dream"]).unwrap();
        let columns = columns(Missing::Refuse);
        assert_eq!(columns.decode(&numbers), "mass=13.5, island=Dream");
        let (numbers, _) = encoded(Missing::Refuse, ["13.5", "Rome"]).unwrap();
        assert_eq!(columns.decode(&numbers), "mass=13.5, island=?");
    }

    #[test]
    fn bad_cells_are_named() {
        for (missing, cells, feature, problem) in [
            (Missing::Refuse, ["10", "NA"], 1, "is missing; fill it in"),
            (Missing::Drop, ["", "Dream"], 0, "is missing; the model"),
            (Missing::Mean, ["ten", "Dream"], 0, "is `ten`, not a number"),
            (Missing::Mean, ["1e300", "Dream"], 0, "is `1e300`, too far"),
        ] {
            let bad = encoded(missing, cells).unwrap_err();
            assert_eq!(bad.feature, feature);
            assert!(bad.problem.starts_with(problem), "{}", bad.problem);
        }
    }

    #[test]
    fn a_changed_file_is_noticed() {
        let whole = columns(Missing::Refuse);
        assert_eq!(whole.check(), Ok(()));
        let mut twice = whole.clone();
        twice.features[1].name = "mass".to_owned();
        assert_eq!(twice.check().unwrap_err(), "two columns `mass`");
        let mut unsorted = whole.clone();
        if let Kind::Text { values } = &mut unsorted.features[1].kind {
            values.reverse();
        }
        assert_eq!(unsorted.check().unwrap_err(), "column `island` is damaged");
    }
}
