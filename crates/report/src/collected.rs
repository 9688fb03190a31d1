use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use compare::statistics::MeanAndDeviation;
use serde::Deserialize;
use serde_json::{Map, Value};

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
    /// Absent if no examples were held out, and from older files.
    #[serde(default)]
    pub validation_accuracy: Option<MeanAndDeviation>,
    /// As the accuracy.
    #[serde(default, rename = "validation_loss")]
    _validation_loss: Option<MeanAndDeviation>,
    /// Absent if no run was tested.
    pub test_accuracy: Option<MeanAndDeviation>,
    /// Absent if no run was tested.
    pub test_loss: Option<MeanAndDeviation>,
}

/// Reads the sweep in a file; `None` if its first line is not a sweep's.
pub(crate) fn read(path: &Path) -> Result<Option<Collected>, String> {
    let file = File::open(path).map_err(|error| error.to_string())?;
    let mut rows = Vec::new();
    for (number, line) in (1..).zip(BufReader::new(file).lines()) {
        let is_row = |line: &str| line.contains("\"values\"") && line.contains("\"test_accuracy\"");
        match line {
            Ok(line) if number == 1 && !is_row(&line) => return Ok(None),
            Err(_) if number == 1 => return Ok(None),
            Ok(line) => rows.push(
                serde_json::from_str(&line).map_err(|error| format!("line {number}: {error}"))?,
            ),
            Err(error) => return Err(format!("line {number}: {error}")),
        }
    }
    let name = path.file_stem().unwrap_or_default();
    let name = name.to_string_lossy().into_owned();
    Ok((!rows.is_empty()).then_some(Collected { name, rows }))
}
