use std::io::Write;
use std::process::ExitCode;

use clap::Args;

use super::SetsArgument;
use crate::exit::Failures;
use crate::progress::downloads;

/// Download missing files to the cache and verify their checksums
#[derive(Debug, Args)]
#[command(after_help = "Example: hearth data fetch mnist")]
pub struct Arguments {
    #[command(flatten)]
    sets: SetsArgument,
}

/// Downloads the data sets and prints their folders. One that fails does not stop the others.
pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let mut failures = Failures::default();
    for (name, files) in arguments.sets.sets() {
        match files.fetch(&mut downloads()) {
            Ok(folder) => writeln!(out, "{name} is complete in {}", folder.display())?,
            Err(error) => failures.add(&error.into()),
        }
    }
    Ok(failures.code())
}
