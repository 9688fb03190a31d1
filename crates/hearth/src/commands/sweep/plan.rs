use std::io::Write;
use std::process::ExitCode;

use clap::Args;
use config::Sweep;
use present::{Column, Table};

use super::SweepArguments;

/// List the members of a sweep
#[derive(Debug, Args)]
#[command(after_help = "Example: hearth sweep plan configs/sweeps/learning-rate.json")]
pub struct Arguments {
    #[command(flatten)]
    sweep: SweepArguments,
}

/// Prints a row per member.
pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let sweep = Sweep::load(&arguments.sweep.file)?;
    let mut table = Table::new(["member", "seeds"].map(Column::text));
    for member in &sweep.members {
        let seeds: Vec<String> = member.plan.seeds().iter().map(u64::to_string).collect();
        table.add([member.plan.name(), &seeds.join(", ")]);
    }
    write!(out, "{}", table.text())?;
    Ok(ExitCode::SUCCESS)
}
