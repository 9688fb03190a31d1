//! Finding out from the training rows what the columns of a table hold.

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::error::DataError;
use crate::table::block::Row;
use crate::table::columns::{Column, Columns, Kind, Missing, NO_TEXT};
use crate::table::file::TableFile;
use crate::table::value::{comma_problem, is_number_with_comma, number, present, quoted};

/// The most texts of a column that are told apart.
pub(crate) const MOST_TEXTS: usize = 1000;
/// A column with more texts than this is checked for being an identifier.
pub(crate) const FEW_TEXTS: usize = 20;

/// The columns of the rows seen so far.
pub(crate) struct Fitting {
    label: String,
    missing: Missing,
    columns: Vec<Fitted>,
    rows: usize,
}

/// A feature's column in a file.
#[derive(Clone, Debug)]
pub(crate) struct Feature {
    /// Its position in the file.
    pub column: usize,
    /// Whether its values are texts even if they look like numbers.
    pub is_categorical: bool,
}

struct Fitted {
    feature: Feature,
    numbers: Moments,
    texts: BTreeSet<String>,
    has_missing: bool,
    /// The first value and its line.
    first: Option<(String, u64)>,
}

impl Fitting {
    pub fn new(label: String, missing: Missing, features: &[Feature]) -> Self {
        let columns = features.iter().map(|feature| Fitted {
            feature: feature.clone(),
            numbers: Moments::default(),
            texts: BTreeSet::new(),
            has_missing: false,
            first: None,
        });
        Self {
            label,
            missing,
            columns: columns.collect(),
            rows: 0,
        }
    }

    /// Adds the next training rows.
    ///
    /// # Errors
    ///
    /// About the first cell that does not fit.
    pub fn add(&mut self, rows: &[Row]) -> Result<(), DataError> {
        self.rows += rows.len();
        // Each column takes the rows one by one, so its mean does not depend on the number of threads.
        let misfits = self.columns.par_iter_mut().filter_map(|column| {
            let add = |(place, row): (usize, &Row)| Some((place, column.add(*row).err()?));
            rows.iter().enumerate().find_map(add)
        });
        let misfits: Vec<(usize, DataError)> = misfits.collect();
        match misfits.into_iter().min_by_key(|(place, _)| *place) {
            Some((_, first)) => Err(first),
            None => Ok(()),
        }
    }

    /// The columns, once all training rows are added.
    pub fn finish(self, file: &TableFile) -> Result<Columns, DataError> {
        let features = self.columns.into_iter().map(|column| {
            let name = file.header[column.feature.column].clone();
            let bad = |problem: String| {
                let problem = format!("column {} {problem}", quoted(&name));
                DataError::own(&file.path, problem)
            };
            let kind = column.kind(self.rows, self.missing).map_err(bad)?;
            Ok(Column { name, kind })
        });
        Ok(Columns {
            label: self.label,
            missing: self.missing,
            features: features.collect::<Result<_, DataError>>()?,
        })
    }
}

impl Fitted {
    fn add(&mut self, row: Row) -> Result<(), DataError> {
        let Feature {
            column,
            is_categorical,
        } = self.feature;
        let Some(text) = present(row.cell(column)?) else {
            self.has_missing = true;
            return Ok(());
        };
        if !is_categorical && is_number_with_comma(text) {
            return Err(row.bad_cell(column, &comma_problem(text)));
        }
        match number(text) {
            Some(value) if !is_categorical => self.numbers.add(value),
            _ if self.texts.contains(text) => {}
            _ => {
                self.texts.insert(text.to_owned());
            }
        }
        let (first, line) = self
            .first
            .get_or_insert_with(|| (text.to_owned(), row.line));
        if self.numbers.count > 0 && !self.texts.is_empty() {
            let problem = format!(
                "is {}, but {} on line {line}: only one of them is a number; correct the other, or \
                 list the column in \"categorical\"",
                quoted(text),
                quoted(first)
            );
            return Err(row.bad_cell(column, &problem));
        }
        if self.texts.len() > MOST_TEXTS {
            let problem = format!(
                "has over {MOST_TEXTS} different texts; leave it out: list the others in \"features\""
            );
            return Err(row.bad_cell(column, &problem));
        }
        Ok(())
    }

    fn kind(self, rows: usize, missing: Missing) -> Result<Kind, String> {
        let texts = self.texts.len();
        if self.numbers.count > 0 {
            return Ok(self.numbers.kind());
        }
        if texts == 0 {
            return Err("has no value in the training rows; leave it out".to_owned());
        }
        if texts > FEW_TEXTS && 2 * texts > rows {
            return Err(format!(
                "has {texts} different texts in {rows} training rows, as an identifier has; leave it \
                 out: list the others in \"features\""
            ));
        }
        let mut texts = self.texts;
        if self.has_missing && missing == Missing::Mean {
            texts.insert(NO_TEXT.to_owned());
        }
        Ok(Kind::Text {
            values: texts.into_iter().collect(),
        })
    }
}

/// Mean and variance, updated number by number (Welford, 1962).
#[derive(Clone, Copy, Debug, Default)]
struct Moments {
    count: usize,
    mean: f64,
    /// The sum of squared distances from the mean.
    squares: f64,
    least: f64,
    most: f64,
}

impl Moments {
    fn add(&mut self, value: f64) {
        if self.count == 0 {
            (self.least, self.most) = (value, value);
        }
        self.count += 1;
        let distance = value - self.mean;
        self.mean += distance / self.count as f64;
        self.squares += distance * (value - self.mean);
        self.least = self.least.min(value);
        self.most = self.most.max(value);
    }

    fn kind(&self) -> Kind {
        let deviation = (self.squares / self.count as f64).sqrt();
        Kind::Number {
            mean: self.mean,
            // All values are the same, or so close that only rounding tells them apart.
            deviation: if deviation > 1e-12 * self.mean.abs() && deviation.is_normal() {
                deviation
            } else {
                1.0
            },
            least: self.least,
            most: self.most,
        }
    }
}
