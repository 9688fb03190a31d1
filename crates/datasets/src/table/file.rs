//! Reading a CSV or TSV file row by row.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use csv::{ByteRecord, Reader, ReaderBuilder};

use spec::unknown;

use crate::error::DataError;
use crate::files;
use crate::table::block::{Block, Blocks, Row};
use crate::table::value::quoted;

/// A table's file: its columns, and how its cells are separated.
#[derive(Clone, Debug)]
pub(crate) struct TableFile {
    pub path: PathBuf,
    pub header: Vec<String>,
    separator: u8,
}

/// The longest header that is looked at for separators.
const MOST_HEADER_BYTES: u64 = 1 << 20;
/// The separators that are recognised, the most usual first.
const SEPARATORS: [u8; 3] = [b',', b'\t', b';'];

impl TableFile {
    /// Opens a file and reads its header. The separator is the one of comma, tab and semicolon that
    /// the header has most of, and for `.tsv` a tab. A name that ends in `.gz` is unzipped.
    ///
    /// # Errors
    ///
    /// If there is no such file, or no header with distinct names in UTF-8.
    pub fn open(path: &Path, key: &'static str) -> Result<Self, DataError> {
        let metadata = match std::fs::metadata(path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let path = path.to_owned();
                return Err(DataError::NotFound { path, key });
            }
            Err(error) => return Err(DataError::io(path)(error)),
        };
        if !metadata.is_file() {
            return Err(DataError::own(path, "not a file; name a CSV or TSV file"));
        }
        let separator = separator(path)?;
        let mut file = Self {
            path: path.to_owned(),
            header: Vec::new(),
            separator,
        };
        let mut names = ByteRecord::new();
        let mut reader = file.reader()?;
        reader
            .read_byte_record(&mut names)
            .map_err(|error| file.bad(error))?;
        if names.is_empty() {
            return Err(DataError::own(
                path,
                "empty; its first line must name the columns",
            ));
        }
        let mut seen = HashMap::new();
        for (column, name) in names.iter().enumerate() {
            let name = str::from_utf8(name).map_err(|_| file.not_utf8(1, column))?;
            let name = name.trim().to_owned();
            if name.is_empty() {
                let problem = format!(
                    "column {} has no name; name it in the first line",
                    column + 1
                );
                return Err(DataError::own(path, problem));
            }
            if let Some(before) = seen.insert(name.clone(), column + 1) {
                let problem = format!(
                    "columns {before} and {} are both named {}; rename one",
                    column + 1,
                    quoted(&name)
                );
                return Err(DataError::own(path, problem));
            }
            file.header.push(name);
        }
        Ok(file)
    }

    /// The position of a column.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|column| column == name)
    }

    /// The position of a column that must be there.
    ///
    /// # Errors
    ///
    /// If it is not.
    pub fn place(&self, name: &str) -> Result<usize, DataError> {
        let unknown = || DataError::own(&self.path, unknown("column", name, &self.header));
        self.column(name).ok_or_else(unknown)
    }

    /// Calls `action` with each row below the header. Empty lines are passed over.
    ///
    /// # Errors
    ///
    /// The first of `action`, or if the file cannot be read or a row has another number of cells than
    /// the header.
    pub fn for_each_row<E: From<DataError>>(
        &self,
        mut action: impl FnMut(Row) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut blocks = Blocks::new(self, self.reader()?);
        while let Some(block) = blocks.next()? {
            block.rows().try_for_each(&mut action)?;
        }
        Ok(())
    }

    /// Like [`for_each_row`](Self::for_each_row), but with many rows at once, and while `action` is
    /// busy with some, the next ones are read.
    ///
    /// # Errors
    ///
    /// Those of [`for_each_row`](Self::for_each_row).
    pub fn for_each_block(
        &self,
        mut action: impl FnMut(&Block) -> Result<(), DataError> + Send,
    ) -> Result<(), DataError> {
        let mut blocks = Blocks::new(self, self.reader()?);
        let mut next = blocks.next();
        while let Some(block) = next? {
            let done;
            (next, done) = rayon::join(|| blocks.next(), || action(&block));
            done?;
        }
        Ok(())
    }

    fn reader(&self) -> Result<Reader<Box<dyn Read + Send>>, DataError> {
        let file = files::opened(&self.path)?;
        Ok(ReaderBuilder::new()
            .delimiter(self.separator)
            .has_headers(false)
            .buffer_capacity(1 << 16)
            .from_reader(file))
    }

    pub(super) fn bad(&self, error: csv::Error) -> DataError {
        let line = error.position().map_or(0, csv::Position::line);
        match error.into_kind() {
            csv::ErrorKind::UnequalLengths {
                expected_len, len, ..
            } => self.at(
                line,
                format!(
                    "{len} {}, the header has {expected_len}; quote cells that contain the separator \
                     or a line break, and close every quote",
                    if len == 1 { "cell" } else { "cells" }
                ),
            ),
            csv::ErrorKind::Io(error) => DataError::unreadable_own(&self.path, &error),
            // The enum is open; records of bytes have no other errors.
            other @ (csv::ErrorKind::Utf8 { .. }
            | csv::ErrorKind::Seek
            | csv::ErrorKind::Serialize(_)
            | csv::ErrorKind::Deserialize { .. }
            | _) => DataError::own(&self.path, format!("unreadable: {other:?}")),
        }
    }

    /// An error about a line.
    pub fn at(&self, line: u64, problem: impl Into<String>) -> DataError {
        DataError::Own {
            place: format!("{}:{line}", self.path.display()),
            problem: problem.into(),
        }
    }

    pub(super) fn not_utf8(&self, line: u64, column: usize) -> DataError {
        self.at(
            line,
            format!(
                "column {} is not UTF-8 text; save the file as UTF-8",
                column + 1
            ),
        )
    }
}

