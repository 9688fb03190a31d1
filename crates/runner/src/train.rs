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
use crate::evaluate::{Totals, evaluate};
use crate::model::Network;
use crate::observer::{Observer, StepProgress};
use crate::optimizer::Optimizer;

/// What training left.
pub(crate) struct Trained<M> {
    pub model: M,
    pub epochs: Vec<EpochLine>,
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
    let mut epochs = Vec::with_capacity(training.epochs);
    for epoch in 1..=training.epochs {
        let started = Instant::now();
        let mut steps = Steps {
            epoch,
            training,
            seed,
            split: &data.train,
            observer,
        };
        let (trained, train) = match steps.run(model, &mut optimizer) {
            Ok(epoch) => epoch,
            Err((model, end)) => return Ok(Trained { model, epochs, end }),
        };
        model = trained;
        let train_s = started.elapsed().as_secs_f64();

        let started = Instant::now();
        let validation = data
            .validation
            .as_ref()
            .map(|split| evaluate(&model, split).0);
        let validation_s = started.elapsed().as_secs_f64();
        if validation.is_some_and(|scores| !scores.loss.is_finite()) {
            let end = End::Diverged(after_epoch(epoch, &data.train, training));
            return Ok(Trained { model, epochs, end });
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
        epochs.push(line);
    }
    Ok(Trained {
        model,
        epochs,
        end: End::Completed,
    })
}

/// Batches of an epoch, the last possibly smaller.
fn steps_per_epoch<K: Basic>(split: &Split<K>, training: &TrainingConfig) -> usize {
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
    seed: u64,
    split: &'a Split<K>,
    observer: &'a mut dyn Observer,
}

impl<K: Basic> Steps<'_, K> {
    /// The model after all steps and the running scores, or where it had to end.
    fn run<M: Network<Kind = K>>(
        &mut self,
        mut model: M,
        optimizer: &mut Optimizer,
    ) -> Result<(M, Scores), (M, End)> {
        let steps = steps_per_epoch(self.split, self.training);
        let mut totals = Totals::default();
        for (step, batch) in (1..).zip(self.batches()) {
            if self.observer.interrupted() {
                return Err((model, End::Interrupted(self.epoch)));
            }
            let key = DropoutKey {
                seed: self.seed,
                step: ((self.epoch - 1) * steps + step - 1) as u32,
            };
            let (inputs, labels) = self.split.select(batch);
            let logits = model.training_logits(inputs, key);
            let loss = M::LOSS.mean(logits.clone(), labels.clone());
            let gradients = GradientsParams::from_grads(loss.backward(), &model);
            let loss: f32 = loss.inner().into_scalar();
            if !loss.is_finite() {
                let epoch = self.epoch;
                return Err((model, End::Diverged(Diverged { epoch, step })));
            }
            totals.add(loss, &M::LOSS.outcomes(logits.inner(), labels));
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
        Ok((model, totals.scores()))
    }

    /// The indices of each batch: the split's examples in the order that belongs to the epoch.
    fn batches(&self) -> Vec<Tensor<1, Int>> {
        let device = self.split.device();
        let order = Stream::new(self.seed, Purpose::Shuffle, 0, self.epoch as u32 - 1);
        let order = order.permutation(self.split.examples());
        let batches = order.chunks(self.training.batch_size);
        batches.map(|batch| indices(batch, &device)).collect()
    }
}

fn indices(batch: &[u32], device: &Device) -> Tensor<1, Int> {
    let indices: Vec<i32> = batch.iter().map(|&index| index as i32).collect();
    let count = indices.len();
    Tensor::from_data(TensorData::new(indices, [count]), device)
}
