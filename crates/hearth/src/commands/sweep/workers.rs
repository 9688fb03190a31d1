//! Runs tasks side by side, each in its own process.

use std::collections::VecDeque;
use std::io::Write;
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::Builder;
use std::time::Duration;

use anyhow::Context;
use config::Sweep;
use indicatif::{ProgressBar, ProgressStyle};
use present::count;

use super::SweepArguments;
use super::failed::{Failed, Failure};
use super::tasks::Task;
use crate::progress::has_bars;
use crate::{exit, interrupt, threads};

/// How often to look at a run that another process has.
const POLL: Duration = Duration::from_millis(500);

/// How a sweep's runs are run.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    /// Runs at a time.
    pub jobs: NonZeroUsize,
    /// Threads for each.
    pub threads: usize,
    /// Whether to wait for runs that other processes have.
    pub waits: bool,
    /// The number of failed runs from which no other is started.
    pub stop_after: Option<NonZeroUsize>,
}

/// How the work on some tasks ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// All are done.
    Done,
    /// One failed; the exit code of the first.
    Failed(u8),
    /// The rest was left, since this process was told to stop.
    Interrupted,
    /// Other processes have the rest.
    InUse,
}

/// Runs what is missing of some tasks and prints how many are done.
pub(super) fn work(
    sweep: &Sweep,
    arguments: &SweepArguments,
    tasks: &[Task],
    limits: Limits,
    out: &mut dyn Write,
) -> anyhow::Result<Ending> {
    let all = tasks.len();
    let missing: Vec<&Task> = tasks.iter().filter(|task| !task.is_done()).collect();
    let failed = Failed::of(sweep, arguments);
    let workers = Workers {
        arguments,
        program: &std::env::current_exe().context("this program's own path is not known")?,
        base: &sweep.base,
        limits,
        all,
        failed: &failed,
        progress: Mutex::new(Progress::new(all, all - missing.len())),
        queue: Mutex::new(missing.iter().copied().collect()),
        elsewhere: Mutex::new(VecDeque::new()),
    };
    let _saving = interrupt::saving();
    std::thread::scope(|scope| {
        // One works here, so that it goes on where no other thread can be started.
        for _ in 1..limits.jobs.get().min(missing.len()) {
            if let Err(error) = Builder::new().spawn_scoped(scope, || workers.work()) {
                exit::say(&format!("fewer runs at a time: {}", threads::none(&error)));
                break;
            }
        }
        workers.work();
    });
    let (progress, left) = workers.finished();
    for failure in &progress.failures {
        exit::say(&failure.line);
    }
    let is_stopped = limits
        .stop_after
        .is_some_and(|most| failed.count() >= most.get());
    if interrupt::requested() && progress.done < all {
        exit::say("interrupted; run the same command to resume");
    } else if is_stopped && progress.done + progress.failures.len() < all {
        exit::say(&format!(
            "{} failed: no other is started",
            count(failed.count(), "run has")
        ));
    }
    writeln!(out, "{} of {} done", progress.done, count(all, "run is"))?;
    let first = progress.failures.first().map(|failure| failure.code);
    Ok(if progress.done == all {
        Ending::Done
    } else if interrupt::requested() {
        Ending::Interrupted
    } else if let Some(code) = first {
        Ending::Failed(code)
    } else if is_stopped {
        Ending::Failed(exit::FAILED)
    } else {
        debug_assert!(left > 0);
        Ending::InUse
    })
}

/// State shared by the threads, each of which runs one process at a time.
struct Workers<'a> {
    arguments: &'a SweepArguments,
    program: &'a Path,
    base: &'a Path,
    limits: Limits,
    all: usize,
    failed: &'a Failed,
    queue: Mutex<VecDeque<&'a Task<'a>>>,
    /// Runs that another process has.
    elsewhere: Mutex<VecDeque<&'a Task<'a>>>,
    progress: Mutex<Progress>,
}

struct Progress {
    done: usize,
    failures: Vec<Shown>,
    bar: Option<ProgressBar>,
}

/// A failure as it is told at the end.
struct Shown {
    code: u8,
    line: String,
}

/// How a run's process ended.
struct Ended {
    code: Option<i32>,
    /// The last line that it printed.
    said: String,
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

