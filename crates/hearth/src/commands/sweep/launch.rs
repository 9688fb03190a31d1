mod engine;
mod hyperqueue;
mod kubernetes;
mod launched;
mod slurm;

use std::io::Write;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::{ArgGroup, Args};
use cluster::{Batch, Indexes, Memory, Resources};
use config::Sweep;
use present::count;
use record::{RecordError, RunLock, write_output};

use self::launched::Launched;
use super::SweepArguments;
use super::failed::Failed;
use super::halving::{left, standing};
use super::tasks::Task;
use crate::exit::Usage;

/// Submit the unfinished runs of a sweep to a cluster, and leave
#[derive(Debug, Args)]
#[command(
    group(ArgGroup::new("engine").required(true).args(["slurm", "hq", "kubernetes"])),
    after_help = "Example: hearth sweep launch configs/sweeps/learning-rate.json --slurm --at-most 8 -- \
                  --partition=short --time=30\n\n\
                  Launched again, only what is missing is submitted."
)]
pub struct Arguments {
    #[command(flatten)]
    sweep: SweepArguments,
    /// Submit job arrays with sbatch, and a job that collects the results when they have ended
    #[arg(long)]
    slurm: bool,
    /// Submit a job file to HyperQueue with hq
    #[arg(long)]
    hq: bool,
    /// Create an Indexed Job with kubectl; needs --image and --volume
    #[arg(long, requires_all = ["image", "volume"])]
    kubernetes: bool,
    /// Print what would be written and submitted, and do neither
    #[arg(long)]
    print: bool,
    /// Runs that make a task; several where a run takes seconds [default: 1, or more where that gives over
    /// 1,000 tasks]
    #[arg(long, value_name = "K")]
    per_task: Option<NonZeroUsize>,
    /// The most tasks at a time [default: as many as the engine allows]
    #[arg(long, value_name = "TASKS", conflicts_with = "hq")]
    at_most: Option<NonZeroUsize>,
    /// Start no run once this many have failed [default: run all]
    #[arg(long, value_name = "FAILURES")]
    stop_after: Option<NonZeroUsize>,
    /// Cores for a task
    #[arg(long, value_name = "CORES")]
    cpus: Option<NonZeroUsize>,
    /// Memory for a task, for example 4G
    #[arg(long, value_name = "SIZE")]
    memory: Option<Memory>,
    /// An NVIDIA GPU for a task
    #[arg(long)]
    gpu: bool,
    /// Kubernetes: the container image, whose entry point is hearth
    #[arg(long, value_name = "IMAGE", requires = "kubernetes")]
    image: Option<String>,
    /// Kubernetes: the persistent volume claim with the sweep, the data and the results
    #[arg(long, value_name = "CLAIM", requires = "kubernetes")]
    volume: Option<String>,
    /// Kubernetes: where the volume is mounted, and relative paths start
    #[arg(
        long,
        value_name = "DIR",
        default_value = "/work",
        requires = "kubernetes"
    )]
    mount: PathBuf,
    /// Kubernetes: Kueue's local queue
    #[arg(long, value_name = "QUEUE", requires = "kubernetes")]
    queue: Option<String>,
    /// Options of sbatch, `hq job submit-file` or `kubectl create`
    #[arg(last = true, value_name = "OPTIONS")]
    options: Vec<String>,
}

/// The most tasks that a sweep is divided into by default.
const MOST_TASKS: usize = 1000;

/// Tasks that may run side by side.
struct Part {
    rung: Option<usize>,
    tasks: Indexes,
}

/// What is launched.
struct Launch<'a> {
    arguments: &'a Arguments,
    sweep: &'a Sweep,
    /// The sweep's own folder.
    folder: &'a Path,
    /// The current folder, which relative paths start from.
    here: &'a Path,
    per_task: NonZeroUsize,
    /// The tasks that are not done; with halving, those of a rung each.
    parts: Vec<Part>,
    /// The sweep's digest.
    digest: String,
}

impl Launch<'_> {
    /// The command that runs a task, but for its number.
    fn command(&self, program: &str) -> Vec<String> {
        let mut words = vec![program.to_owned(), "sweep".to_owned(), "exec".to_owned()];
        words.extend(self.arguments.sweep.words());
        words.extend(["--per-task".to_owned(), self.per_task.to_string()]);
        words.extend(["--plan".to_owned(), self.digest.clone()]);
        if let Some(most) = self.arguments.stop_after {
            words.extend(["--stop-after".to_owned(), most.to_string()]);
        }
        words
    }

    /// The tasks of a sweep that is not halved.
    fn only_part(&self) -> Result<&Indexes, Usage> {
        match self.parts.as_slice() {
            [Part { rung: None, tasks }] => Ok(tasks),
            _ => Err(Usage::new(
                "successive halving needs jobs that wait for one another, which only --slurm submits",
            )),
        }
    }

    fn resources(&self) -> Resources {
        Resources {
            cpus: self.arguments.cpus,
            memory: self.arguments.memory,
            gpu: self.arguments.gpu,
        }
    }

    /// The folder of the tasks' logs, absolute.
    fn logs(&self) -> PathBuf {
        self.here.join(self.folder).join("logs")
    }

    fn batch<'b>(&'b self, command: &'b [String], logs: &'b Path) -> Batch<'b> {
        Batch {
            name: &self.sweep.name,
            command,
            working_folder: self.here,
            logs,
            resources: self.resources(),
        }
    }

    /// Writes a file of the sweep's folder, or prints it.
    fn write(&self, name: &str, text: &str, out: &mut dyn Write) -> anyhow::Result<PathBuf> {
        let path = self.folder.join(name);
        if self.arguments.print {
            writeln!(out, "# {}\n{}\n", path.display(), text.trim_end())?;
        } else {
            write_output(&path, text.as_bytes())?;
        }
        Ok(path)
    }
}

