//! A person's own table: a CSV or TSV file with a row per example.
//!
//! The file is streamed three times: for the classes and the split, for the mean and deviation of
//! the training rows, and for the numbers. So it may be larger than the memory that its numbers take.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use rayon::prelude::*;
use spec::{DataSpec, InputSpec, Noticed, Problem, Split};

use crate::dataset::Dataset;
use crate::error::DataError;
use crate::examples::{Examples, Inputs};
use crate::own::{self, ClassNumbers};
use crate::preprocessing::Preprocessing;
use crate::progress::Progress;
use crate::settings;
use crate::source::{Places, Source, Validation};
use crate::split::duplicates;
use crate::table::block::Row;
use crate::table::columns::{Columns, MISSING, Missing, Noted};
use crate::table::file::TableFile;
use crate::table::fitting::{Feature, Fitting};
use crate::table::value::{present, quoted};

settings::own_data! {
    /// A table of your own: a CSV or TSV file whose first line names the columns. Columns of numbers
    /// are standardised, columns of texts become one-hot.
    pub struct Table {
        /// The file, relative to the config file's folder. It may be gzipped.
        pub train: PathBuf,
        /// The column of the class.
        pub label: String,
        /// The columns that the model reads; all others but the label if absent.
        #[serde(default)]
        pub features: Option<Vec<String>>,
        /// Columns whose values are texts even if they look like numbers, for instance postcodes.
        #[serde(default)]
        pub categorical: Vec<String>,
        /// What happens to missing values: nothing between two separators, `NA`, `N/A`, `NaN` or
        /// `null`. `refuse`, `mean` (in a column of texts, a text of their own) or `drop` their rows.
        #[serde(default)]
        pub missing: Missing,
    }
}

/// Rows that a thread takes at once.
const ROWS_AT_ONCE: usize = 256;

impl Source for Table {
    fn check(&self) -> Result<(), Problem> {
        self.check_split()?;
        let features = self.features.as_deref();
        if features.is_some_and(<[String]>::is_empty) {
            return Err(Problem::new("features", "names no column; remove the key"));
        }
        let mut seen = HashSet::new();
        let mut names = features.unwrap_or_default().iter();
        if let Some(name) = names.find(|name| !seen.insert(*name)) {
            let problem = format!("names {} twice; remove one", quoted(name));
            return Err(Problem::new("features", problem));
        }
        if features.unwrap_or_default().contains(&self.label) {
            let problem = format!("holds the label {}; remove it", quoted(&self.label));
            return Err(Problem::new("features", problem));
        }
        let unread = |name: &&String| features.is_some_and(|features| !features.contains(name));
        if let Some(name) = self.categorical.iter().find(unread) {
            let problem = format!("{} is none of the features", quoted(name));
            return Err(Problem::new("categorical", problem));
        }
        Ok(())
    }

    fn validation(&self) -> Validation {
        settings::validation(self.validation_fraction, self.validate_on_test)
    }

    fn path_keys(&self) -> &'static [&'static str] {
        &["train", "test"]
    }

    fn load(&self, places: &Places, _: &mut dyn FnMut(Progress)) -> Result<Dataset, DataError> {
        let path = places.config_folder.join(&self.train);
        let file = TableFile::open(&path, "data.table.train")?;
        let names = self.feature_names(&file)?;
        let train = Part::new(self, file, &names)?;
        let scan = train.scan_training()?;
        let splits = own::splits(&path, &self.hold_out(), &scan.labels)?;
        let columns = train.fit(&scan, &splits)?;

        let mut encoded = Encoded::default();
        train.encode(&scan, &columns, |row| splits[row], &mut encoded)?;
        let mut dropped_rows = scan.dropped();
        if let Some(path) = &self.test {
            let path = places.config_folder.join(path);
            let test = Part::new(self, TableFile::open(&path, "data.table.test")?, &names)?;
            let scan = test.scan(&scan.classes)?;
            test.encode(&scan, &columns, |_| Split::Test, &mut encoded)?;
            dropped_rows += scan.dropped();
        }
        let [train, validation, test] = encoded.examples(columns.width());
        Ok(Dataset {
            name: own::name(&self.train),
            spec: DataSpec {
                input: InputSpec::Dense {
                    shape: vec![columns.width()],
                },
                classes: scan.classes,
            },
            noticed: Some(Noticed {
                test_in_train: duplicates(&train, &test),
                skipped_files: 0,
                dropped_rows,
                filled_values: encoded.filled,
                unknown_values: encoded.unknown,
            }),
            train,
            validation: Some(validation).filter(|held| !held.is_empty()),
            test,
            preprocessing: Preprocessing::Columns(columns),
            splits: Some(splits),
        })
    }
}

