use std::collections::VecDeque;
use std::io::Write;
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::{Child, Command, ExitCode, Output, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::Builder;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use config::Sweep;
use indicatif::{ProgressBar, ProgressStyle};
use present::count;

use super::{SweepArguments, Task};
use crate::progress::has_bars;
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
}

/// Runs what is missing and prints how many runs are done. Leaves a run to the process that has it, and
/// waits for it at the end. Exits with 1 if one failed, with 75 if interrupted.
pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    interrupt::listen();
    let sweep = Sweep::load(&arguments.sweep.file)?;
    let tasks = Task::all(&sweep, &arguments.sweep)?;
    let all = tasks.len();
    let missing: Vec<Task> = tasks.into_iter().filter(|task| !task.is_done()).collect();
    let jobs = threads::limited(arguments.jobs, "--jobs")?;
    let program = std::env::current_exe().context("this program's own path is not known")?;
    let cores = std::thread::available_parallelism()?.get();
    let workers = Workers {
        arguments,
        program: &program,
        base: &sweep.base,
        most_threads: (cores / jobs).max(1),
        all,
        queue: Mutex::new(missing.iter().collect()),
        elsewhere: Mutex::new(VecDeque::new()),
        progress: Mutex::new(Progress::new(all, all - missing.len())),
    };
    let _saving = interrupt::saving();
    std::thread::scope(|scope| {
        // One works here, so that it goes on where no other thread can be started.
        for _ in 1..jobs.get().min(missing.len()) {
            if let Err(error) = Builder::new().spawn_scoped(scope, || workers.work()) {
                exit::say(&format!("fewer runs at a time: {}", threads::none(&error)));
                break;
            }
        }
        workers.work();
    });
    let progress = workers.finished();
    for failure in &progress.failures {
        exit::say(failure);
    }
    if interrupt::requested() {
        exit::say("interrupted; run the same command to resume");
    }
    writeln!(out, "{} of {all} runs are done", progress.done)?;
    Ok(if interrupt::requested() {
        ExitCode::from(exit::INTERRUPTED)
    } else if progress.failures.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(exit::FAILED)
    })
}

/// What the error of a run that another process has contains.
const IN_USE: &str = ": in use by ";
/// How often to look at a run that another process has.
const POLL: Duration = Duration::from_millis(500);

/// State shared by the threads, each of which runs one process at a time.
struct Workers<'a> {
    arguments: &'a Arguments,
    program: &'a Path,
    base: &'a Path,
    /// Threads per process: its share of the cores.
    most_threads: usize,
    all: usize,
    queue: Mutex<VecDeque<&'a Task<'a>>>,
    /// Runs that another process has.
    elsewhere: Mutex<VecDeque<&'a Task<'a>>>,
    progress: Mutex<Progress>,
}

struct Progress {
    done: usize,
    failures: Vec<String>,
    bar: Option<ProgressBar>,
}

impl Progress {
    fn new(all: usize, done: usize) -> Self {
        let bar = has_bars().then(|| {
            let style =
                ProgressStyle::with_template("{bar:20} {pos} of {len}  {eta} left  {wide_msg}");
            let bar = ProgressBar::new(all as u64).with_position(done as u64);
            let bar = bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            // Shown before the first run ends.
            bar.tick();
            bar
        });
        Self {
            done,
            failures: Vec::new(),
            bar,
        }
    }
}

impl<'a> Workers<'a> {
    fn work(&self) {
        while let Some(task) = self.next() {
            if let Some(holder) = task.holder() {
                self.leave(task, &holder);
                continue;
            }
            let said = self.run(task);
            // Another process may have begun the run just before this one.
            match (task.holder(), said) {
                (Some(holder), _) => self.leave(task, &holder),
                (None, Ok(said)) if said.contains(IN_USE) && !task.is_done() => {
                    self.leave(task, "another process");
                }
                (None, said) => self.note(task, said),
            }
        }
    }