/// Writes what the engine needs into the sweep's folder, submits it, and prints how to watch it.
pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let sweep = Sweep::load(&arguments.sweep.file)?;
    let per_task = arguments.per_task.unwrap_or_else(|| {
        NonZeroUsize::new(Task::count(&sweep).div_ceil(MOST_TASKS)).unwrap_or(NonZeroUsize::MIN)
    });
    let (parts, undone) = parts(&sweep, &arguments.sweep, per_task)?;
    if parts.is_empty() {
        writeln!(out, "all that is to be run is done: nothing to submit")?;
        return Ok(ExitCode::SUCCESS);
    }
    let here = std::env::current_dir().context("the current folder is not known")?;
    let folder = arguments.sweep.own_folder(&sweep);
    let launch = Launch {
        arguments,
        sweep: &sweep,
        folder: &folder,
        here: &here,
        per_task,
        parts,
        digest: sweep.digest(),
    };
    if arguments.print {
        let mut launched = Launched::read(&folder)?;
        launched.check(&launch)?;
        submit(&launch, &mut launched, out)?;
        return Ok(ExitCode::SUCCESS);
    }
    // Before anything is submitted: an engine starts no task whose log cannot be written.
    let logs = launch.logs();
    std::fs::create_dir_all(&logs).map_err(RecordError::io(&logs))?;
    // Before it is read what was launched, which another process may be adding to.
    let _lock = RunLock::take(&folder)?;
    let mut launched = Launched::read(&folder)?;
    launched.check(&launch)?;
    let failed = Failed::of(&sweep, &arguments.sweep);
    undone.iter().for_each(|task| failed.clear(task));
    let mut said = Vec::new();
    let done = submit(&launch, &mut launched, &mut said);
    if !said.is_empty() {
        let tasks = launch
            .parts
            .iter()
            .map(|part| part.tasks.len())
            .sum::<usize>();
        let tasks = count(tasks, "task");
        let runs = count(undone.len(), "unfinished run");
        writeln!(out, "{runs} of {} in {tasks}", sweep.name)?;
        out.write_all(&said)?;
    }
    done?;
    Ok(ExitCode::SUCCESS)
}

/// What is to be submitted, and the runs that can begin now.
fn parts<'a>(
    sweep: &'a Sweep,
    arguments: &'a SweepArguments,
    per_task: NonZeroUsize,
) -> anyhow::Result<(Vec<Part>, Vec<Task<'a>>)> {
    let undone_of = |tasks: Vec<Task<'a>>| -> (Indexes, Vec<Task<'a>>) {
        let undone = tasks
            .into_iter()
            .enumerate()
            .filter(|(_, task)| !task.is_done());
        let undone: Vec<(usize, Task)> = undone.collect();
        let tasks = undone.iter().map(|(place, _)| *place / per_task).collect();
        (tasks, undone.into_iter().map(|(_, task)| task).collect())
    };
    let all = Task::all(sweep, arguments)?;
    let Some(halving) = &sweep.halving else {
        let (tasks, undone) = undone_of(all);
        let part = Part { rung: None, tasks };
        return Ok((
            (!undone.is_empty()).then_some(part).into_iter().collect(),
            undone,
        ));
    };
    let seeds = all.len() / sweep.members.len();
    let standing = standing(&all, halving)?;
    let first = standing.rung;
    let (tasks, undone) = undone_of(left(all, halving, &standing));
    if undone.is_empty() {
        return Ok((Vec::new(), undone));
    }
    let mut parts = vec![Part {
        rung: Some(first),
        tasks,
    }];
    for (rung, its) in halving.rungs.iter().enumerate().skip(first + 1) {
        let tasks = (0..(its.members * seeds).div_ceil(per_task.get())).collect();
        parts.push(Part {
            rung: Some(rung),
            tasks,
        });
    }
    Ok((parts, undone))
}

fn submit(launch: &Launch, launched: &mut Launched, out: &mut dyn Write) -> anyhow::Result<()> {
    if launch.arguments.slurm {
        slurm::submit(launch, launched, out)
    } else if launch.arguments.hq {
        hyperqueue::submit(launch, launched, out)
    } else {
        kubernetes::submit(launch, launched, out)
    }
}

/// The path of this program.
fn program() -> anyhow::Result<String> {
    let program = std::env::current_exe().context("this program's own path is not known")?;
    match program.into_os_string().into_string() {
        Ok(program) => Ok(program),
        Err(path) => {
            let problem = format!(
                "{}: a path that no script can name; move the program",
                path.display()
            );
            Err(Usage::new(problem).into())
        }
    }
}
