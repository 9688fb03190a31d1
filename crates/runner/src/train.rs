//! The training loop. Weights change nowhere else.

use std::time::Instant;

use burn::optim::GradientsParams;
use burn::tensor::{Int, Tensor, TensorData};
use config::{RunSeeds, Training};
use kernels::DropoutKey;
use random::{Purpose, Stream};
use record::{Diverged, Epoch, EpochLine, EpochTiming, MetricsLog, RecordError, Scores};
use spec::Network;

use crate::checkpoint::Checkpoints;
use crate::data::{DeviceData, DeviceExamples};
use crate::evaluate::{Totals, evaluate};
use crate::loss::Loss;
use crate::observer::{Observer, StepProgress};
use crate::penalty::Penalty;
use crate::step_figures::{StepFigures, Unread};
use crate::train_state::TrainState;

/// The reason that training ended.
pub(crate) enum End {
    Completed,
    Diverged(Diverged),
    /// The observer interrupted training between two steps.
    Interrupted,
}

/// Trains from the given state to the end.
///
/// # Errors
///
/// If the metrics log or a checkpoint cannot be written.
#[expect(clippy::too_many_arguments, reason = "the loop uses all of them")]
pub(crate) fn train(
    mut state: TrainState,
    training: &Training,
    penalty: Option<&Penalty>,
    seeds: RunSeeds,
    data: &DeviceData,
    log: &mut MetricsLog,
    mut checkpoints: Option<&mut Checkpoints>,
    observer: &mut dyn Observer,
) -> Result<(TrainState, End), RecordError> {
    while let Some(epoch) = state.next_epoch(training) {
        observer.epoch_begins(epoch, state.begun.steps);
        let started = Instant::now();
        let steps = Steps {
            epoch,
            training,
            penalty,
            seeds,
            loss: data.loss,
            examples: &data.train,
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
        let validation = data.validation.as_ref().map(|examples| {
            let batch = data.evaluation_batch;
            evaluate(&state.model, examples, batch, data.loss, penalty).scores
        });
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
            learning_rate: state.optimizer.last_rate(),
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

/// The number of batches per epoch. The last batch may be smaller.
pub(crate) fn steps_per_epoch(examples: &DeviceExamples, training: &Training) -> usize {
    examples.len().div_ceil(training.batch_size.get())
}

/// The position after an epoch's last step, for an evaluation that diverged.
pub(crate) fn after_epoch(
    epoch: usize,
    examples: &DeviceExamples,
    training: &Training,
) -> Diverged {
    let step = steps_per_epoch(examples, training) + 1;
    Diverged { epoch, step }
}

/// The training steps of one epoch.
struct Steps<'a> {
    epoch: usize,
    training: &'a Training,
    penalty: Option<&'a Penalty>,
    seeds: RunSeeds,
    loss: Loss,
    examples: &'a DeviceExamples,
    observer: &'a mut dyn Observer,
}

impl Steps<'_> {
    /// Runs the remaining steps of the epoch. Returns its running scores, or the reason that it
    /// ended early.
    fn run(mut self, mut state: TrainState) -> (TrainState, Result<Scores, End>) {
        let steps = steps_per_epoch(self.examples, self.training);
        let batch_size = self.training.batch_size.get();
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
                seed: self.seeds.dropout,
                step: ((self.epoch - 1) * steps + step - 1) as u32,
            };
            let start = (step - 1) * batch_size;
            let end = self.examples.len().min(start + batch_size);
            let (inputs, labels) =
                self.examples
                    .select(order.clone().narrow(0, start, end - start));
            let logits = state.model.forward(inputs, Some(key));
            let loss = self.loss.mean(logits.clone(), labels.clone());
            let correct = self.loss.correct(logits.inner(), labels);
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

    /// Adds the figures of the steps up to `last` to the totals and reports them to the observer.
    /// The error is the first step whose loss is not finite.
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
                epochs: self.training.epochs.get(),
                step,
                steps: steps_per_epoch(self.examples, self.training),
                examples: totals.examples(),
                train: totals.scores(),
            });
        }
        Ok(())
    }

    /// The order of the examples in this epoch: shuffled, or as stored.
    fn order(&self) -> Tensor<1, Int> {
        let examples = self.examples.len();
        let order = if self.training.shuffle {
            let stream = Stream::new(self.seeds.order, Purpose::Shuffle, 0, self.epoch as u32 - 1);
            stream.permutation(examples)
        } else {
            (0..examples as u32).collect()
        };
        let order: Vec<i32> = order.into_iter().map(|index| index as i32).collect();
        Tensor::from_data(TensorData::new(order, [examples]), &self.examples.device())
    }
}
