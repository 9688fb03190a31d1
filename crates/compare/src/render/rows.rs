use comfy_table::{CellAlignment, Table, presets};
use record::printable;

/// A table before it is laid out.
pub(super) struct Rows {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
    first_number: usize,
}

impl Rows {
    /// The columns from `first_number` on are aligned right.
    pub fn new(header: impl Iterator<Item = String>, first_number: usize) -> Self {
        Self {
            header: header.collect(),
            rows: Vec::new(),
            first_number,
        }
    }

    pub fn add(&mut self, row: impl IntoIterator<Item = String>) {
        // Keys and values of configs are whatever a file says.
        let cells = row.into_iter().map(|cell| printable(&cell));
        self.rows.push(cells.collect());
    }

    /// Aligned, without blanks at the ends of lines.
    pub fn text(&self) -> String {
        let mut table = Table::new();
        table.load_preset(presets::NOTHING);
        table.set_header(&self.header);
        table.add_rows(&self.rows);
        for (index, column) in table.column_iter_mut().enumerate() {
            column.set_padding((0, 2));
            if index >= self.first_number {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        let lines = table.lines().map(|line| line.trim_end().to_owned() + "\n");
        lines.collect()
    }

    pub fn markdown(&self) -> String {
        let line = |cells: &[String]| {
            let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
            format!("| {} |\n", cells.join(" | "))
        };
        let rule: String = (0..self.header.len())
            .map(|index| {
                if index >= self.first_number {
                    "---:|"
                } else {
                    "---|"
                }
            })
            .collect();
        let rows: String = self.rows.iter().map(|row| line(row)).collect();
        format!("{}|{rule}\n{rows}", line(&self.header))
    }
}
