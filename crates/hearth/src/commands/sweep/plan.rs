use std::io::Write;
use std::process::ExitCode;

use clap::Args;
use config::Sweep;
use present::{Column, Table};
use serde_json::json;

use super::SweepArguments;
use super::tasks::Task;

/// List the members of a sweep
#[derive(Debug, Args)]
#[command(
    after_help = "Example: hearth sweep plan configs/sweeps/learning-rate.json\n\n\
                  With --json, each line is a run: what any engine needs that runs commands."
)]
pub struct Arguments {
    #[command(flatten)]
    sweep: SweepArguments,
    /// Print a JSON object for each run: index, experiment, seed, signature, folder and command
    #[arg(long, conflicts_with = "digest")]
    json: bool,
    /// Print the digest of all runs, which changes when the sweep or its base changes
    #[arg(long)]
    digest: bool,
}

/// Prints a row per member, a line per run, or the digest.
pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let sweep = Sweep::load(&arguments.sweep.file)?;
    if arguments.digest {
        writeln!(out, "{}", sweep.digest())?;
    } else if arguments.json {
        runs(arguments, &sweep, out)?;
    } else {
        write!(out, "{}", members(&sweep).text())?;
    }
    Ok(ExitCode::SUCCESS)
}

fn members(sweep: &Sweep) -> Table {
    let mut table = Table::new(["member", "seeds"].map(Column::text));
    for member in &sweep.members {
        let seeds: Vec<String> = member.plan.seeds().iter().map(u64::to_string).collect();
        table.add([member.plan.name(), &seeds.join(", ")]);
    }
    table
}

fn runs(arguments: &Arguments, sweep: &Sweep, out: &mut dyn Write) -> anyhow::Result<()> {
    let command = ["hearth", "sweep", "exec"].map(str::to_owned).into_iter();
    let command: Vec<String> = command.chain(arguments.sweep.words()).collect();
    for task in Task::all(sweep, &arguments.sweep)? {
        let index = ["--index".to_owned(), task.index.to_string()];
        let run = json!({
            "index": task.index,
            "experiment": task.member.plan.name(),
            "seed": task.seed,
            "signature": task.signature,
            "folder": task.folder().path(),
            "command": command.iter().chain(&index).collect::<Vec<_>>(),
        });
        writeln!(out, "{run}")?;
    }
    Ok(())
}
