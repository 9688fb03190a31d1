//! Progress on standard error: a line per epoch, and on a terminal a bar.

use std::io::{IsTerminal, Write};
use std::time::Instant;

use datasets::{Progress, Unit};
use indicatif::{ProgressBar, ProgressStyle};
use record::{EpochLine, RecordError, Scores};
use runner::{Observer, StepProgress};

use crate::{exit, interrupt};

/// Shows a run's progress on standard error.
pub struct RunProgress {
    /// The run's name.
    run: String,
    /// The epoch being trained.
    epoch: Option<BegunEpoch>,
    /// The epoch after which the run is to be saved and left.
    until: Option<usize>,
    /// Whether it is there.
    is_there: bool,
    display: Display,
}

enum Display {
    /// A bar below the lines, on a terminal.
    Bar(ProgressBar),
    /// The lines alone.
    Lines,
}

struct BegunEpoch {
    at: Instant,
    /// Steps done before an interruption.
    steps: usize,
}

impl BegunEpoch {
    /// Since this process began the epoch; examples from before an interruption do not count.
    fn examples_per_s(&self, progress: &StepProgress) -> f64 {
        let since = progress.step.saturating_sub(self.steps) as f64 / progress.step as f64;
        since * progress.examples as f64 / self.at.elapsed().as_secs_f64()
    }
}

impl RunProgress {
    /// Progress of the run with this name, which is to be left after an epoch, if one is given.
    pub fn new(run: String, until: Option<usize>) -> Self {
        let display = if has_bars() {
            Display::Bar(ProgressBar::hidden())
        } else {
            Display::Lines
        };
        Self {
            run,
            epoch: None,
            until,
            is_there: false,
            display,
        }
    }

    /// Whether the run was left after the epoch that was asked for.
    pub fn is_there(&self) -> bool {
        self.is_there
    }

    /// Removes the bar.
    pub fn finish(&self) {
        if let Display::Bar(bar) = &self.display {
            bar.finish_and_clear();
        }
    }
}

/// Whether standard error is an interactive terminal that can redraw a line.
pub fn has_bars() -> bool {
    let dumb = std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
    std::io::stderr().is_terminal() && !dumb && std::env::var_os("CI").is_none()
}

impl Observer for RunProgress {
    fn epoch_begins(&mut self, epoch: usize, steps_done: usize) {
        self.is_there = self.until.is_some_and(|until| epoch > until);
        let resumes = match (epoch, steps_done) {
            (1, 0) => None,
            (_, 0) => Some(format!("after epoch {}", epoch - 1)),
            (_, steps) => Some(format!("in epoch {epoch}, after {steps} steps")),
        };
        let begun = BegunEpoch {
            at: Instant::now(),
            steps: steps_done,
        };
        if let (None, Some(place)) = (self.epoch.replace(begun), resumes) {
            exit::say(&format!("{}: resuming {place}", self.run));
        }
    }

    fn unreadable(&mut self, problem: &RecordError) {
        exit::say(&format!("{}: {problem}; ignored", self.run));
    }

    fn step(&mut self, progress: &StepProgress) {
        let (Display::Bar(bar), Some(epoch)) = (&mut self.display, &self.epoch) else {
            return;
        };
        let position = (progress.epoch - 1) * progress.steps + progress.step;
        if bar.is_hidden() || bar.is_finished() {
            *bar = steps_bar(&self.run, progress, position);
        }
        bar.set_position(position as u64);
        // Redrawn ten times a second at most; composing the text each step would cost more.
        if progress.step.is_multiple_of(16) {
            // The name last: a narrow terminal cuts it off.
            bar.set_message(format!(
                "epoch {}/{} train {} {:.0} examples/s  {}",
                progress.epoch,
                progress.epochs,
                scores(progress.train),
                epoch.examples_per_s(progress),
                self.run,
            ));
        }
    }

    fn epoch(&mut self, line: &EpochLine) {
        let epoch = &line.epoch;
        let validation = epoch
            .validation
            .map(|measured| format!("  validation {}", scores(measured)));
        let line = format!(
            "{}  epoch {:>3}  train {}{}  {:.2} s",
            self.run,
            epoch.epoch,
            scores(epoch.train),
            validation.unwrap_or_default(),
            line.timing.train_s + line.timing.validation_s,
        );
        match &self.display {
            // Above the bar, so that the history stays.
            Display::Bar(bar) => bar.println(line),
            Display::Lines => {
                let _ = writeln!(std::io::stderr(), "{line}");
            }
        }
    }

    fn interrupted(&self) -> bool {
        self.is_there || interrupt::requested()
    }
}

fn scores(scores: Scores) -> String {
    format!("loss {:.4} accuracy {:.4}", scores.loss, scores.accuracy)
}

/// A bar that starts at a position: steps before it were done earlier and do not count for the time left.
fn steps_bar(run: &str, progress: &StepProgress, position: usize) -> ProgressBar {
    let bar = ProgressBar::new((progress.epochs * progress.steps) as u64);
    bar.set_style(style("{bar:10} {eta} left  {wide_msg}"));
    bar.set_position(position as u64);
    bar.reset_eta();
    bar.with_message(run.to_owned())
}

/// Shows downloads and the reading of many files on a bar, on a terminal that can redraw it.
pub fn downloads() -> impl FnMut(Progress) {
    let mut bar = ProgressBar::hidden();
    move |progress| {
        if has_bars() {
            show_progress(&mut bar, progress);
        }
    }
}

/// Shows the progress on a bar, which is created if it is still hidden.
fn show_progress(bar: &mut ProgressBar, progress: Progress) {
    if bar.is_hidden() || bar.prefix() != progress.task {
        let total = progress.total.unwrap_or(0);
        *bar = ProgressBar::new(total).with_prefix(progress.task.to_owned());
        bar.set_style(style(match progress.unit {
            Unit::Bytes => "{wide_bar} {bytes} of {total_bytes}  {eta} left  {prefix}",
            Unit::Files => "{wide_bar} {human_pos} of {human_len} files  {eta} left  {prefix}",
        }));
    }
    bar.set_position(progress.done);
    if Some(progress.done) == progress.total {
        bar.finish_and_clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