    /// The next run that this process can do; waits for those that others have.
    fn next(&self) -> Option<&'a Task<'a>> {
        let mut said = false;
        while !interrupt::requested() {
            if let Some(task) = self.queue.lock().ok()?.pop_front() {
                return Some(task);
            }
            let task = self.elsewhere.lock().ok()?.pop_front()?;
            if task.is_done() {
                self.note(task, Ok(String::new()));
            } else if task.holder().is_none() {
                // It was interrupted.
                return Some(task);
            } else {
                let left = {
                    let mut elsewhere = self.elsewhere.lock().ok()?;
                    elsewhere.push_back(task);
                    elsewhere.len()
                };
                if !said {
                    said = true;
                    self.tell(&format!(
                        "waiting for {}",
                        count(left, "run in progress elsewhere")
                    ));
                }
                std::thread::sleep(POLL);
            }
        }
        None
    }

    /// Leaves a run to the process that has it.
    fn leave(&self, task: &'a Task<'a>, holder: &str) {
        if let Ok(mut elsewhere) = self.elsewhere.lock() {
            elsewhere.push_back(task);
        }
        self.tell(&format!("{} in progress elsewhere, {holder}", task.name()));
    }

    fn tell(&self, line: &str) {
        let Ok(progress) = self.progress.lock() else {
            return;
        };
        match &progress.bar {
            Some(bar) => bar.set_message(line.to_owned()),
            None => exit::say(line),
        }
    }

    /// Runs a task in its own process and returns the last line that it printed.
    fn run(&self, task: &Task) -> std::io::Result<String> {
        let mut command = Command::new(self.program);
        command.arg("run").arg(self.base);
        for change in &task.member.changes {
            command.args(["--set", change]);
        }
        let sweep = &self.arguments.sweep;
        let threads = threads::suiting(&task.member.plan)?.min(self.most_threads);
        command
            .args(["--name", task.member.plan.name()])
            .args(["--seeds", &task.seed.to_string()])
            .args(["--threads", &threads.to_string()])
            .args(["--backend", &sweep.backend.named.to_string()])
            .arg("--out")
            .arg(&sweep.results.folder)
            .arg("--while-stdin-open")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        if let Some(folder) = self.arguments.sweep.data.folder() {
            command.arg("--data-dir").arg(folder);
        }
        let output = wait(command.spawn()?)?;
        let said = String::from_utf8_lossy(&output.stderr);
        let last = said.lines().rfind(|line| line.starts_with("hearth: "));
        Ok(match last.and_then(|line| line.strip_prefix("hearth: ")) {
            Some(line) => line.to_owned(),
            None => format!("ended with {}", output.status),
        })
    }

    fn note(&self, task: &Task, said: std::io::Result<String>) {
        let Ok(mut progress) = self.progress.lock() else {
            return;
        };
        let name = task.name();
        // A run that diverged has a result, too.
        let state = match (task.is_done(), said) {
            (true, _) => {
                progress.done += 1;
                "done".to_owned()
            }
            (false, _) if interrupt::requested() => return,
            (false, Ok(said)) => failed(&mut progress, &name, &said),
            (false, Err(error)) => failed(&mut progress, &name, &error.to_string()),
        };
        match &progress.bar {
            Some(bar) => {
                bar.set_position(progress.done as u64);
                bar.set_message(name);
            }
            None => exit::say(&format!(
                "{} of {}: {name} {state}",
                progress.done, self.all
            )),
        }
    }

    fn finished(self) -> Progress {
        let progress = match self.progress.into_inner() {
            Ok(progress) => progress,
            Err(poisoned) => poisoned.into_inner(),
        };
        if let Some(bar) = &progress.bar {
            bar.finish_and_clear();
        }
        progress
    }
}

/// Waits for a member's process. Its standard input closes, which makes it stop, when this process ends
/// or is asked to stop.
fn wait(mut child: Child) -> std::io::Result<Output> {
    let stdin = child.stdin.take();
    let has_ended = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let closing = Builder::new().spawn_scoped(scope, || {
            while !has_ended.load(Ordering::Relaxed) && !interrupt::requested() {
                std::thread::sleep(Duration::from_millis(20));
            }
            drop(stdin);
        });
        if let Err(error) = closing {
            // Its standard input is closed already, so it stops.
            let _ = child.wait();
            return Err(std::io::Error::other(threads::none(&error)));
        }
        let output = child.wait_with_output();
        has_ended.store(true, Ordering::Relaxed);
        output
    })
}

fn failed(progress: &mut Progress, name: &str, said: &str) -> String {
    progress.failures.push(format!("{name} failed: {said}"));
    "failed".to_owned()
}
