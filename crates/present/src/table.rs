//! Tables that are filled once and then written as aligned text, Markdown, or CSV.

mod csv;
mod markdown;
mod text;

use record::printable;

pub use self::csv::csv_of;

/// A table of texts and numbers.
///
/// ```
/// use present::{Column, Table};
///
/// let mut table = Table::new([Column::text("experiment"), Column::number("test loss")]);
/// table.add([Some("mnist-l2".to_owned()), Some("0.1252".to_owned())]);
/// table.add([Some("mnist-l1".to_owned()), None]);
/// assert_eq!(
///     table.text(),
///     "experiment  test loss\n\
///      mnist-l2       0.1252\n\
///      mnist-l1            -\n"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
}

/// A column of a [`Table`]: its title, and whether it holds numbers, which are aligned right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    title: String,
    holds: Content,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Content {
    Texts,
    Numbers,
}

impl Column {
    /// A column that is aligned left.
    pub fn text(title: impl AsRef<str>) -> Self {
        Self::new(title.as_ref(), Content::Texts)
    }

    /// A column that is aligned right.
    pub fn number(title: impl AsRef<str>) -> Self {
        Self::new(title.as_ref(), Content::Numbers)
    }

    fn new(title: &str, holds: Content) -> Self {
        Self {
            title: printable(title),
            holds,
        }
    }

    fn is_number(&self) -> bool {
        self.holds == Content::Numbers
    }
}

/// A cell of a [`Table`], made from a text or an `Option`. A missing value is a dash in text and
/// Markdown, and empty in CSV.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell(Option<String>);

impl Cell {
    /// The text, or a dash if it is missing.
    fn or_dash(&self) -> &str {
        self.0.as_deref().unwrap_or("-")
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Some(text).into()
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Some(text).into()
    }
}

// Names and configs come from files. They must not break a row or control the terminal.
impl From<Option<&str>> for Cell {
    fn from(text: Option<&str>) -> Self {
        Self(text.map(printable))
    }
}

impl From<Option<String>> for Cell {
    fn from(text: Option<String>) -> Self {
        text.as_deref().into()
    }
}

impl Table {
    /// Creates a table without rows.
    pub fn new(columns: impl IntoIterator<Item = Column>) -> Self {
        Self {
            columns: columns.into_iter().collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row, with one cell per column. Escapes control characters.
    pub fn add<C: Into<Cell>>(&mut self, row: impl IntoIterator<Item = C>) {
        let row: Vec<Cell> = row.into_iter().map(Into::into).collect();
        debug_assert_eq!(row.len(), self.columns.len(), "one cell per column");
        self.rows.push(row);
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// For a terminal: aligned columns, two spaces apart, without trailing spaces.
    pub fn text(&self) -> String {
        text::write(self)
    }

    /// For a README: pipes within cells are escaped.
    pub fn markdown(&self) -> String {
        markdown::write(self)
    }

    /// For a spreadsheet: quoted where necessary.
    pub fn csv(&self) -> String {
        csv::header(self) + &self.csv_rows()
    }

    /// The same without the header, to go below another table of the same columns.
    pub fn csv_rows(&self) -> String {
        csv::rows(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new([Column::text("name"), Column::number("n|m")]);
        table.add(["a|b, \"c\"", "1,000"]);
        table.add([Some("\u{1b}[2J"), None]);
        table
    }

    #[test]
    fn text_is_aligned_and_steers_no_terminal() {
        let expected = "name         n|m\na|b, \"c\"   1,000\n\\u{1b}[2J      -\n";
        assert_eq!(table().text(), expected);
    }

    #[test]
    fn markdown_keeps_its_columns() {
        let expected = "| name | n\\|m |\n|---|---:|\n\
                        | a\\|b, \"c\" | 1,000 |\n| \\u{1b}[2J | - |\n";
        assert_eq!(table().markdown(), expected);
    }

    #[test]
    fn csv_quotes_what_needs_it() {
        let expected = "name,n|m\n\"a|b, \"\"c\"\"\",\"1,000\"\n\\u{1b}[2J,\n";
        assert_eq!(table().csv(), expected);
        let rows = expected.strip_prefix("name,n|m\n").unwrap();
        assert_eq!(table().csv_rows(), rows);
    }

    #[test]
    fn a_table_without_rows_is_its_header() {
        let table = Table::new([Column::text("name"), Column::number("n")]);
        assert!(table.is_empty());
        assert_eq!(table.text(), "name  n\n");
        assert_eq!(table.csv(), "name,n\n");
    }
}
