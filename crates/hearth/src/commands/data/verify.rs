use std::io::Write;
use std::process::ExitCode;

use clap::Args;
use present::{Column, Table, thousands};

use super::SetsArgument;
use crate::arguments::DataDirArgument;
use crate::exit::Failures;

/// Read the files and compare their checksums with the published ones
#[derive(Debug, Args)]
#[command(after_help = "Example: hearth data verify imdb --data-dir data")]
pub struct Arguments {
    #[command(flatten)]
    sets: SetsArgument,
    #[command(flatten)]
    folder: DataDirArgument,
}

/// Prints a row per file. A data set that cannot be read does not hide the others.
pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let columns = [
        Column::text("file"),
        Column::text("checksum"),
        Column::number("examples"),
    ];
    let mut table = Table::new(columns);
    let mut failures = Failures::default();
    for (_, files) in arguments.sets.sets() {
        let files = files.verify(&arguments.folder.location());
        let files = files.unwrap_or_else(|error| {
            failures.add(&error.into());
            Vec::new()
        });
        for file in files {
            let checksum = if file.original {
                "as published".to_owned()
            } else {
                format!("not the published file, SHA-256 {}", file.sha256)
            };
            let path = file.path.display().to_string();
            table.add([path, checksum, thousands(file.examples)]);
        }
    }
    if !table.is_empty() {
        write!(out, "{}", table.text())?;
    }
    Ok(failures.code())
}
