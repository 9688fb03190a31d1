use std::io::Write;
use std::num::NonZeroUsize;
use std::process::ExitCode;

use clap::Args;
use cluster::{Indexes, VARIABLES};
use config::Sweep;
use present::count;

use super::SweepArguments;
use super::halving::tasks;
use super::tasks::Task;
use super::workers::{Ending, Limits, work};
use crate::exit::Usage;
use crate::{exit, interrupt};

/// Run one task of a sweep, as the engine of a cluster does
#[derive(Debug, Args)]
#[command(
    after_help = "Example: hearth sweep exec configs/sweeps/learning-rate.json --index 3\n\n\
                  Run again, it resumes what is unfinished, and ends at once where all is done."
)]
pub struct Arguments {
    #[command(flatten)]
    sweep: SweepArguments,
    /// The task, from 0 [default: what the engine's variable says, such as SLURM_ARRAY_TASK_ID]
    #[arg(long, value_name = "I")]
    index: Option<usize>,
    /// Runs that make a task: task 2 of 10 each runs 20 to 29
    #[arg(long, default_value = "1", value_name = "K")]
    per_task: NonZeroUsize,
    /// Tasks that the index counts, for example 3,7,19-21: index 2 is task 19 [default: all]
    #[arg(long, value_name = "TASKS")]
    among: Option<Indexes>,
    /// Rung of a successive halving, from 0; its tasks are of the members that went on to it
    #[arg(long, value_name = "R")]
    rung: Option<usize>,
    /// Refuse the sweep if it is not the one with this digest, which `sweep plan --digest` prints
    #[arg(long, value_name = "DIGEST")]
    plan: Option<String>,
    /// The most threads of a run, which do not change the results [default: one per core]
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
    /// Start no run once this many of the sweep have failed
    #[arg(long, value_name = "FAILURES")]
    stop_after: Option<NonZeroUsize>,
    /// Exit with 73 where another process has a run, instead of waiting for it
    #[arg(long)]
    no_wait: bool,
}

/// Runs what is missing of a task, one run after another. Exits with the code of the first run that fails,
/// with 75 if interrupted, with 73 if another process has a run and it is not waited for.
pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    interrupt::listen();
    let sweep = Sweep::load(&arguments.sweep.file)?;
    if let Some(planned) = &arguments.plan {
        check_plan(arguments, &sweep, planned)?;
    }
    let task = task(arguments)?;
    let per_task = arguments.per_task.get();
    let first = task.saturating_mul(per_task);
    let runs = first..first.saturating_add(per_task);
    let halved = halved(arguments, &sweep)?;
    let all = halved
        .as_ref()
        .map_or_else(|| Task::count(&sweep), Vec::len);
    if first >= all {
        let tasks = all.div_ceil(per_task);
        let problem = format!(
            "--index {task}: the sweep has {}, 0 to {}",
            count(tasks, "task"),
            tasks - 1
        );
        return Err(Usage::new(problem).into());
    }
    let tasks = match halved {
        Some(tasks) => tasks.into_iter().skip(first).take(per_task).collect(),
        None => Task::within(&sweep, &arguments.sweep, runs)?,
    };
    let cores = std::thread::available_parallelism()?.get();
    let limits = Limits {
        jobs: NonZeroUsize::MIN,
        threads: arguments
            .threads
            .map_or(cores, |most| most.get().min(cores)),
        waits: !arguments.no_wait,
        stop_after: arguments.stop_after,
    };
    let ending = work(&sweep, &arguments.sweep, &tasks, limits, out)?;
    Ok(match ending {
        Ending::Done => ExitCode::SUCCESS,
        Ending::Failed(code) => ExitCode::from(code),
        Ending::Interrupted => ExitCode::from(exit::INTERRUPTED),
        Ending::InUse => ExitCode::from(exit::IN_USE),
    })
}

/// The tasks of the rung, if the sweep is halved.
fn halved<'a>(arguments: &'a Arguments, sweep: &'a Sweep) -> anyhow::Result<Option<Vec<Task<'a>>>> {
    let rungs = sweep
        .halving
        .as_ref()
        .map_or(0, |halving| halving.rungs.len());
    match (&sweep.halving, arguments.rung) {
        (Some(halving), Some(rung)) if rung < rungs => {
            tasks(sweep, &arguments.sweep, halving, rung).map(Some)
        }
        (Some(_), _) => {
            let problem = format!("the sweep is halved: give --rung, 0 to {}", rungs - 1);
            Err(Usage::new(problem).into())
        }
        (None, Some(rung)) => {
            let problem = format!("--rung {rung}: the sweep is not halved; leave it out");
            Err(Usage::new(problem).into())
        }
        (None, None) => Ok(None),
    }
}

/// The task to run.
fn task(arguments: &Arguments) -> anyhow::Result<usize> {
    let told = match arguments.index {
        Some(index) => Some(index),
        None => {
            let variable = |name: &str| std::env::var(name).ok();
            cluster::number(variable).map_err(|error| Usage::new(error.to_string()))?
        }
    };
    let Some(index) = told else {
        let names: Vec<&str> = VARIABLES.iter().map(|(name, _)| *name).collect();
        let problem = format!(
            "which task? give --index; none of {} is set",
            names.join(", ")
        );
        return Err(Usage::new(problem).into());
    };
    let Some(among) = &arguments.among else {
        return Ok(index);
    };
    among.get(index).ok_or_else(|| {
        let tasks = count(among.len(), "task");
        Usage::new(format!("--index {index}: --among names {tasks}")).into()
    })
}

fn check_plan(arguments: &Arguments, sweep: &Sweep, planned: &str) -> anyhow::Result<()> {
    if sweep.digest() == planned {
        return Ok(());
    }
    let problem = format!(
        "{}: not the sweep that was launched: it or {} has changed since; put them back, or launch the \
         changed sweep under another name",
        arguments.sweep.file.display(),
        sweep.base.display()
    );
    Err(Usage::new(problem).into())
}
