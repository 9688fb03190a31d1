//! A table's rows, read in blocks.

use std::io::Read;
use std::ops::Range;

use csv::{ByteRecord, Reader};

use crate::error::DataError;
use crate::table::file::TableFile;
use crate::table::value::quoted;

/// A block ends with the row that brings it to this number of bytes or cells.
const ENOUGH_BYTES: usize = 1 << 18;
const ENOUGH_CELLS: usize = 1 << 16;

/// Consecutive rows of a table.
pub(crate) struct Block<'a> {
    file: &'a TableFile,
    /// All cells, one after another.
    content: Content,
    /// The end of each cell, row by row.
    ends: Vec<usize>,
    /// The line on which each row begins.
    lines: Vec<u64>,
}

/// The cells of a block: checked once in a well-formed file, where checking each cell would take longer.
enum Content {
    Utf8(String),
    Other(Vec<u8>),
}

impl Block<'_> {
    /// The number of rows.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// A row, counted from 0 in this block.
    pub fn row(&self, row: usize) -> Row<'_> {
        Row {
            file: self.file,
            line: self.lines[row],
            cells: &self.ends[row * self.file.header.len()..][..self.file.header.len()],
            begin: match row * self.file.header.len() {
                0 => 0,
                cell => self.ends[cell - 1],
            },
            content: &self.content,
        }
    }

    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        (0..self.len()).map(|row| self.row(row))
    }
}

/// A row of a table.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    pub file: &'a TableFile,
    /// The line on which it begins, counted from 1.
    pub line: u64,
    /// The beginning of its first cell.
    begin: usize,
    /// The end of each cell.
    cells: &'a [usize],
    content: &'a Content,
}

impl<'a> Row<'a> {
    /// The text in a column.
    ///
    /// # Errors
    ///
    /// If it is not UTF-8.
    pub fn cell(&self, column: usize) -> Result<&'a str, DataError> {
        let begin = match column {
            0 => self.begin,
            _ => self.cells[column - 1],
        };
        let place = begin..self.cells[column];
        let not_utf8 = || self.file.not_utf8(self.line, column);
        self.content.get(place).ok_or_else(not_utf8)
    }

    /// An error about a cell.
    pub fn bad_cell(&self, column: usize, problem: &str) -> DataError {
        let name = quoted(&self.file.header[column]);
        self.file.at(self.line, format!("column {name} {problem}"))
    }
}

impl Content {
    /// The text in a cell; `None` if it is not UTF-8.
    fn get(&self, place: Range<usize>) -> Option<&str> {
        match self {
            // Two halves of a letter in neighbouring cells are UTF-8 together, but not alone.
            Self::Utf8(text) => text.get(place),
            Self::Other(bytes) => str::from_utf8(&bytes[place]).ok(),
        }
    }
}

/// Reads the rows below a table's header.
pub(crate) struct Blocks<'a> {
    file: &'a TableFile,
    reader: Reader<Box<dyn Read + Send>>,
    /// What comes after the last block.
    error: Option<DataError>,
    has_header: bool,
}

impl<'a> Blocks<'a> {
    /// The rows that a reader at the file's beginning gives. Empty lines are passed over.
    pub fn new(file: &'a TableFile, reader: Reader<Box<dyn Read + Send>>) -> Self {
        Self {
            file,
            reader,
            error: None,
            has_header: true,
        }
    }

    /// The next rows; `None` after the last.
    ///
    /// # Errors
    ///
    /// If the file cannot be read or a row has another number of cells than the header. The rows before
    /// it are in the blocks before.
    pub fn next(&mut self) -> Result<Option<Block<'a>>, DataError> {
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        let mut cells = ByteRecord::new();
        let mut bytes = Vec::with_capacity(ENOUGH_BYTES);
        let (mut ends, mut lines) = (Vec::new(), Vec::new());
        while bytes.len() < ENOUGH_BYTES && ends.len() < ENOUGH_CELLS {
            match self.reader.read_byte_record(&mut cells) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    self.error = Some(self.file.bad(error));
                    break;
                }
            }
            if std::mem::take(&mut self.has_header) {
                continue;
            }
            lines.push(cells.position().map_or(0, csv::Position::line));
            let begin = bytes.len();
            bytes.extend_from_slice(cells.as_slice());
            ends.extend((0..cells.len()).filter_map(|cell| Some(begin + cells.range(cell)?.end)));
        }
        if lines.is_empty() {
            return self.error.take().map_or(Ok(None), Err);
        }
        Ok(Some(Block {
            file: self.file,
            content: String::from_utf8(bytes)
                .map_or_else(|error| Content::Other(error.into_bytes()), Content::Utf8),
            ends,
            lines,
        }))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// Lines with their first cells, and an error.
    type Read = (Vec<(u64, String)>, Option<String>);

    /// What is read from a file, row by row and in blocks.
    fn read(path: &Path) -> [Read; 2] {
        let file = TableFile::open(path, "data.table.train").unwrap();
        let mut row_by_row = Vec::new();
        let end = file.for_each_row(|row| {
            row_by_row.push((row.line, row.cell(0)?.to_owned()));
            Ok::<(), DataError>(())
        });
        let mut in_blocks = Vec::new();
        let end_of_blocks = file.for_each_block(|block| {
            for row in block.rows() {
                in_blocks.push((row.line, row.cell(0)?.to_owned()));
            }
            Ok(())
        });
        [(row_by_row, end), (in_blocks, end_of_blocks)]
            .map(|(rows, end)| (rows, end.err().map(|error| error.to_string())))
    }

    #[test]
    fn many_blocks_hold_the_rows_in_their_order() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.csv");
        for (cell, rows) in [("long ".repeat(100), 3_000), (String::new(), 90_000)] {
            let mut content = "a,b\n".to_owned();
            for row in 0..rows {
                content += &format!("{row}{cell},\n");
            }
            // An error comes after all rows before it.
            for (end, problem) in [
                ("", None),
                ("1,2,3\n", Some("3 cells")),
                ("\u{e9},\n", None),
            ] {
                std::fs::write(&path, format!("{content}{end}")).unwrap();
                let [one, other] = read(&path);
                assert_eq!(one, other);
                for (row, (line, text)) in one.0.iter().take(rows).enumerate() {
                    assert_eq!((*line, text), (row as u64 + 2, &format!("{row}{cell}")));
                }
                let found = one.1.as_deref();
                assert_eq!(found.is_some(), problem.is_some());
                assert!(problem.is_none_or(|problem| found.unwrap().contains(problem)));
                assert_eq!(one.0.len(), rows + usize::from(end.starts_with('\u{e9}')));
            }
        }
    }

    #[test]
    fn half_a_letter_is_no_text() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.csv");
        std::fs::write(&path, b"a,b\nx,y\n\xc3,\xa9\n").unwrap();
        for (rows, error) in read(&path) {
            assert_eq!(rows, [(2, "x".to_owned())]);
            assert!(error.unwrap().contains("t.csv:3: column 1 is not UTF-8"));
        }
    }
}
