use std::io::Write;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

/// Print the JSON Schema of configs, or of sweeps, for editors
#[derive(Debug, Args)]
#[command(after_help = "Example: hearth schema > schemas/experiment.json")]
pub struct Arguments {
    /// Kind of file that the schema describes
    #[arg(value_enum, default_value = "experiment", value_name = "KIND")]
    kind: FileKind,
}

/// A kind of JSON file.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum FileKind {
    Experiment,
    Sweep,
}

/// Prints the schema.
pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let schema = match arguments.kind {
        FileKind::Experiment => config::schema(),
        FileKind::Sweep => config::sweep_schema(),
    };
    writeln!(out, "{schema:#}")?;
    Ok(ExitCode::SUCCESS)
}
