use std::io::Write;
use std::process::ExitCode;

use datasets::mnist;
use indicatif::ProgressBar;

use crate::arguments::{DataArguments, DataCommand};
use crate::format::{lines, table, thousands};
use crate::progress::{has_bars, show_download};

pub fn data(arguments: &DataArguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    match &arguments.command {
        DataCommand::Fetch => {
            let mut bar = ProgressBar::hidden();
            let folder = mnist::fetch(&mut |progress| {
                if has_bars() {
                    show_download(&mut bar, progress);
                }
            })?;
            writeln!(out, "MNIST is complete in {}", folder.display())?;
        }
        DataCommand::Verify(folder) => {
            let mut table = table(&["file", "checksum", "examples"], 2);
            for file in mnist::verify(&folder.location())? {
                let checksum = match file.original {
                    true => "as published".to_owned(),
                    false => format!("another set, SHA-256 {}", file.sha256),
                };
                let path = file.path.display().to_string();
                table.add_row([path, checksum, thousands(file.examples)]);
            }
            write!(out, "{}", lines(&table))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
