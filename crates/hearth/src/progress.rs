use std::io::{IsTerminal, Write};
use std::time::Instant;

use datasets::Progress;
use indicatif::{ProgressBar, ProgressStyle};
use record::{EpochLine, RecordError, Scores};
use runner::{Observer, StepProgress};

use crate::{exit, interrupt};

/// Shows a run's progress on standard error.
pub struct RunProgress {
    /// The run's name.
    run: String,
    /// Whether a step is done.
    training: bool,
    display: Display,
}

enum Display {
    /// On a terminal.
    Bar { bar: ProgressBar, epoch: Instant },
    /// Elsewhere: a line per epoch.
    Lines,
}

impl RunProgress {
    pub fn new(run: String) -> Self {
        let display = match has_bars() {
            true => Display::Bar {
                bar: ProgressBar::hidden(),
                epoch: Instant::now(),
            },
            false => Display::Lines,
        };
        Self {
            run,
            training: false,
            display,
        }
    }

    /// Removes the bar.
    pub fn finish(&self) {
        if let Display::Bar { bar, .. } = &self.display {
            bar.finish_and_clear();
        }
    }
}

/// A terminal that can redraw a line, with a person before it.
pub fn has_bars() -> bool {
    let dumb = std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
    std::io::stderr().is_terminal() && !dumb && std::env::var_os("CI").is_none()
}

impl Observer for RunProgress {
    fn downloading(&mut self, progress: Progress) {
        if let Display::Bar { bar, .. } = &mut self.display {
            show_download(bar, progress);
        }
    }

    fn resumed(&mut self, epoch: usize, steps: usize) {
        let place = match steps {
            0 => format!("after epoch {}", epoch - 1),
            steps => format!("in epoch {epoch}, after {steps} steps"),
        };
        exit::say(&format!("{}: goes on {place}", self.run));
    }

    fn unreadable(&mut self, problem: &RecordError) {
        exit::say(&format!("{}: {problem}; not used", self.run));
    }

    fn step(&mut self, progress: &StepProgress) {
        let Display::Bar { bar, epoch } = &mut self.display else {
            return;
        };
        if !self.training {
            self.training = true;
            bar.finish_and_clear();
            *bar = steps_bar(&self.run, progress);
        }
        if progress.step == 1 {
            *epoch = Instant::now();
        }
        let position = (progress.epoch - 1) * progress.steps + progress.step;
        bar.set_position(position as u64);
        // Redrawn ten times a second at most; composing the text each step would cost more.
        if progress.step.is_multiple_of(16) {
            let speed = progress.examples as f64 / epoch.elapsed().as_secs_f64();
            // The name last: a narrow terminal cuts it off.
            bar.set_message(format!(
                "epoch {}/{} {} {speed:.0} examples/s  {}",
                progress.epoch,
                progress.epochs,
                scores(progress.train),
                self.run,
            ));
        }
    }

    fn epoch(&mut self, line: &EpochLine) {
        if let Display::Lines = self.display {
            let epoch = &line.epoch;
            let validation = epoch
                .validation
                .map(|measured| format!("  validation {}", scores(measured)));
            let _ = writeln!(
                std::io::stderr(),
                "{}  epoch {:>3}  train {}{}  {:.2} s",
                self.run,
                epoch.epoch,
                scores(epoch.train),
                validation.unwrap_or_default(),
                line.timing.train_s + line.timing.validation_s,
            );
        }
    }

    fn interrupted(&self) -> bool {
        interrupt::requested()
    }
}

fn scores(scores: Scores) -> String {
    format!("loss {:.4} accuracy {:.4}", scores.loss, scores.accuracy)
}

fn steps_bar(run: &str, progress: &StepProgress) -> ProgressBar {
    let bar = ProgressBar::new((progress.epochs * progress.steps) as u64);
    bar.set_style(style("{bar:10} {eta} left  {wide_msg}"));
    bar.with_message(run.to_owned())
}

/// Shows a download on a bar that may be hidden yet.
pub fn show_download(bar: &mut ProgressBar, progress: Progress) {
    if bar.is_hidden() || bar.prefix() != progress.file {
        let total = progress.total_bytes.unwrap_or(0);
        *bar = ProgressBar::new(total).with_prefix(progress.file.to_owned());
        bar.set_style(style(
            "{wide_bar} {bytes} of {total_bytes}  {eta} left  {prefix}",
        ));
    }
    bar.set_position(progress.bytes);
    if Some(progress.bytes) == progress.total_bytes {
        bar.finish_and_clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
