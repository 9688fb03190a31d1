use std::io::Write;
use std::process::ExitCode;

use clap::Args;

use super::SetsArgument;
use crate::progress::downloads;

/// Download missing files to the cache and verify their checksums
#[derive(Debug, Args)]
#[command(after_help = "Example: hearth data fetch mnist")]
pub struct Arguments {
    #[command(flatten)]
    sets: SetsArgument,
}

/// Downloads the data sets and prints their folders.
pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    for (name, files) in arguments.sets.sets() {
        let folder = files.fetch(&mut downloads())?;
        writeln!(out, "{name} is complete in {}", folder.display())?;
    }
    Ok(ExitCode::SUCCESS)
}
