use std::io::Write;
use std::process::ExitCode;

use clap::Args;
use config::Sweep;
use jiff::{Timestamp, Unit};
use present::{Column, Table, count};
use record::{Status, Unfinished};

use super::SweepArguments;
use super::failed::Failed;
use super::halving::standing;
use super::tasks::Task;
use crate::exit::{self, Failures};

/// Show which runs of a sweep are done, running, interrupted, failed, damaged or missing
#[derive(Debug, Args)]
#[command(after_help = "Example: hearth sweep status configs/sweeps/learning-rate.json")]
pub struct Arguments {
    #[command(flatten)]
    sweep: SweepArguments,
}

/// Prints a row per run.
pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let sweep = Sweep::load(&arguments.sweep.file)?;
    let failed = Failed::of(&sweep, &arguments.sweep);
    let columns = [
        Column::number("index"),
        Column::text("member"),
        Column::text("state"),
        Column::number("seed"),
        Column::number("epochs"),
        Column::text("since (UTC)"),
        Column::text("by"),
    ];
    let mut table = Table::new(columns);
    let tasks = Task::all(&sweep, &arguments.sweep)?;
    let mut failures = Failures::default();
    let given_up = match &sweep.halving {
        Some(halving) => failures.unless(standing(&tasks, halving)),
        None => None,
    };
    let given_up = given_up.map_or(Vec::new(), |standing| standing.given_up);
    let mut done = 0;
    for task in &tasks {
        let record = task.record();
        let is_damaged = record.is_err();
        let [state, epochs, since, by] = match failures.unless(record).flatten() {
            Some(record) => {
                done += 1;
                let state = match record.result.status {
                    Status::Completed => "done",
                    Status::Diverged => "diverged",
                };
                let epochs = record.result.epochs.len().to_string();
                [Some(state.to_owned()), Some(epochs), None, None]
            }
            None if is_damaged => [Some("damaged".to_owned()), None, None, None],
            None => {
                let unfinished = task.folder().unfinished();
                let is_running = unfinished.as_ref().is_some_and(|run| run.holder.is_some());
                // What failed and is tried again is running.
                let failure = failed.get(task).filter(|_| !is_running);
                let is_given_up = given_up.get(task.place).is_some_and(Option::is_some);
                let state = match (&unfinished, &failure) {
                    (_, Some(_)) => "failed",
                    (Some(_), None) if is_given_up && !is_running => "given up",
                    (Some(run), None) => run.status(),
                    (None, None) => "missing",
                };
                if let Some(failure) = failure {
                    exit::say(&format!("{} failed: {}", task.name(), failure.error));
                }
                let epochs = unfinished.as_ref().map(Unfinished::epochs);
                let since = unfinished.as_ref().and_then(|run| run.since);
                let holder = unfinished.and_then(|run| run.holder);
                [
                    Some(state.to_owned()),
                    epochs,
                    since.and_then(to_the_second),
                    holder,
                ]
            }
        };
        let [index, seed] = [task.index.to_string(), task.seed.to_string()].map(Some);
        let member = Some(task.member.plan.name().to_owned());
        table.add([index, member, state, seed, epochs, since, by]);
    }
    write!(out, "{}", table.text())?;
    let left = tasks
        .iter()
        .filter(|task| !given_up.get(task.place).is_some_and(Option::is_some));
    let (all, given_up) = (left.count(), tasks.len());
    let given_up = match given_up - all {
        0 => String::new(),
        given_up => format!("; {} given up", count(given_up, "run is")),
    };
    writeln!(out, "\n{done} of {} done{given_up}", count(all, "run is"))?;
    Ok(failures.code())
}

/// `2026-11-27 06:16:41`.
fn to_the_second(time: std::time::SystemTime) -> Option<String> {
    let time = Timestamp::try_from(time).ok()?.round(Unit::Second).ok()?;
    Some(time.strftime("%Y-%m-%d %H:%M:%S").to_string())
}
