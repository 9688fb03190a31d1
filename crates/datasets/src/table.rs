//! Tables: CSV and TSV files, and their columns as numbers.

pub(crate) mod block;
pub mod columns;
pub(crate) mod file;
pub(crate) mod fitting;
pub(crate) mod value;

use std::path::Path;

use crate::error::DataError;
use crate::table::columns::{Columns, Noted};
use crate::table::file::TableFile;

/// Reads the rows of a further table, found by the columns' names. `on_row` gets each row's line, and its
/// numbers with what was noted in it, or why it has none.
///
/// # Errors
///
/// The first of `on_row`, or if the file cannot be read as a table or lacks a column.
pub fn read_rows<E: From<DataError>>(
    path: &Path,
    columns: &Columns,
    mut on_row: impl FnMut(u64, Result<(Noted, Vec<f32>), DataError>) -> Result<(), E>,
) -> Result<(), E> {
    let file = TableFile::open(path, "--csv")?;
    let places = columns
        .features
        .iter()
        .map(|column| file.place(&column.name));
    let places: Vec<usize> = places.collect::<Result<_, _>>()?;
    file.for_each_row(|row| {
        let mut numbers = Vec::new();
        let cells: Result<Vec<&str>, DataError> =
            places.iter().map(|&place| row.cell(place)).collect();
        let noted = cells.and_then(|cells| {
            let noted = columns.encode(cells.into_iter(), &mut numbers);
            noted.map_err(|bad| row.bad_cell(places[bad.feature], &bad.problem))
        });
        on_row(row.line, noted.map(|noted| (noted, numbers)))
    })
}
