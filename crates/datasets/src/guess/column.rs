//! What a column of a table, or a key of lines, seems to hold.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::table::fitting::{FEW_TEXTS, MOST_TEXTS};
use crate::table::value::{is_number_with_comma, number, present};

/// A column with more values than this is hardly the class.
const MOST_LABELS: usize = 100;
/// From this number of words on, a text is more than a name.
const FEW_WORDS: f64 = 4.0;

/// A column of a table, or a key of lines.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub name: String,
    pub numbers: usize,
    pub texts: usize,
    pub missing: usize,
    pub words: usize,
    /// Up to a few more than a class column may have.
    values: HashSet<String>,
    /// Whether a value came again.
    is_repeated: bool,
    /// Hashes of the values, until one came again and there are more than a column of texts may have.
    hashes: HashSet<u64>,
    /// The line and text of the first number written with a comma, and how many there are.
    pub first_comma: Option<(u64, String)>,
    pub with_comma: usize,
}

impl Seen {
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }

    pub fn add(&mut self, cell: &str, line: u64) {
        let Some(text) = present(cell) else {
            self.missing += 1;
            return;
        };
        if is_number_with_comma(text) {
            self.with_comma += 1;
            self.first_comma
                .get_or_insert_with(|| (line, text.to_owned()));
        }
        if number(text).is_some() {
            self.numbers += 1;
        } else {
            self.texts += 1;
        }
        self.words += text.split_whitespace().count();
        if self.values.len() <= MOST_LABELS && !self.values.contains(text) {
            self.values.insert(text.to_owned());
        }
        if !self.is_repeated || self.hashes.len() <= MOST_TEXTS {
            let mut hasher = DefaultHasher::new();
            text.hash(&mut hasher);
            self.is_repeated |= !self.hashes.insert(hasher.finish());
        }
    }

    pub fn count(&self) -> usize {
        self.numbers + self.texts
    }

    /// Whether it may be the class: a few values that come again and again.
    pub fn is_label(&self) -> bool {
        let values = self.values.len();
        (2..=MOST_LABELS).contains(&values) && 2 * values <= self.count() && self.missing == 0
    }

    fn words_per_value(&self) -> f64 {
        self.words as f64 / self.count().max(1) as f64
    }

    pub fn is_prose(&self) -> bool {
        self.texts > self.numbers && self.words_per_value() >= FEW_WORDS && self.values.len() > 20
    }

    /// Whether it only tells rows apart: texts that hardly come again, or a numbering.
    pub fn is_identifier(&self) -> bool {
        if self.texts > 0 {
            // More careful than the table's own rule: that one counts in the training rows alone.
            let texts = self.hashes.len();
            return texts > MOST_TEXTS || texts > FEW_TEXTS && 3 * texts > self.count();
        }
        let name = self.name.to_lowercase();
        let numbers_rows = [
            "id",
            "index",
            "row",
            "rownames",
            "unnamed: 0",
            "passengerid",
        ];
        !self.is_repeated && (numbers_rows.contains(&name.as_str()) || name.ends_with("_id"))
    }
}