impl Table {
    /// The columns to read, those of the training file.
    fn feature_names(&self, file: &TableFile) -> Result<Vec<String>, DataError> {
        file.place(&self.label)?;
        for name in &self.categorical {
            file.place(name)?;
        }
        let others = || file.header.iter().filter(|name| **name != self.label);
        let names = match &self.features {
            Some(names) => names.clone(),
            None => others().cloned().collect(),
        };
        if names.is_empty() {
            let problem = "no column but the label; add one to learn from";
            return Err(DataError::own(&file.path, problem));
        }
        Ok(names)
    }
}

/// One of the table's files, with the positions of the columns that the config names.
struct Part {
    file: TableFile,
    label: usize,
    label_name: String,
    features: Vec<Feature>,
    missing: Missing,
}

/// The classes of a file's rows.
struct Scan {
    /// The names of the classes, sorted.
    classes: Vec<String>,
    /// The class of each row that is read.
    labels: Vec<u16>,
    /// Whether each row of the file is read.
    is_read: Vec<bool>,
}

impl Scan {
    fn dropped(&self) -> usize {
        self.is_read.len() - self.labels.len()
    }
}

impl Part {
    /// A file with columns of these names beside the label.
    fn new(table: &Table, file: TableFile, names: &[String]) -> Result<Self, DataError> {
        let features = names.iter().map(|name| {
            Ok(Feature {
                column: file.place(name)?,
                is_categorical: table.categorical.contains(name),
            })
        });
        Ok(Self {
            features: features.collect::<Result<_, DataError>>()?,
            label: file.place(&table.label)?,
            label_name: table.label.clone(),
            missing: table.missing,
            file,
        })
    }

    /// Reads the classes of the training file.
    fn scan_training(&self) -> Result<Scan, DataError> {
        let mut numbers = ClassNumbers::default();
        let mut scan = self.scan_with(|row, class| {
            let number = numbers.number(class);
            number.ok_or_else(|| {
                let problem = format!("has {}", own::too_many_classes());
                row.bad_cell(self.label, &problem)
            })
        })?;
        let (classes, places) = numbers.sorted();
        let what = format!("column {}", quoted(&self.label_name));
        own::check_classes(&self.file.path, &what, &classes)?;
        for label in &mut scan.labels {
            *label = places[usize::from(*label)];
        }
        Ok(Scan { classes, ..scan })
    }

    /// Reads the classes of the test file, which must be among those of the training file.
    fn scan(&self, classes: &[String]) -> Result<Scan, DataError> {
        let numbers: HashMap<&str, u16> = classes.iter().map(String::as_str).zip(0..).collect();
        self.scan_with(|row, class| {
            numbers.get(class).copied().ok_or_else(|| {
                let problem = format!("is {}, a class without a training row", quoted(class));
                row.bad_cell(self.label, &problem)
            })
        })
    }

    /// Reads the classes; `number` numbers them.
    fn scan_with(
        &self,
        mut number: impl FnMut(Row, &str) -> Result<u16, DataError> + Send,
    ) -> Result<Scan, DataError> {
        let mut labels = Vec::new();
        let mut is_read = Vec::new();
        self.file.for_each_block(|block| {
            let missing: Vec<Result<bool, DataError>> = (0..block.len())
                .into_par_iter()
                .with_min_len(ROWS_AT_ONCE)
                .map(|row| self.missing_in(block.row(row)))
                .collect();
            for (row, has_missing) in block.rows().zip(missing) {
                let has_missing = has_missing?;
                is_read.push(!has_missing);
                if !has_missing {
                    // The label is not missing, too.
                    let class = row.cell(self.label)?.trim();
                    labels.push(number(row, class)?);
                }
            }
            Ok(())
        })?;
        if labels.is_empty() {
            return Err(DataError::own(&self.file.path, "no rows to read; add some"));
        }
        Ok(Scan {
            classes: Vec::new(),
            labels,
            is_read,
        })
    }

    /// Whether the row is left out because a value is missing.
    fn missing_in(&self, row: Row) -> Result<bool, DataError> {
        let is_missing = |column| Ok::<bool, DataError>(present(row.cell(column)?).is_none());
        if is_missing(self.label)? {
            return match self.missing {
                Missing::Drop => Ok(true),
                Missing::Refuse | Missing::Mean => Err(row.bad_cell(
                    self.label,
                    "is missing; fill it in, or set \"missing\" to \"drop\"",
                )),
            };
        }
        if self.missing == Missing::Mean {
            return Ok(false);
        }
        for feature in &self.features {
            if is_missing(feature.column)? {
                return match self.missing {
                    Missing::Refuse => Err(row.bad_cell(feature.column, MISSING)),
                    Missing::Drop | Missing::Mean => Ok(true),
                };
            }
        }
        Ok(false)
    }

