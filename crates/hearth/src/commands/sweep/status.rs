use std::io::Write;
use std::process::ExitCode;

use clap::Args;
use config::Sweep;
use present::{Column, Table};
use record::Status;

use super::{SweepArguments, Task};

/// Show which runs of a sweep are done and which are missing
#[derive(Debug, Args)]
#[command(after_help = "Example: hearth sweep status configs/sweeps/learning-rate.json")]
pub struct Arguments {
    #[command(flatten)]
    sweep: SweepArguments,
}

/// Prints a row per run.
pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let sweep = Sweep::load(&arguments.sweep.file)?;
    let columns = [
        Column::text("member"),
        Column::text("state"),
        Column::number("seed"),
    ];
    let mut table = Table::new(columns);
    let tasks = Task::all(&sweep, &arguments.sweep)?;
    let mut done = 0;
    for task in &tasks {
        let state = match task.record() {
            None => "missing",
            Some(record) => {
                done += 1;
                match record.result.status {
                    Status::Completed => "done",
                    Status::Diverged => "diverged",
                }
            }
        };
        table.add([task.member.plan.name(), state, &task.seed.to_string()]);
    }
    write!(out, "{}", table.text())?;
    writeln!(out, "\n{done} of {} runs are done", tasks.len())?;
    Ok(ExitCode::SUCCESS)
}
