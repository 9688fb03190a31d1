use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::figure::Figure;

/// A sweep as `hearth sweep collect --json` gives it: a line for each combination of values.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Collected {
    /// The file's stem.
    pub name: String,
    pub rows: Vec<Row>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Row {
    pub experiment: String,
    /// By key.
    pub values: Map<String, Value>,
    /// Finished ones, diverged ones included.
    pub runs: usize,
    pub diverged: usize,
    /// Nothing where no run was tested.
    pub test_accuracy: Option<Figure>,
    pub test_loss: Option<Figure>,
}

/// The sweep in a file; nothing where its first line shows that it holds something else.
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
