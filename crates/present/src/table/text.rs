use comfy_table::{CellAlignment, presets};

use super::{Cell, Table};

pub(super) fn write(table: &Table) -> String {
    let mut laid_out = comfy_table::Table::new();
    laid_out.load_preset(presets::NOTHING);
    laid_out.set_header(table.columns.iter().map(|column| &column.title));
    laid_out.add_rows(table.rows.iter().map(|row| row.iter().map(Cell::or_dash)));
    for (laid_out, column) in laid_out.column_iter_mut().zip(&table.columns) {
        laid_out.set_padding((0, 2));
        if column.is_number() {
            laid_out.set_cell_alignment(CellAlignment::Right);
        }
    }
    let lines = laid_out
        .lines()
        .map(|line| line.trim_end().to_owned() + "\n");
    lines.collect()
}
