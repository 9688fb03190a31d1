use std::io::Write;
use std::num::NonZeroUsize;
use std::process::ExitCode;

use clap::Args;
use config::{Halving, Sweep};
use present::{count, thousands};

use super::SweepArguments;
use super::failed::Failed;
use super::halving::tasks;
use super::tasks::Task;
use super::workers::{Ending, Limits, work};
use crate::{exit, interrupt, threads};

/// Run the unfinished members of a sweep, each in its own process
#[derive(Debug, Args)]
#[command(after_help = "Example: hearth sweep run configs/sweeps/learning-rate.json -j 2")]
pub struct Arguments {
    #[command(flatten)]
    sweep: SweepArguments,
    /// Number of runs at a time; they share the cores
    #[arg(short, long, default_value = "1", value_name = "N")]
    jobs: NonZeroUsize,
    /// Start no other run once this many have failed [default: run all]
    #[arg(long, value_name = "FAILURES", conflicts_with = "fail_fast")]
    stop_after: Option<NonZeroUsize>,
    /// Start no other run once one has failed
    #[arg(long)]
    fail_fast: bool,
}

/// Runs what is missing and prints how many runs are done. Leaves a run to the process that has it, and
/// waits for it at the end. Exits with 1 if one failed, with 75 if interrupted.
pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    interrupt::listen();
    let sweep = Sweep::load(&arguments.sweep.file)?;
    let jobs = threads::limited(arguments.jobs, "--jobs")?;
    let cores = std::thread::available_parallelism()?.get();
    let limits = Limits {
        jobs,
        threads: (cores / jobs).max(1),
        waits: true,
        stop_after: if arguments.fail_fast {
            Some(NonZeroUsize::MIN)
        } else {
            arguments.stop_after
        },
    };
    // What failed before is tried again.
    Failed::of(&sweep, &arguments.sweep).clear_all();
    let ending = match &sweep.halving {
        Some(halving) => halved(&sweep, halving, &arguments.sweep, limits, out)?,
        None => {
            let tasks = Task::all(&sweep, &arguments.sweep)?;
            work(&sweep, &arguments.sweep, &tasks, limits, out)?
        }
    };
    Ok(match ending {
        Ending::Done | Ending::InUse => ExitCode::SUCCESS,
        Ending::Failed(_) => ExitCode::from(exit::FAILED),
        Ending::Interrupted => ExitCode::from(exit::INTERRUPTED),
    })
}

/// Runs one rung after another.
fn halved(
    sweep: &Sweep,
    halving: &Halving,
    arguments: &SweepArguments,
    limits: Limits,
    out: &mut dyn Write,
) -> anyhow::Result<Ending> {
    for (place, rung) in halving.rungs.iter().enumerate() {
        let (members, epochs) = (count(rung.members, "member"), rung.epochs);
        let rungs = halving.rungs.len();
        writeln!(
            out,
            "rung {} of {rungs}: {members} until epoch {epochs}",
            place + 1
        )?;
        let tasks = tasks(sweep, arguments, halving, place)?;
        let ending = work(sweep, arguments, &tasks, limits, out)?;
        if ending != Ending::Done {
            return Ok(ending);
        }
    }
    let (trained, all) = halving.epochs();
    let saved = 100.0 * (1.0 - trained as f64 / all as f64);
    writeln!(
        out,
        "{} of {} epochs a seed: {saved:.0} % saved; see `hearth sweep best`",
        thousands(trained),
        thousands(all)
    )?;
    Ok(Ending::Done)
}
