use std::io::Write;
use std::process::ExitCode;

use clap::Args;
use present::{Column, Table, thousands};

use super::SetsArgument;
use crate::arguments::DataDirArgument;

/// Read the files and compare their checksums with the published ones
#[derive(Debug, Args)]
#[command(after_help = "Example: hearth data verify imdb --data-dir data")]
pub struct Arguments {
    #[command(flatten)]
    sets: SetsArgument,
    #[command(flatten)]
    folder: DataDirArgument,
}

/// Prints a row per file.
pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let columns = [
        Column::text("file"),
        Column::text("checksum"),
        Column::number("examples"),
    ];
    let mut table = Table::new(columns);
    for (_, files) in arguments.sets.sets() {
        for file in files.verify(&arguments.folder.location())? {
            let checksum = if file.original {
                "as published".to_owned()
            } else {
                format!("not the published file, SHA-256 {}", file.sha256)
            };
            let path = file.path.display().to_string();
            table.add([path, checksum, thousands(file.examples)]);
        }
    }
    write!(out, "{}", table.text())?;
    Ok(ExitCode::SUCCESS)
}
