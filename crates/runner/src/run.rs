use std::path::Path;
use std::time::Instant;

use burn::tensor::Device;
use burn::tensor::kind::Basic;
use datasets::Location;
use kernels::is_pooled_embedding_fused;
use record::{
    Measured, MetricsLog, PooledEmbedding, Provenance, Record, RunFolder, Status, digest_of,
};

use crate::backend::{OpenDevice, guarded};
use crate::data::{Data, Loaded};
use crate::evaluate::evaluate;
use crate::model::{Job, Network, trainable, with_network};
use crate::optimizer::Optimizer;
use crate::penalty::Penalty;
use crate::train::{End, Trained, after_epoch, steps_per_epoch, train};
use crate::{Backend, Observer, RunError, host, weights};
use config::{ModelConfig, Plan};

/// Where and on what a plan is run.
#[derive(Clone, Debug)]
pub struct Run<'a> {
    pub backend: Backend,
    /// Threads of the pool it is run on, for the record.
    pub threads: usize,
    pub data: &'a Location,
    /// The folder with a folder per experiment.
    pub results: &'a Path,
    /// Whether a finished run may be replaced.
    pub overwrite: bool,
}

/// A run that is over.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Finished(Box<Record>),
    /// It was there already, with the same config.
    AlreadyThere(Box<Record>),
}

impl Run<'_> {
    /// Where the run of a plan with a seed goes.
    pub fn folder(&self, plan: &Plan, seed: u64) -> RunFolder {
        RunFolder::new(self.results, plan.name(), &self.backend.label(), seed)
    }

    /// Trains and tests the plan's model with one seed and writes all that the run leaves behind.
    /// A run that is there already with the same config is not run again.
    ///
    /// # Errors
    ///
    /// When backend, data or folder cannot be had, the folder holds a run of another config, or
    /// the observer interrupts.
    pub fn run(
        &self,
        plan: &Plan,
        seed: u64,
        observer: &mut dyn Observer,
    ) -> Result<Outcome, RunError> {
        let open = self.backend.open()?;
        let folder = self.folder(plan, seed);
        if !self.overwrite
            && let Some(record) = existing(&folder, plan)?
        {
            return Ok(Outcome::AlreadyThere(Box::new(record)));
        }

        let clock = Instant::now();
        let started_at = jiff::Timestamp::now().to_string();
        let (result, epochs) = guarded(self.backend, || {
            self.measure(plan, seed, &open, &folder, observer)
        })??;

        let train_s: f64 = epochs.iter().map(|timing| timing.train_s).sum();
        let per_s = |in_an_epoch: usize| {
            let all = in_an_epoch * epochs.len();
            (train_s > 0.0).then(|| all as f64 / train_s)
        };
        let train = &result.data.train;
        let train_examples_per_s = per_s(train.examples);
        let train_tokens_per_s = train.tokens.and_then(per_s);
        let record = Record {
            schema_version: record::SCHEMA_VERSION,
            experiment: plan.name().to_owned(),
            signature: plan.signature(),
            seed,
            config: plan.config(),
            digest: digest_of(&result).expect("a result is JSON"),
            result,
            run: Provenance {
                backend: self.backend.to_string(),
                device: open.description.name,
                driver: open.description.driver,
                threads: self.threads,
                determinism: self.backend.determinism(),
                pooled_embedding: pooled_embedding(plan, &open.device),
                versions: host::versions(),
                started_at,
                train_examples_per_s,
                train_tokens_per_s,
                epochs,
                total_s: clock.elapsed().as_secs_f64(),
                peak_memory_bytes: host::peak_memory_bytes(),
                host: host::host(),
            },
        };
        folder.write(&record)?;
        Ok(Outcome::Finished(Box::new(record)))
    }

    /// Takes the folder, trains and tests.
    fn measure(
        &self,
        plan: &Plan,
        seed: u64,
        open: &OpenDevice,
        folder: &RunFolder,
        observer: &mut dyn Observer,
    ) -> Result<(Measured, Timings), RunError> {
        let data = &plan.experiment().data;
        let data = Loaded::load(data, self.data, open, &mut |progress| {
            observer.downloading(progress);
        })?;
        let log = folder.begin(&plan.config())?;
        if let Loaded::Reviews(_, vocabulary) = &data {
            record::write_atomically(&folder.vocabulary(), vocabulary.to_text().as_bytes())?;
        }
        let started = Started {
            plan,
            seed,
            folder,
            log,
            observer,
        };
        let device = open.device.clone().autodiff();
        with_network(plan, seed, &device, data.into(), started)
    }
}