    /// Calls `action` with the rows that are read, each with its number among them, many at once.
    fn for_each_read(
        &self,
        scan: &Scan,
        mut action: impl FnMut(&[(usize, Row)]) -> Result<(), DataError> + Send,
    ) -> Result<(), DataError> {
        let mut read = 0;
        let mut seen = 0;
        let changed = || DataError::own(&self.file.path, "changed while it was read; try again");
        self.file.for_each_block(|block| {
            seen += block.len();
            let is_read = scan
                .is_read
                .get(seen - block.len()..seen)
                .ok_or_else(changed)?;
            let rows = block.rows().zip(is_read).filter(|(_, is_read)| **is_read);
            let rows: Vec<(usize, Row)> = (read..).zip(rows.map(|(row, _)| row)).collect();
            read += rows.len();
            action(&rows)
        })?;
        if seen < scan.is_read.len() {
            return Err(changed());
        }
        Ok(())
    }

    /// Finds out what the columns of the training rows hold.
    fn fit(&self, scan: &Scan, splits: &[Split]) -> Result<Columns, DataError> {
        let mut fitting = Fitting::new(self.label_name.clone(), self.missing, &self.features);
        self.for_each_read(scan, |rows| {
            let rows = rows
                .iter()
                .filter(|(number, _)| splits[*number] == Split::Train);
            let rows: Vec<Row> = rows.map(|(_, row)| *row).collect();
            fitting.add(&rows)
        })?;
        fitting.finish(&self.file)
    }

    /// Appends the numbers of each row to those of its split.
    fn encode(
        &self,
        scan: &Scan,
        columns: &Columns,
        split: impl Fn(usize) -> Split + Sync,
        encoded: &mut Encoded,
    ) -> Result<(), DataError> {
        let width = columns.width();
        for number in 0..scan.labels.len() {
            encoded.parts[split(number) as usize].expected += 1;
        }
        for part in &mut encoded.parts {
            part.numbers.reserve_exact(part.expected * width);
            part.expected = 0;
        }
        self.for_each_read(scan, |rows| {
            let some_rows: Vec<_> = rows
                .par_chunks(ROWS_AT_ONCE)
                .map(|rows| self.encoded(columns, rows))
                .collect();
            for (rows, some) in rows.chunks(ROWS_AT_ONCE).zip(some_rows) {
                let (numbers, noted) = some?;
                for ((number, _), numbers) in rows.iter().zip(numbers.chunks_exact(width)) {
                    let part = &mut encoded.parts[split(*number) as usize];
                    part.numbers.extend_from_slice(numbers);
                    part.labels.push(scan.labels[*number]);
                }
                encoded.filled += noted.filled;
                encoded.unknown += noted.unknown;
            }
            Ok(())
        })
    }

    /// The numbers of some rows, one after another.
    fn encoded(
        &self,
        columns: &Columns,
        rows: &[(usize, Row)],
    ) -> Result<(Vec<f32>, Noted), DataError> {
        let mut numbers = Vec::with_capacity(rows.len() * columns.width());
        let mut noted = Noted::default();
        for (_, row) in rows {
            let cells = self.features.iter().map(|feature| row.cell(feature.column));
            let cells: Vec<&str> = cells.collect::<Result<_, DataError>>()?;
            let of_row = columns
                .encode(cells.into_iter(), &mut numbers)
                .map_err(|bad| row.bad_cell(self.features[bad.feature].column, &bad.problem))?;
            noted.filled += of_row.filled;
            noted.unknown += of_row.unknown;
        }
        Ok((numbers, noted))
    }
}

/// The encoded rows, by split.
#[derive(Default)]
struct Encoded {
    parts: [EncodedPart; Split::ALL.len()],
    filled: usize,
    unknown: usize,
}

#[derive(Default)]
struct EncodedPart {
    numbers: Vec<f32>,
    labels: Vec<u16>,
    /// Rows still to come.
    expected: usize,
}

impl Encoded {
    /// Training, validation and test examples.
    fn examples(&mut self, width: usize) -> [Examples; Split::ALL.len()] {
        std::mem::take(&mut self.parts)
            .map(|part| Examples::new(Inputs::Numbers(part.numbers), part.labels, width))
    }
}
