use datasets::Progress;
use record::{EpochLine, RecordError, Scores};

/// Whoever watches a run: shows its progress, or stops it.
pub trait Observer {
    fn downloading(&mut self, progress: Progress);

    /// A checkpoint cannot be used; an earlier one is, or the run starts from the beginning.
    fn unreadable(&mut self, problem: &RecordError);

    /// The training of an epoch, from 1, begins; or goes on, where some of its steps are done.
    fn epoch_begins(&mut self, epoch: usize, steps_done: usize);

    /// A training step is done; told of some steps later, of several at once.
    fn step(&mut self, progress: &StepProgress);

    /// An epoch is done and its line is written.
    fn epoch(&mut self, line: &EpochLine);

    /// Asked before each training step.
    fn interrupted(&self) -> bool;
}

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepProgress {
    /// From 1.
    pub epoch: usize,
    pub epochs: usize,
    /// From 1, within the epoch.
    pub step: usize,
    pub steps: usize,
    /// Trained on in this epoch.
    pub examples: usize,
    /// The epoch's so far.
    pub train: Scores,
}