/// The separator of a file's cells.
fn separator(path: &Path) -> Result<u8, DataError> {
    let mut header = Vec::new();
    let file = files::opened(path)?.take(MOST_HEADER_BYTES);
    BufReader::new(file)
        .read_until(b'\n', &mut header)
        .map_err(|error| DataError::unreadable_own(path, &error))?;
    if header.starts_with(&[0xff, 0xfe]) || header.starts_with(&[0xfe, 0xff]) {
        return Err(DataError::own(path, "UTF-16 text; save it as UTF-8"));
    }
    if header.contains(&0) {
        return Err(DataError::own(
            path,
            "not a text file; name a CSV or TSV file",
        ));
    }
    let name = path.to_string_lossy().to_lowercase();
    let name = name.trim_end_matches(".gz");
    if name.ends_with(".tsv") {
        return Ok(b'\t');
    }
    if name.ends_with(".json") {
        let problem =
            "JSON, not a table; write one object per line into a file that ends in .jsonl";
        return Err(DataError::own(path, problem));
    }
    let mut counts = [0; SEPARATORS.len()];
    let mut is_quoted = false;
    for byte in header {
        if byte == b'"' {
            is_quoted = !is_quoted;
        }
        if let (false, Some(index)) = (
            is_quoted,
            SEPARATORS.iter().position(|&other| other == byte),
        ) {
            counts[index] += 1;
        }
    }
    // The first of equals, so a comma if there is none.
    let most = counts.iter().max().copied().unwrap_or(0);
    let index = counts.iter().position(|&count| count == most).unwrap_or(0);
    Ok(SEPARATORS[index])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, content: &[u8]) -> Result<(Vec<String>, Vec<Vec<String>>), String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        let read = || {
            let file = TableFile::open(&path, "data.table.train")?;
            let mut rows = Vec::new();
            file.for_each_row(|row| {
                let cells = (0..file.header.len()).map(|column| Ok(row.cell(column)?.to_owned()));
                rows.push(cells.collect::<Result<_, DataError>>()?);
                Ok::<(), DataError>(())
            })?;
            Ok((file.header, rows))
        };
        read().map_err(|error: DataError| {
            let folder = format!("{}/", folder.path().display());
            error.to_string().replace(&folder, "")
        })
    }

    #[test]
    fn the_forms_that_programs_write_give_the_same_cells() {
        let expected = (
            vec!["a".to_owned(), "b c".to_owned()],
            vec![
                vec!["1".to_owned(), "x, y".to_owned()],
                vec!["2".to_owned(), "\"z\"\nw".to_owned()],
            ],
        );
        let plain = "a,b c\n1,\"x, y\"\n2,\"\"\"z\"\"\nw\"\n";
        let forms: [(&str, Vec<u8>); 7] = [
            ("t.csv", plain.into()),
            ("t.csv", plain.trim_end().into()),
            ("t.csv", format!("\u{feff}{plain}").into()),
            ("t.csv", format!("{plain}\n\n").into()),
            ("t.tsv", "a\tb c\n1\tx, y\n2\t\"\"\"z\"\"\nw\"\n".into()),
            (
                "T.CSV",
                "\"a\";\"b c\"\r\n1;\"x, y\"\r\n2;\"\"\"z\"\"\nw\"\r\n".into(),
            ),
            ("t.csv.gz", crate::idx::tests::gzip(plain.as_bytes())),
        ];
        for (name, content) in forms {
            assert_eq!(read(name, &content), Ok(expected.clone()), "{content:?}");
        }
        let one_column = read("t.csv", b"a\n1\n");
        assert_eq!(one_column.unwrap().0, ["a"]);
    }

    #[test]
    fn errors_name_the_line_and_the_remedy() {
        let cases: [(&str, &[u8], &str); 9] = [
            (
                "t.csv",
                b"",
                "t.csv: empty; its first line must name the columns",
            ),
            (
                "t.csv",
                b"a,b\n1,2\n3\n",
                "t.csv:3: 1 cell, the header has 2; quote",
            ),
            (
                "t.csv",
                b"a,a\n",
                "t.csv: columns 1 and 2 are both named `a`; rename one",
            ),
            ("t.csv", b"a,,c\n", "t.csv: column 2 has no name"),
            (
                "t.csv",
                b"a,b\n1,\xe9\n",
                "t.csv:2: column 2 is not UTF-8 text; save",
            ),
            (
                "t.csv",
                b"\xff\xfea\0,\0b\0",
                "t.csv: UTF-16 text; save it as UTF-8",
            ),
            ("t.csv", b"PK\x03\x04\0\0", "t.csv: not a text file; name"),
            (
                "t.csv.gz",
                b"a,b\n1,2\n3,4\n5,6\n",
                "t.csv.gz: unreadable: ",
            ),
            ("t.csv.gz", b"\x1f\x8b\x08\0\0\0\0\0", "t.csv.gz: truncated"),
        ];
        for (name, content, expected) in cases {
            let error = read(name, content).unwrap_err();
            assert!(error.starts_with(expected), "{error}");
            assert_eq!(error.lines().count(), 1, "{error}");
        }
        let missing = TableFile::open(Path::new("no/such.csv"), "data.table.train").unwrap_err();
        assert_eq!(
            missing.to_string(),
            "no/such.csv: not found; data.table.train is relative to the config file's folder, or to \
             --config-dir for a finished run"
        );
    }
}
