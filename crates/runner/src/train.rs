//! The training loop: the only place where weights change.

use std::time::Instant;

use burn::optim::GradientsParams;
use burn::tensor::kind::Basic;
use burn::tensor::{Int, Tensor, TensorData};
use config::TrainingConfig;
use kernels::DropoutKey;
use random::{Purpose, Stream};
use record::{Diverged, Epoch, EpochLine, EpochTiming, MetricsLog, RecordError, Scores};

use crate::checkpoint::Checkpoints;
use crate::data::{Data, Split};
use crate::evaluate::{Totals, evaluate};
use crate::model::Network;
use crate::observer::{Observer, StepProgress};
use crate::penalty::Penalty;
use crate::step_figures::{StepFigures, Unread};
use crate::train_state::TrainState;

/// Why a training ended.
pub(crate) enum End {
    Completed,
    Diverged(Diverged),
    /// Between two steps.
    Interrupted,
}

/// Trains from where the state is, by a config's settings.
///
/// # Errors
///
/// When the log of metrics or a checkpoint cannot be written.
pub(crate) fn train<M: Network>(
    mut state: TrainState<M>,
    training: &TrainingConfig,
    seed: u64,
    data: &Data<M::Kind>,
    log: &mut MetricsLog,
    mut checkpoints: Option<&mut Checkpoints>,
    observer: &mut dyn Observer,
) -> Result<(TrainState<M>, End), RecordError> {
    let penalty = Penalty::new(training);
    while let Some(epoch) = state.next_epoch(training) {
        observer.epoch_begins(epoch, state.begun.steps);
        let started = Instant::now();
        let steps = Steps {
            epoch,
            training,
            penalty,
            seed,
            split: &data.train,
            observer,
        };
        let (trained, train) = steps.run(state);
        state = trained;
        state.begun.train_s += started.elapsed().as_secs_f64();
        let train = match train {
            Ok(train) => train,
            Err(end) => return Ok((state, end)),
        };

        let started = Instant::now();
        let validation = data
            .validation
            .as_ref()
            .map(|split| evaluate(&state.model, split, penalty).scores);
        let validation_s = started.elapsed().as_secs_f64();
        if validation.is_some_and(|scores| !scores.loss.is_finite()) {
            let place = after_epoch(epoch, &data.train, training);
            return Ok((state, End::Diverged(place)));
        }

        let line = EpochLine {
            epoch: Epoch {
                epoch,
                train,
                validation,
            },
            timing: EpochTiming {
                train_s: state.begun.train_s,
                validation_s,
            },
        };
        log.append(&line)?;
        observer.epoch(&line);
        state.finish_epoch(line);
        if let Some(checkpoints) = &mut checkpoints {
            checkpoints.after_epoch(&state)?;
        }
    }
    Ok((state, End::Completed))
}

/// Batches of an epoch, the last possibly smaller.
pub(crate) fn steps_per_epoch<K: Basic>(split: &Split<K>, training: &TrainingConfig) -> usize {
    split.examples().div_ceil(training.batch_size)
}

/// The place behind an epoch's last step, where an evaluation diverged.
pub(crate) fn after_epoch<K: Basic>(
    epoch: usize,
    split: &Split<K>,
    training: &TrainingConfig,
) -> Diverged {
    let step = steps_per_epoch(split, training) + 1;
    Diverged { epoch, step }
}

/// The training steps of one epoch.
struct Steps<'a, K: Basic> {
    epoch: usize,
    training: &'a TrainingConfig,
    penalty: Option<Penalty>,
    seed: u64,
    split: &'a Split<K>,
    observer: &'a mut dyn Observer,
}

impl<K: Basic> Steps<'_, K> {
    /// All steps that are left of the epoch: its running scores, or why it ended before.
    fn run<M: Network<Kind = K>>(
        mut self,
        mut state: TrainState<M>,
    ) -> (TrainState<M>, Result<Scores, End>) {
        let steps = steps_per_epoch(self.split, self.training);
        let order = self.order();
        let mut unread = Unread::default();
        let mut totals = state.begun.totals;
        for step in state.begun.steps + 1..=steps {
            if self.observer.interrupted() {
                let figures = self.take_in(step - 1, unread.read(), &mut totals);
                state.begun.steps = step - 1;
                state.begun.totals = totals;
                return (state, figures.and(Err(End::Interrupted)));
            }
            let key = DropoutKey {
                seed: self.seed,
                step: ((self.epoch - 1) * steps + step - 1) as u32,
            };
            let start = (step - 1) * self.training.batch_size;
            let end = self.split.examples().min(start + self.training.batch_size);
            let (inputs, labels) = self
                .split
                .select(order.clone().narrow(0, start, end - start));
            let logits = state.model.training_logits(inputs, key);
            let loss = M::LOSS.mean(logits.clone(), labels.clone());
            let correct = M::LOSS.correct(logits.inner(), labels);
            let mut gradients = GradientsParams::from_grads(loss.backward(), &state.model);
            let mut penalty_terms = Vec::new();
            if let Some(penalty) = self.penalty {
                penalty_terms = penalty.terms(&state.model);
                gradients = penalty.add_gradients(&state.model, gradients);
            }
            unread.add(loss.inner(), correct, penalty_terms, end - start);
            state.model = state.optimizer.step(state.model, gradients);
            if (unread.is_full() || step == steps)
                && let Err(end) = self.take_in(step, unread.read(), &mut totals)
            {
                return (state, Err(end));
            }
        }
        (state, Ok(totals.scores()))
    }

    /// Adds the figures of the steps up to `last`, unless a loss among them is not finite.
    fn take_in(
        &mut self,
        last: usize,
        figures: Vec<StepFigures>,
        totals: &mut Totals,
    ) -> Result<(), End> {
        for (step, figures) in (last + 1 - figures.len()..).zip(figures) {
            if !(f64::from(figures.mean_loss) + figures.penalty).is_finite() {
                let epoch = self.epoch;
                return Err(End::Diverged(Diverged { epoch, step }));
            }
            totals.add(&figures);
            self.observer.step(&StepProgress {
                epoch: self.epoch,
                epochs: self.training.epochs,
                step,
                steps: steps_per_epoch(self.split, self.training),
                examples: totals.examples(),
                train: totals.scores(),
            });
        }
        Ok(())
    }

    /// The indices of the split's examples in the order that belongs to the epoch, or as they come.
    fn order(&self) -> Tensor<1, Int> {
        let examples = self.split.examples();
        let order = match self.training.shuffle {
            true => {
                let stream = Stream::new(self.seed, Purpose::Shuffle, 0, self.epoch as u32 - 1);
                stream.permutation(examples)
            }
            false => (0..examples as u32).collect(),
        };
        let order: Vec<i32> = order.into_iter().map(|index| index as i32).collect();
        Tensor::from_data(TensorData::new(order, [examples]), &self.split.device())
    }
}
