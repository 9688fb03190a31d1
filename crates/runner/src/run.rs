use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use burn::tensor::Device;
use burn::tensor::kind::Basic;
use datasets::{Location, Vocabulary};
use kernels::is_pooled_embedding_fused;
use record::{
    EpochTiming, Measured, PooledEmbedding, Provenance, Record, RunFolder, RunLock, Status,
    digest_of,
};

use crate::backend::{OpenDevice, guarded};
use crate::checkpoint::{Checkpointing, Checkpoints, History, Origin, Resumption};
use crate::data::{Data, Loaded};
use crate::evaluate::evaluate;
use crate::model::{Job, Network, trainable, with_network};
use crate::optimizer::Optimizer;
use crate::penalty::Penalty;
use crate::train::{End, after_epoch, steps_per_epoch, train};
use crate::train_state::TrainState;
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
    /// Whether a finished run, or what is there of another one, may be replaced.
    pub overwrite: bool,
    /// Without, a run that is interrupted starts from the beginning.
    pub checkpointing: Option<Checkpointing>,
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
    /// A run that is there already with the same config is not run again; one that was begun goes on
    /// from its last checkpoint and comes to the same result.
    ///
    /// # Errors
    ///
    /// When backend, data or folder cannot be had, the folder holds a run of another config or is
    /// another process's, or the observer interrupts.
    pub fn run(
        &self,
        plan: &Plan,
        seed: u64,
        observer: &mut dyn Observer,
    ) -> Result<Outcome, RunError> {
        let open = self.backend.open()?;
        let folder = self.folder(plan, seed);
        if let Some(record) = self.finished(&folder, plan)? {
            folder.tidy();
            return Ok(Outcome::AlreadyThere(Box::new(record)));
        }
        let clock = Instant::now();
        let lock = Arc::new(RunLock::take(folder.path())?);
        // Another process may have been at it.
        if let Some(record) = self.finished(&folder, plan)? {
            return Ok(Outcome::AlreadyThere(Box::new(record)));
        }

        let place = Place {
            folder: &folder,
            lock: &lock,
            clock,
            history: History::beginning(),
        };
        let done = guarded(self.backend, || {
            self.measure(plan, seed, &open, place, observer)
        })??;
        let Measurement {
            result,
            timings: epochs,
            history,
            checkpoints,
        } = done;

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
                started_at: history.started_at,
                resumed: (history.resumed > 0).then_some(history.resumed),
                train_examples_per_s,
                train_tokens_per_s,
                epochs,
                total_s: history.spent_s + clock.elapsed().as_secs_f64(),
                peak_memory_bytes: host::peak_memory_bytes(),
                host: host::host(),
            },
        };
        lock.check()?;
        folder.write(&record)?;
        if let Some(checkpoints) = checkpoints {
            checkpoints.remove()?;
        }
        Ok(Outcome::Finished(Box::new(record)))
    }

    /// The folder's finished run, unless it is to be replaced.
    fn finished(&self, folder: &RunFolder, plan: &Plan) -> Result<Option<Record>, RunError> {
        match self.overwrite {
            true => Ok(None),
            false => existing(folder, plan),
        }
    }

    /// Trains and tests, from where the folder's last checkpoint is.
    fn measure(
        &self,
        plan: &Plan,
        seed: u64,
        open: &OpenDevice,
        place: Place,
        observer: &mut dyn Observer,
    ) -> Result<Measurement, RunError> {
        let data = &plan.experiment().data;
        let data = Loaded::load(data, self.data, open, &mut |progress| {
            observer.downloading(progress);
        })?;
        let initial = InitialWeights::read(plan)?;
        let origin = Origin {
            signature: plan.signature(),
            seed,
            data: data.record().clone(),
            initial_weights: initial.as_ref().map(|initial| initial.digest.clone()),
            versions: host::versions(),
        };
        // What was begun before a run was finished, that one has made pointless.
        let resumption = match place.folder.has_result() {
            true => None,
            false => Resumption::find(place.folder, &origin, self.overwrite, observer)?,
        };
        let started = Started {
            plan,
            seed,
            place,
            vocabulary: data.vocabulary().map(Vocabulary::to_text),
            origin,
            initial,
            resumption,
            checkpointing: self.checkpointing,
            observer,
        };
        let device = open.device.clone().autodiff();
        with_network(plan, seed, &device, data.into(), started)
    }
}

/// Where a run is going on, and since when.
struct Place<'a> {
    folder: &'a RunFolder,
    lock: &'a Arc<RunLock>,
    clock: Instant,
    history: History,
}

