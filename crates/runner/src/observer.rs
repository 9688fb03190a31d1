use record::{EpochLine, RecordError, Scores};

/// Observes a run, for instance to show its progress, and can interrupt it.
pub trait Observer {
    /// A checkpoint cannot be used. The run resumes from an earlier one or starts from the
    /// beginning.
    fn unreadable(&mut self, problem: &RecordError);

    /// An epoch, counted from 1, begins. If `steps_done` is not 0, it resumes after these steps.
    fn epoch_begins(&mut self, epoch: usize, steps_done: usize);

    /// A training step is done. The call may come some steps later, for several steps in a row.
    fn step(&mut self, progress: &StepProgress);

    /// An epoch is done and its line is in the metrics log.
    fn epoch(&mut self, line: &EpochLine);

    /// Whether the run should stop. Called before each training step.
    fn interrupted(&self) -> bool;
}

/// The progress of a run after a training step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepProgress {
    /// The epoch, counted from 1.
    pub epoch: usize,
    /// The number of epochs that the config asks for.
    pub epochs: usize,
    /// The step within the epoch, counted from 1.
    pub step: usize,
    /// The number of steps per epoch.
    pub steps: usize,
    /// The number of examples processed in this epoch.
    pub examples: usize,
    /// The running scores of the epoch.
    pub train: Scores,
}
