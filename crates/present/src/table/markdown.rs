use super::{Cell, Table};

pub(super) fn write(table: &Table) -> String {
    let header = row(table.columns.iter().map(|column| column.title.as_str()));
    let rule = table
        .columns
        .iter()
        .map(|column| if column.is_number() { "---:|" } else { "---|" });
    let rule: String = rule.collect();
    let rows = table
        .rows
        .iter()
        .map(|cells| row(cells.iter().map(Cell::or_dash)));
    format!("{header}|{rule}\n{}", rows.collect::<String>())
}

fn row<'a>(cells: impl Iterator<Item = &'a str>) -> String {
    let cells: Vec<String> = cells.map(|cell| cell.replace('|', "\\|")).collect();
    format!("| {} |\n", cells.join(" | "))
}
