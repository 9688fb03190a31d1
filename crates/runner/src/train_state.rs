//! How far a training is: all that its next step depends on, and all that it measured.

use config::TrainingConfig;
use record::{Epoch, EpochLine};
use serde::{Deserialize, Serialize};

use crate::early_stopping::{EarlyStopping, Verdict};
use crate::evaluate::Totals;
use crate::model::Network;
use crate::optimizer::Optimizer;

pub(crate) struct TrainState<M> {
    pub model: M,
    pub optimizer: Optimizer,
    /// Those that are finished.
    pub epochs: Vec<EpochLine>,
    /// Of the epoch after them.
    pub begun: Begun,
    stopping: Option<EarlyStopping>,
    /// The model of the best epoch, where early stopping wants it.
    pub best: Option<M>,
    /// Whether the training ended before its last epoch, by early stopping.
    stopped: bool,
}

/// What is done of an epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Begun {
    pub steps: usize,
    pub totals: Totals,
    /// Spent on these steps by those who were interrupted.
    pub train_s: f64,
}

impl<M: Network> TrainState<M> {
    /// Before the first step.
    pub fn new(model: M, optimizer: Optimizer, training: &TrainingConfig) -> Self {
        Self {
            model,
            optimizer,
            epochs: Vec::with_capacity(training.epochs),
            begun: Begun::default(),
            stopping: training.early_stopping.as_ref().map(EarlyStopping::new),
            best: None,
            stopped: false,
        }
    }

    /// Further on: after these epochs, with this of the next one. What early stopping made of them,
    /// it makes of them again.
    pub fn go_on(&mut self, epochs: Vec<EpochLine>, begun: Begun) {
        for line in &epochs {
            self.observe(&line.epoch);
        }
        self.epochs = epochs;
        self.begun = begun;
    }

    /// Takes in a finished epoch.
    pub fn finish_epoch(&mut self, line: EpochLine) {
        if self.observe(&line.epoch) == Some(Verdict::Improved) {
            // A copy: running statistics are shared with the model that goes on.
            self.best = Some(self.model.valid());
        }
        self.epochs.push(line);
        self.begun = Begun::default();
    }

    fn observe(&mut self, epoch: &Epoch) -> Option<Verdict> {
        let verdict = self.stopping.as_mut()?.observe(epoch);
        self.stopped = verdict == Verdict::Stop;
        Some(verdict)
    }

    /// The epoch to train now, from 1; nothing when the training is over.
    pub fn next_epoch(&self, training: &TrainingConfig) -> Option<usize> {
        let next = self.epochs.len() + 1;
        (!self.stopped && next <= training.epochs).then_some(next)
    }

    /// The epoch whose weights early stopping keeps.
    pub fn best_epoch(&self) -> Option<usize> {
        self.stopping.as_ref()?.best_epoch()
    }

    /// All steps so far.
    pub fn steps(&self, steps_per_epoch: usize) -> usize {
        self.epochs.len() * steps_per_epoch + self.begun.steps
    }
}

/// Whether a training of so many epochs comes to where these are finished and so many steps of the
/// next one are done: a file may say anything.
pub(crate) fn is_on_the_way(
    finished: &[EpochLine],
    begun: &Begun,
    epochs: usize,
    steps_per_epoch: usize,
) -> bool {
    let mut numbered = finished.iter().zip(1..);
    finished.len() <= epochs
        && begun.steps < steps_per_epoch
        && numbered.all(|(line, number)| line.epoch.epoch == number)
}

#[cfg(test)]
mod tests {
    use record::{EpochTiming, Scores};

    use super::*;

    #[test]
    fn places_that_no_training_comes_to_are_told() {
        let line = |epoch| EpochLine {
            epoch: Epoch {
                epoch,
                train: Scores {
                    loss: 1.0,
                    accuracy: 0.5,
                    plain_loss: None,
                },
                validation: None,
            },
            timing: EpochTiming {
                train_s: 1.0,
                validation_s: 0.0,
            },
        };
        let is_on_the_way = |numbers: &[usize], steps| {
            let finished: Vec<EpochLine> = numbers.iter().map(|&number| line(number)).collect();
            let begun = Begun {
                steps,
                ..Begun::default()
            };
            is_on_the_way(&finished, &begun, 3, 9)
        };
        assert!(is_on_the_way(&[], 0) && is_on_the_way(&[1, 2], 8) && is_on_the_way(&[1, 2, 3], 0));
        assert!(!is_on_the_way(&[1], 9) && !is_on_the_way(&[1], usize::MAX));
        assert!(!is_on_the_way(&[2], 0) && !is_on_the_way(&[1, 1], 0));
        assert!(!is_on_the_way(&[1, 2, 3, 4], 0));
    }
}