/// What came of a run.
struct Measurement {
    result: Measured,
    timings: Vec<EpochTiming>,
    history: History,
    /// To be removed when the record is written.
    checkpoints: Option<Checkpoints>,
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
    place: Place<'a>,
    /// The words of the vocabulary, a line each, where there is one.
    vocabulary: Option<String>,
    origin: Origin,
    initial: Option<InitialWeights>,
    resumption: Option<Resumption>,
    checkpointing: Option<Checkpointing>,
    observer: &'a mut dyn Observer,
}

impl Job for Started<'_> {
    type Input<K: Basic> = Data<K>;
    type Output = Result<Measurement, RunError>;

    fn on<M: Network>(self, model: M, data: Data<M::Kind>) -> Result<Measurement, RunError> {
        let Self {
            plan,
            seed,
            place,
            vocabulary,
            origin,
            initial,
            resumption,
            checkpointing,
            observer,
        } = self;
        let experiment = plan.experiment();
        let training = &experiment.training;
        let parameters = trainable(&model);
        let model = match initial {
            None => model,
            Some(initial) => initial.put_into(model)?,
        };
        let steps = steps_per_epoch(&data.train, training);
        let state = TrainState::new(model, Optimizer::new(experiment, steps), training);
        let initial_weights = origin.initial_weights.clone();

        let (state, history) = match resumption {
            None => (state, place.history),
            Some(resumption) => {
                let history = resumption.history();
                (resumption.apply(state, training, steps)?, history)
            }
        };
        // From here on the folder is this run's: what was wrong until now has cost nothing.
        let mut log = place.folder.begin(&plan.config(), &state.epochs)?;
        let checkpoints = place.folder.checkpoints();
        checkpoints.remove_after(state.steps(steps))?;
        if let Some(words) = vocabulary {
            record::write_atomically(&place.folder.vocabulary(), words.as_bytes())?;
        }
        let mut checkpoints = checkpointing.map(|when| {
            let (folder, lock) = (place.folder, place.lock.clone());
            Checkpoints::new(
                folder,
                lock,
                origin,
                history.clone(),
                place.clock,
                when,
                steps,
            )
        });
        let kept = checkpoints.as_mut();
        let (state, end) = train(state, training, seed, &data, &mut log, kept, observer)?;
        let mut diverged = match end {
            End::Completed => None,
            End::Diverged(place) => Some(place),
            End::Interrupted => {
                if let Some(checkpoints) = &mut checkpoints {
                    checkpoints.now(&state)?;
                }
                return Err(RunError::Interrupted {
                    epoch: state.epochs.len() + 1,
                    steps: state.begun.steps,
                    of: steps,
                });
            }
        };
        let (best_epoch, model) = match (state.best_epoch(), state.best, diverged) {
            (Some(epoch), Some(best), None) => (Some(epoch), best),
            _ => (None, state.model),
        };
        let mut test = None;
        if diverged.is_none() {
            let evaluated = evaluate(&model, &data.test, Penalty::new(training));
            match evaluated.scores.loss.is_finite() {
                true => test = Some(evaluated.evaluation()),
                false => diverged = Some(after_epoch(training.epochs, &data.train, training)),
            }
        }
        place.lock.check()?;
        weights::save(&model, &place.folder.model())?;
        let lines = state.epochs.into_iter();
        let (epochs, timings) = lines.map(|line| (line.epoch, line.timing)).unzip();
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
        Ok(Measurement {
            result,
            timings,
            history,
            checkpoints,
        })
    }
}

/// The file of weights that a config starts from.
struct InitialWeights {
    path: PathBuf,
    bytes: Vec<u8>,
    /// The file's hash.
    digest: String,
}

impl InitialWeights {
    /// Nothing where the config names none.
    fn read(plan: &Plan) -> Result<Option<Self>, RunError> {
        let Some(path) = plan.experiment().training.initial_weights.clone() else {
            return Ok(None);
        };
        match std::fs::read(&path) {
            Err(source) => Err(RunError::InitialWeightsIo { path, source }),
            Ok(bytes) => Ok(Some(Self {
                digest: record::sha256(&bytes),
                path,
                bytes,
            })),
        }
    }

    fn put_into<M: Network>(self, model: M) -> Result<M, RunError> {
        weights::load(model, &self.bytes).map_err(|problem| RunError::InitialWeights {
            path: self.path,
            problem,
        })
    }
}
