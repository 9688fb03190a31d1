use csv::{Writer, WriterBuilder};
use serde::Serialize;

use super::Table;

const TO_MEMORY: &str = "writing texts and numbers to memory does not fail";

pub(super) fn header(table: &Table) -> String {
    let mut writer = Writer::from_writer(Vec::new());
    let header = table.columns.iter().map(|column| column.title.as_str());
    writer.write_record(header).expect(TO_MEMORY);
    text(writer)
}

pub(super) fn rows(table: &Table) -> String {
    // A row with too few cells is a bug, but no reason to fail.
    let mut writer = WriterBuilder::new().flexible(true).from_writer(Vec::new());
    for row in &table.rows {
        let cells = row.iter().map(|cell| cell.0.as_deref().unwrap_or(""));
        writer.write_record(cells).expect(TO_MEMORY);
    }
    text(writer)
}

/// Writes structs as CSV: the field names as the header, then one row per struct with unrounded
/// numbers. `None` is empty.
///
/// Fields must be strings, numbers, enums without data, or options of these.
pub fn csv_of<R: Serialize>(rows: impl IntoIterator<Item = R>) -> String {
    let mut writer = Writer::from_writer(Vec::new());
    for row in rows {
        writer.serialize(row).expect(TO_MEMORY);
    }
    text(writer)
}

fn text(writer: Writer<Vec<u8>>) -> String {
    let bytes = writer.into_inner().expect(TO_MEMORY);
    String::from_utf8(bytes).expect("texts are UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Run<'a> {
        experiment: &'a str,
        test_loss: Option<f64>,
    }

    #[test]
    fn structs_are_written_with_all_digits() {
        let run = |experiment, test_loss| Run {
            experiment,
            test_loss,
        };
        assert_eq!(
            csv_of([run("a,b", Some(0.1 + 0.2)), run("c", None)]),
            "experiment,test_loss\n\"a,b\",0.30000000000000004\nc,\n"
        );
    }
}