    fn show(&self, run: &str, state: &str, all: usize) {
        match &self.bar {
            Some(bar) => {
                bar.set_position(self.done as u64);
                bar.set_message(run.to_owned());
            }
            None => exit::say(&format!("{} of {all}: {run} {state}", self.done)),
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
            self.failed.clear(task);
            let ended = self.run(task);
            // Another process may have begun the run just before this one.
            let is_in_use = |ended: &Ended| ended.code == Some(exit::IN_USE.into());
            if ended.as_ref().is_ok_and(is_in_use) && !task.is_done() {
                let holder = task.holder();
                self.leave(task, holder.as_deref().unwrap_or("another process"));
            } else {
                self.note(task, ended);
            }
        }
    }

    /// The next run that this process can do; waits for those that others have.
    fn next(&self) -> Option<&'a Task<'a>> {
        let mut said = false;
        while !interrupt::requested() && !self.is_stopped() {
            if let Some(task) = self.queue.lock().ok()?.pop_front() {
                return Some(task);
            }
            if !self.limits.waits {
                return None;
            }
            let task = self.elsewhere.lock().ok()?.pop_front()?;
            if task.is_done() {
                self.done(task);
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

    /// Whether so many runs failed that no other is to be started.
    fn is_stopped(&self) -> bool {
        let most = self.limits.stop_after;
        most.is_some_and(|most| self.failed.count() >= most.get())
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

    /// Runs a task in its own process.
    fn run(&self, task: &Task) -> std::io::Result<Ended> {
        let mut command = Command::new(self.program);
        command.arg("run").arg(self.base);
        for change in &task.member.changes {
            command.args(["--set", change]);
        }
        let threads = threads::suiting(&task.member.plan)?.min(self.limits.threads);
        command
            .args(["--name", task.member.plan.name()])
            .args(["--seeds", &task.seed.to_string()])
            .args(["--threads", &threads.to_string()])
            .args(["--backend", &self.arguments.backend.named.to_string()])
            .arg("--out")
            .arg(&self.arguments.results.folder)
            .args(["--while-stdin-open", "--own-name"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        if let Some(epoch) = task.until {
            command.args(["--until-epoch", &epoch.to_string()]);
        }
        if let Some(folder) = self.arguments.data.folder() {
            command.arg("--data-dir").arg(folder);
        }
        let output = wait(command.spawn()?)?;
        let said = String::from_utf8_lossy(&output.stderr);
        let last = said.lines().rfind(|line| line.starts_with("hearth: "));
        let said = match last.and_then(|line| line.strip_prefix("hearth: ")) {
            Some(line) => line.to_owned(),
            None => format!("ended with {}", output.status),
        };
        let code = output.status.code();
        Ok(Ended { code, said })
    }

    fn done(&self, task: &Task) {
        let Ok(mut progress) = self.progress.lock() else {
            return;
        };
        progress.done += 1;
        progress.show(&task.name(), "done", self.all);
    }

    fn note(&self, task: &Task, ended: std::io::Result<Ended>) {
        // A run that diverged has a result, too.
        if task.is_done() {
            return self.done(task);
        }
        if interrupt::requested() {
            return;
        }
        let (code, said) = match ended {
            Ok(Ended { code, said }) => (code.and_then(|code| u8::try_from(code).ok()), said),
            Err(error) => (None, error.to_string()),
        };
        let failure = Failure::of(task, code.unwrap_or(exit::FAILED), said);
        if let Err(error) = self.failed.note(task, &failure) {
            exit::say(&error.to_string());
        }
        let Ok(mut progress) = self.progress.lock() else {
            return;
        };
        progress.failures.push(Shown {
            code: failure.code,
            line: format!("{} failed: {}", task.name(), failure.error),
        });
        progress.show(&task.name(), "failed", self.all);
    }

    /// What was done, and the number of runs that are left to other processes.
    fn finished(self) -> (Progress, usize) {
        let left = self.elsewhere.into_inner();
        let left = left.unwrap_or_else(|poisoned| poisoned.into_inner()).len();
        let progress = match self.progress.into_inner() {
            Ok(progress) => progress,
            Err(poisoned) => poisoned.into_inner(),
        };
        if let Some(bar) = &progress.bar {
            bar.finish_and_clear();
        }
        (progress, left)
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
