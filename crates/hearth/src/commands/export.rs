use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use record::{RecordError, RunFolder};

/// Write a finished run's weights to a file for `initial_weights`
#[derive(Debug, Args)]
#[command(
    after_help = "Example: hearth export results/mnist-l2/flex-seed0 --to weights.safetensors"
)]
pub struct Arguments {
    /// Folder of a finished run
    #[arg(value_name = "RUN")]
    run: PathBuf,
    /// File to write; an existing one is replaced
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
}

/// Copies the run's weights.
pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let run = RunFolder::at(arguments.run.clone());
    let record = run.read()?;
    if record.is_none() {
        let missing = std::io::Error::from(std::io::ErrorKind::NotFound);
        let said = format!(
            "{}: no finished run; name a folder like results/mnist-l2/flex-seed0",
            arguments.run.display()
        );
        return Err(missing).context(said);
    }
    let path = run.model();
    let bytes = std::fs::read(&path).map_err(RecordError::io(path))?;
    record::write_atomically(&arguments.to, &bytes)?;
    writeln!(out, "wrote {}", arguments.to.display())?;
    Ok(ExitCode::SUCCESS)
}
