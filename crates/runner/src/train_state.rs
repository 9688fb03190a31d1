//! The state of training: everything that the next step depends on, and the measurements so far.

use burn::module::Module;
use catalog::Network;
use config::Training;
use record::{Epoch, EpochLine};
use serde::{Deserialize, Serialize};

use crate::early_stopping::{Decision, EarlyStopping};
use crate::evaluate::Totals;
use crate::optimizer::Optimizer;

/// The state between two training steps.
pub(crate) struct TrainState {
    pub model: Network,
    pub optimizer: Optimizer,
    /// The finished epochs.
    pub epochs: Vec<EpochLine>,
    /// The steps done in the next epoch.
    pub begun: Begun,
    stopping: Option<EarlyStopping>,
    /// The model after the best epoch; `None` without early stopping.
    pub best: Option<Network>,
    /// Whether early stopping ended training.
    stopped: bool,
}

/// The part of an epoch that is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Begun {
    pub steps: usize,
    pub totals: Totals,
    /// Seconds that earlier processes spent on these steps.
    pub train_s: f64,
}

impl TrainState {
    /// The state before the first step.
    pub fn new(model: Network, optimizer: Optimizer, training: &Training) -> Self {
        Self {
            model,
            optimizer,
            epochs: Vec::with_capacity(training.epochs.get()),
            begun: Begun::default(),
            stopping: training.early_stopping.as_ref().map(EarlyStopping::new),
            best: None,
            stopped: false,
        }
    }

    /// Moves on to the state after these epochs, in the middle of the next one. Early stopping sees
    /// the epochs again and so reaches the same decisions.
    pub fn go_on(&mut self, epochs: Vec<EpochLine>, begun: Begun) {
        for line in &epochs {
            self.observe(&line.epoch);
        }
        self.epochs = epochs;
        self.begun = begun;
    }

    /// Adds a finished epoch.
    pub fn finish_epoch(&mut self, line: EpochLine) {
        if self.observe(&line.epoch) == Some(Decision::Improved) {
            // `valid` makes a copy. A clone would share running statistics with the model in
            // training.
            self.best = Some(self.model.valid());
        }
        self.epochs.push(line);
        self.begun = Begun::default();
    }

    fn observe(&mut self, epoch: &Epoch) -> Option<Decision> {
        let decision = self.stopping.as_mut()?.observe(epoch);
        self.stopped = decision == Decision::Stop;
        Some(decision)
    }

    /// The epoch to train next, counted from 1; `None` if training is over.
    pub fn next_epoch(&self, training: &Training) -> Option<usize> {
        let next = self.epochs.len() + 1;
        (!self.stopped && next <= training.epochs.get()).then_some(next)
    }

    /// The epoch whose weights early stopping keeps.
    pub fn best_epoch(&self) -> Option<usize> {
        self.stopping.as_ref()?.best_epoch()
    }

    /// The number of training steps so far.
    pub fn steps(&self, steps_per_epoch: usize) -> usize {
        self.epochs.len() * steps_per_epoch + self.begun.steps
    }
}

/// Whether training for `epochs` epochs can reach the point where these epochs are finished and
/// these steps of the next one are done. A checkpoint file could claim anything.
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
    fn unreachable_states_are_detected() {
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
            learning_rate: None,
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
