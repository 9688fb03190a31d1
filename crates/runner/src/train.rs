//! The training loop: the only place where weights change.

use std::time::Instant;

use burn::optim::GradientsParams;
use burn::tensor::kind::Basic;
use burn::tensor::{Device, Int, Tensor, TensorData};
use kernels::DropoutKey;
use random::{Purpose, Stream};
use record::{Diverged, Epoch, EpochLine, EpochTiming, MetricsLog, Scores};

use crate::config::TrainingConfig;
use crate::data::{Data, Split};
use crate::early_stopping::{EarlyStopping, Verdict};
use crate::evaluate::{Totals, evaluate};
use crate::model::Network;
use crate::observer::{Observer, StepProgress};
use crate::optimizer::Optimizer;
use crate::penalty::Penalty;

/// What training left.
pub(crate) struct Trained<M> {
    pub model: M,
    pub epochs: Vec<EpochLine>,
    /// The epoch whose weights early stopping kept.
    pub best_epoch: Option<usize>,
    pub end: End,
}

pub(crate) enum End {
    Completed,
    Diverged(Diverged),
    /// In this epoch, from 1.
    Interrupted(usize),
}

/// Trains a model by a config's settings, from the weights it has.
///
/// # Errors
///
/// When the log of metrics cannot be written.
pub(crate) fn train<M: Network>(
    mut model: M,
    mut optimizer: Optimizer,
    training: &TrainingConfig,
    seed: u64,
    data: &Data<M::Kind>,
    log: &mut MetricsLog,
    observer: &mut dyn Observer,
) -> Result<Trained<M>, record::RecordError> {
    let penalty = Penalty::new(training);
    let mut stopping = training.early_stopping.as_ref().map(EarlyStopping::new);
    let mut best = None;
    let mut epochs = Vec::with_capacity(training.epochs);
    let mut end = End::Completed;
    for epoch in 1..=training.epochs {
        let started = Instant::now();
        let mut steps = Steps {
            epoch,
            training,
            penalty,
            seed,
            split: &data.train,
            observer,
        };
        let (trained, train) = steps.run(model, &mut optimizer);
        model = trained;
        let train = match train {
            Ok(train) => train,
            Err(early) => {
                end = early;
                break;
            }
        };
        let train_s = started.elapsed().as_secs_f64();

        let started = Instant::now();
        let validation = data
            .validation
            .as_ref()
            .map(|split| evaluate(&model, split, penalty).scores);
        let validation_s = started.elapsed().as_secs_f64();
        if validation.is_some_and(|scores| !scores.loss.is_finite()) {
            end = End::Diverged(after_epoch(epoch, &data.train, training));
            break;
        }

        let line = EpochLine {
            epoch: Epoch {
                epoch,
                train,
                validation,
            },
            timing: EpochTiming {
                train_s,
                validation_s,
            },
        };
        log.append(&line)?;
        observer.epoch(&line);
        let verdict = stopping
            .as_mut()
            .map(|stopping| stopping.observe(&line.epoch));
        epochs.push(line);
        match verdict {
            // A copy: running statistics are shared with the model that goes on.
            Some(Verdict::Improved) => best = Some((epoch, model.valid())),
            Some(Verdict::Stop) => break,
            Some(Verdict::GoOn) | None => {}
        }
    }
    let (best_epoch, model) = match (best, &end) {
        (Some((epoch, best)), End::Completed) => (Some(epoch), best),
        _ => (None, model),
    };
    Ok(Trained {
        model,
        epochs,
        best_epoch,
        end,
    })
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
    /// The model after all steps and the running scores, or why it ended before.
    fn run<M: Network<Kind = K>>(
        &mut self,
        mut model: M,
        optimizer: &mut Optimizer,
    ) -> (M, Result<Scores, End>) {
        let steps = steps_per_epoch(self.split, self.training);
        let mut totals = Totals::default();
        for (step, batch) in (1..).zip(self.batches()) {
            if self.observer.interrupted() {
                return (model, Err(End::Interrupted(self.epoch)));
            }
            let key = DropoutKey {
                seed: self.seed,
                step: ((self.epoch - 1) * steps + step - 1) as u32,
            };
            let (inputs, labels) = self.split.select(batch);
            let logits = model.training_logits(inputs, key);
            let loss = M::LOSS.mean(logits.clone(), labels.clone());
            let mut gradients = GradientsParams::from_grads(loss.backward(), &model);
            let loss: f32 = loss.inner().into_scalar();
            let mut penalised = 0.0;
            if let Some(penalty) = self.penalty {
                penalised = penalty.of(&model);
                gradients = penalty.add_gradients(&model, gradients);
            }
            if !(f64::from(loss) + penalised).is_finite() {
                let epoch = self.epoch;
                return (model, Err(End::Diverged(Diverged { epoch, step })));
            }
            let outcomes = M::LOSS.outcomes(logits.inner(), labels);
            totals.add(loss, penalised, &outcomes);
            model = optimizer.step(model, gradients);
            self.observer.step(&StepProgress {
                epoch: self.epoch,
                epochs: self.training.epochs,
                step,
                steps,
                examples: totals.examples(),
                train: totals.scores(),
            });
        }
        (model, Ok(totals.scores()))
    }

    /// The indices of each batch: the split's examples in the order that belongs to the epoch, or
    /// as they come.
    fn batches(&self) -> Vec<Tensor<1, Int>> {
        let device = self.split.device();
        let examples = self.split.examples();
        let order = match self.training.shuffle {
            true => {
                let stream = Stream::new(self.seed, Purpose::Shuffle, 0, self.epoch as u32 - 1);
                stream.permutation(examples)
            }
            false => (0..examples as u32).collect(),
        };
        let batches = order.chunks(self.training.batch_size);
        batches.map(|batch| indices(batch, &device)).collect()
    }
}

fn indices(batch: &[u32], device: &Device) -> Tensor<1, Int> {
    let indices: Vec<i32> = batch.iter().map(|&index| index as i32).collect();
    let count = indices.len();
    Tensor::from_data(TensorData::new(indices, [count]), device)
}
