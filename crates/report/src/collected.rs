use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use compare::statistics::MeanAndDeviation;
use record::digest_of;
use serde::Deserialize;
use serde_json::{Map, Value};
use spec::{plain, system};

/// A sweep as written by `hearth sweep collect --json`: one line for each combination of values.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Collected {
    /// The file's name without extension.
    pub name: String,
    pub rows: Vec<Row>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Row {
    pub experiment: String,
    /// The values by key.
    pub values: Map<String, Value>,
    /// The number of finished runs, including diverged ones.
    pub runs: usize,
    pub diverged: usize,
    /// Absent if no examples were held out.
    pub validation_accuracy: Option<MeanAndDeviation>,
    /// As the accuracy.
    #[serde(rename = "validation_loss")]
    _validation_loss: Option<MeanAndDeviation>,
    /// Absent if no run was tested.
    pub test_accuracy: Option<MeanAndDeviation>,
    /// Absent if no run was tested.
    pub test_loss: Option<MeanAndDeviation>,
}

/// The most bytes of a file. That of the largest sweep has about half as many.
const MOST_BYTES: u64 = 16 << 20;

/// Reads the sweep in a file; `None` if its first line is not a sweep's.
pub(crate) fn read(path: &Path) -> Result<Option<Collected>, String> {
    let file = File::open(path).map_err(|error| system(&error))?;
    let mut reader = BufReader::new(file.take(MOST_BYTES + 1));
    let mut rows = Vec::new();
    for (number, line) in (1..).zip(reader.by_ref().lines()) {
        let is_row = |line: &str| line.contains("\"values\"") && line.contains("\"test_accuracy\"");
        match line {
            Ok(line) if number == 1 && !is_row(&line) => return Ok(None),
            Err(_) if number == 1 => return Ok(None),
            Ok(line) => rows.push(row(&line).map_err(|error| format!("line {number}: {error}"))?),
            Err(error) => return Err(format!("line {number}: {}", system(&error))),
        }
    }
    if reader.get_ref().limit() == 0 {
        let most = MOST_BYTES >> 20;
        return Err(format!(
            "larger than {most} MiB, which no collected sweep is"
        ));
    }
    let name = path.file_stem().unwrap_or_default();
    let name = name.to_string_lossy().into_owned();
    Ok((!rows.is_empty()).then_some(Collected { name, rows }))
}

fn row(line: &str) -> Result<Row, String> {
    let not_json = |error: serde_json::Error| plain(&error.to_string());
    let mut row: Map<String, Value> = serde_json::from_str(line).map_err(not_json)?;
    match row.remove("seal") {
        None => return Err("no seal; collect the sweep again with this version".to_owned()),
        Some(seal) if digest_of(&row).is_ok_and(|digest| seal == digest) => {}
        Some(_) => return Err("digest mismatch: the line was changed or damaged".to_owned()),
    }
    serde_json::from_value(row.into()).map_err(not_json)
}