/// How the plan's embedding is computed, where it has one.
fn pooled_embedding(plan: &Plan, device: &Device) -> Option<PooledEmbedding> {
    match plan.experiment().model {
        ModelConfig::HiddenMlp(_) | ModelConfig::DropoutMlp(_) => None,
        ModelConfig::EmbeddingClassifier(_) => Some(match is_pooled_embedding_fused(device) {
            true => PooledEmbedding::Fused,
            false => PooledEmbedding::Composed,
        }),
    }
}

/// The folder's finished run, which must be of this plan.
fn existing(folder: &RunFolder, plan: &Plan) -> Result<Option<Record>, RunError> {
    let record = folder.read().map_err(|unreadable| RunError::Unreadable {
        folder: folder.path().to_owned(),
        unreadable,
    })?;
    match record {
        Some(record)
            if record.signature != plan.signature() || started_elsewhere(&record, plan) =>
        {
            Err(RunError::OtherConfig {
                folder: folder.path().to_owned(),
            })
        }
        record => Ok(record),
    }
}

/// Whether the file of initial weights is another one now than it was for the run.
fn started_elsewhere(record: &Record, plan: &Plan) -> bool {
    let path = plan.experiment().training.initial_weights.as_ref();
    let now = path.and_then(|path| std::fs::read(path).ok());
    now.is_some_and(|bytes| record.result.initial_weights != Some(record::sha256(&bytes)))
}

/// A run whose folder is taken.
struct Started<'a> {
    plan: &'a Plan,
    seed: u64,
    folder: &'a RunFolder,
    log: MetricsLog,
    observer: &'a mut dyn Observer,
}

type Timings = Vec<record::EpochTiming>;

impl Job for Started<'_> {
    type Input<K: Basic> = Data<K>;
    type Output = Result<(Measured, Timings), RunError>;

    fn on<M: Network>(
        self,
        model: M,
        data: Data<M::Kind>,
    ) -> Result<(Measured, Timings), RunError> {
        let Self {
            plan,
            seed,
            folder,
            mut log,
            observer,
        } = self;
        let experiment = plan.experiment();
        let training = &experiment.training;
        let parameters = trainable(&model);
        let (model, initial_weights) = match &training.initial_weights {
            None => (model, None),
            Some(path) => {
                let (model, digest) = initial_weights(model, path)?;
                (model, Some(digest))
            }
        };
        let optimizer = Optimizer::new(experiment, steps_per_epoch(&data.train, training));
        let Trained {
            model,
            epochs,
            best_epoch,
            end,
        } = train(model, optimizer, training, seed, &data, &mut log, observer)?;
        let mut diverged = match end {
            End::Completed => None,
            End::Diverged(place) => Some(place),
            End::Interrupted(epoch) => {
                let metrics = folder.path().join("metrics.jsonl");
                return Err(RunError::Interrupted { epoch, metrics });
            }
        };
        let mut test = None;
        if diverged.is_none() {
            let evaluated = evaluate(&model, &data.test, Penalty::new(training));
            match evaluated.scores.loss.is_finite() {
                true => test = Some(evaluated.evaluation()),
                false => diverged = Some(after_epoch(training.epochs, &data.train, training)),
            }
        }
        weights::save(&model, &folder.model())?;
        let (epochs, timings) = epochs
            .into_iter()
            .map(|line| (line.epoch, line.timing))
            .unzip();
        let result = Measured {
            status: match diverged {
                None => Status::Completed,
                Some(_) => Status::Diverged,
            },
            diverged,
            parameters,
            initial_weights,
            epochs,
            best_epoch,
            test,
            data: data.record,
        };
        Ok((result, timings))
    }
}

/// The model with the weights of a file, and the file's hash.
fn initial_weights<M: Network>(model: M, path: &Path) -> Result<(M, String), RunError> {
    let bytes = std::fs::read(path).map_err(|source| RunError::InitialWeightsIo {
        path: path.to_owned(),
        source,
    })?;
    let model = weights::load(model, &bytes).map_err(|problem| RunError::InitialWeights {
        path: path.to_owned(),
        problem,
    })?;
    Ok((model, record::sha256(&bytes)))
}
