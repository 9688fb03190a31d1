use std::io::Write;
use std::process::ExitCode;

use crate::arguments::{FileKind, SchemaArguments};

pub fn schema(arguments: &SchemaArguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let schema = match arguments.kind {
        FileKind::Experiment => config::schema(),
        FileKind::Sweep => config::sweep_schema(),
    };
    writeln!(out, "{schema:#}")?;
    Ok(ExitCode::SUCCESS)
}
