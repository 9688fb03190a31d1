use std::io::Write;
use std::process::ExitCode;

use config::Sweep;
use record::Status;

use super::Task;
use crate::arguments::SweepFileArguments;
use crate::format::{lines, table};

pub fn status(arguments: &SweepFileArguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let sweep = Sweep::load(&arguments.file)?;
    let mut table = table(&["member", "state", "seed"], 2);
    let tasks = Task::all(&sweep, arguments);
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
        table.add_row([task.member.plan.name(), state, &task.seed.to_string()]);
    }
    write!(out, "{}", lines(&table))?;
    writeln!(out, "\n{done} of {} runs are done", tasks.len())?;
    Ok(ExitCode::SUCCESS)
}
