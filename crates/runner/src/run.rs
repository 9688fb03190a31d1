//! One run of a prepared plan, from its last checkpoint or the beginning to its record.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use burn::tensor::Device;
use catalog::Network;
use config::Plan;
use datasets::Preprocessing;
use kernels::is_pooled_embedding_fused;
use record::{
    EpochTiming, Evaluation, Files, Looks, Measured, PooledEmbedding, Provenance, Record, Remark,
    RunFolder, RunLock, Status,
};
use spec::{Layer, LayerKind};

use crate::backend::{OpenDevice, guarded};
use crate::checkpoint::{Checkpoints, History, Origin, Resumption};
use crate::data::DeviceData;
use crate::evaluate::evaluate;
use crate::optimizer::Optimizer;
use crate::penalty::Penalty;
use crate::prepared::{InitialWeights, Prepared};
use crate::results::Results;
use crate::train::{End, after_epoch, steps_per_epoch, train};
use crate::train_state::TrainState;
use crate::{Backend, Checkpointing, Observer, RunError, host, weights};

/// The settings of runs that are not part of the experiment.
#[derive(Clone, Debug)]
pub struct Run<'a> {
    /// The backend.
    pub backend: Backend,
    /// The size of the thread pool. Only recorded, not set.
    pub threads: usize,
    /// The folder in which runs are found and stored.
    pub results: &'a Results<'a>,
    /// When to write checkpoints; with `None`, an interrupted run starts from the beginning.
    pub checkpointing: Option<Checkpointing>,
    /// The rule by which runs are added until a comparison is decided, if there is one. Only recorded.
    pub looks: Option<&'a Looks>,
    /// Whether TensorBoard's event files are written.
    pub tensorboard: bool,
}

/// The outcome of a run.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The run was trained and tested now.
    Finished(Box<Record>),
    /// The run was already finished. Its folder may have another name.
    AlreadyThere(Box<Record>, RunFolder),
}

impl Run<'_> {
    /// Trains and tests the plan's model with one seed and writes the run's files. A finished run
    /// is skipped, even if it has another name. An interrupted run resumes from its last checkpoint
    /// and gives the same result.
    ///
    /// # Errors
    ///
    /// If the backend is unavailable or fails, the folder cannot be written, holds another run or
    /// is in use by another process, the initial weights do not fit, or the observer interrupts the
    /// run.
    pub fn run(
        &self,
        prepared: &Prepared,
        seed: u64,
        observer: &mut dyn Observer,
    ) -> Result<Outcome, RunError> {
        let open = self.backend.open()?;
        let folder = self.results.folder(prepared.plan(), self.backend, seed);
        let finished = || self.results.finished(prepared, self.backend, seed);
        if let Some((record, folder)) = finished()? {
            folder.tidy();
            return Ok(Outcome::AlreadyThere(Box::new(record), folder));
        }
        let clock = Instant::now();
        let lock = Arc::new(RunLock::take(folder.path())?);
        // Another process may have finished the run in the meantime.
        if let Some((record, folder)) = finished()? {
            return Ok(Outcome::AlreadyThere(Box::new(record), folder));
        }

        let session = Session {
            prepared,
            seed,
            open: &open,
            folder: &folder,
            lock: &lock,
            clock,
        };
        let Measurement {
            result,
            files,
            timings,
            history,
            checkpoints,
        } = guarded(self.backend, || session.measure(self, observer))??;
        let record = self.record(
            prepared, seed, &open, &folder, result, files, timings, &history, clock,
        );
        lock.check()?;
        if self.tensorboard {
            folder.write_hparams(&record)?;
        }
        folder.write(&record)?;
        if let Some(checkpoints) = checkpoints {
            // The run is finished. Whoever next uses the folder removes what is left.
            let _ = checkpoints.remove();
        }
        Ok(Outcome::Finished(Box::new(record)))
    }

    #[expect(clippy::too_many_arguments, reason = "the record holds all of them")]
    fn record(
        &self,
        prepared: &Prepared,
        seed: u64,
        open: &OpenDevice,
        folder: &RunFolder,
        result: Measured,
        files: Files,
        epochs: Vec<EpochTiming>,
        history: &History,
        clock: Instant,
    ) -> Record {
        let plan = prepared.plan();
        let train_s: f64 = epochs.iter().map(|timing| timing.train_s).sum();
        let per_s = |in_an_epoch: usize| {
            let all = in_an_epoch * epochs.len();
            (train_s > 0.0).then(|| all as f64 / train_s)
        };
        let train = &result.data.train;
        let mut record = Record {
            schema_version: record::SCHEMA_VERSION,
            experiment: plan.name().to_owned(),
            signature: prepared.signature().to_owned(),
            seed,
            config: plan.config(),
            spec: prepared.spec.clone(),
            files,
            digest: String::new(),
            run: Provenance {
                backend: self.backend.to_string(),
                device: open.description.name.clone(),
                driver: open.description.driver.clone(),
                threads: self.threads,
                determinism: self.backend.determinism(),
                pooled_embedding: pooled_embedding(&plan.layers(&prepared.spec), &open.device),
                versions: host::versions(),
                looks: self.looks.cloned(),
                started_at: history.started_at.clone(),
                resumed: (history.resumed > 0).then_some(history.resumed),
                train_examples_per_s: per_s(train.examples),
                train_tokens_per_s: train.tokens.and_then(per_s),
                epochs,
                total_s: history.spent_s + clock.elapsed().as_secs_f64(),
                peak_memory_bytes: host::peak_memory_bytes(),
                config_folder: config_folder(plan, folder),
                host: host::host(),
            },
            result,
            remarks: Vec::new(),
            seal: String::new(),
        };
        record.remarks = Remark::of(&record).iter().map(Remark::to_string).collect();
        record.sealed()
    }
}

/// The config's folder, seen from the run's; `None` if the config names no files. A relative path
/// stays right when the whole project is moved.
fn config_folder(plan: &Plan, run: &RunFolder) -> Option<PathBuf> {
    if !plan.has_paths() {
        return None;
    }
    let folder = Path::new(".").join(plan.folder()).canonicalize().ok()?;
    let folder = pathdiff::diff_paths(folder, run.path().canonicalize().ok()?)?;
    // JSON holds UTF-8 only.
    folder.to_str().is_some().then_some(folder)
}

/// How the model's pooled embedding is computed; `None` if it has none.
fn pooled_embedding(layers: &[Layer], device: &Device) -> Option<PooledEmbedding> {
    let mut kinds = layers.iter().map(|layer| layer.kind);
    kinds.find(|kind| matches!(kind, LayerKind::Embedding { .. }))?;
    let pooling = kinds.find(|kind| *kind != LayerKind::Dropout);
    (pooling == Some(LayerKind::GlobalMaxPool1d)).then(|| {
        if is_pooled_embedding_fused(device) {
            PooledEmbedding::Fused
        } else {
            PooledEmbedding::Composed
        }
    })
}

/// The measurements of a run and its history.
struct Measurement {
    result: Measured,
    files: Files,
    timings: Vec<EpochTiming>,
    history: History,
    /// To be removed once the record is written.
    checkpoints: Option<Checkpoints>,
}

/// A run whose folder this process has locked.
struct Session<'a> {
    prepared: &'a Prepared,
    seed: u64,
    open: &'a OpenDevice,
    folder: &'a RunFolder,
    lock: &'a Arc<RunLock>,
    clock: Instant,
}

impl Session<'_> {
    /// Trains and tests, resuming from the folder's last checkpoint if there is one.
    fn measure(&self, run: &Run, observer: &mut dyn Observer) -> Result<Measurement, RunError> {
        let Self {
            prepared,
            seed,
            folder,
            ..
        } = *self;
        let experiment = prepared.plan().experiment();
        let training = &experiment.training;
        let origin = Origin {
            signature: prepared.signature().to_owned(),
            seed,
            data: prepared.data.clone(),
            versions: host::versions(),
        };
        // Checkpoints next to a result belong to the finished run.
        let resumption = if folder.is_finished() {
            None
        } else {
            Resumption::find(folder, &origin, run.results.overwrites(), observer)?
        };
        let layers = prepared.plan().layers(&prepared.spec);
        let penalty = Penalty::new(training, &layers);
        let model = self.initial_model()?;
        let parameters = weights::trainable(&model);
        let data = DeviceData::new(prepared, self.open);
        let steps = steps_per_epoch(&data.train, training);
        let state = TrainState::new(model, Optimizer::new(experiment, steps), training);
        let (state, history) = match resumption {
            None => (state, History::beginning()),
            Some(resumption) => {
                let history = resumption.history();
                (resumption.apply(state, training, steps)?, history)
            }
        };

        // From here on the folder is overwritten. All errors before leave it unchanged.
        let mut log = folder.begin(&prepared.plan().config(), &state.epochs)?;
        if run.tensorboard {
            log = log.with_curves(folder, &state.epochs)?;
        }
        folder.checkpoints().remove_after(state.steps(steps))?;
        let mut files = Files::default();
        match &prepared.preprocessing {
            Preprocessing::None => {}
            Preprocessing::Vocabulary(words) => {
                let text = words.to_text();
                files.vocabulary = Some(folder.write_file(RunFolder::VOCABULARY, text.as_bytes())?);
            }
            Preprocessing::Columns(columns) => {
                let json = serde_json::to_vec_pretty(columns).expect("columns are JSON");
                files.columns = Some(folder.write_file(RunFolder::COLUMNS, &json)?);
            }
        }
        let mut checkpoints = run.checkpointing.map(|when| {
            let (lock, history) = (self.lock.clone(), history.clone());
            Checkpoints::new(folder, lock, origin, history, self.clock, when, steps)
        });
        let penalty = penalty.as_ref();
        let kept = checkpoints.as_mut();
        let (state, end) = train(
            state,
            training,
            penalty,
            experiment.run_seeds(seed),
            &data,
            &mut log,
            kept,
            observer,
        )?;
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
        let test = match diverged {
            None => tested(&model, &data, penalty),
            Some(_) => None,
        };
        if diverged.is_none() && test.is_none() {
            diverged = Some(after_epoch(training.epochs.get(), &data.train, training));
        }
        self.lock.check()?;
        let trained = weights::of(&model).to_bytes();
        files.model = Some(folder.write_file(RunFolder::MODEL, &trained)?);
        let lines = state.epochs.into_iter();
        let (epochs, timings) = lines.map(|line| (line.epoch, line.timing)).unzip();
        let initial = prepared.initial.as_ref();
        let result = Measured {
            status: match diverged {
                None => Status::Completed,
                Some(_) => Status::Diverged,
            },
            diverged,
            parameters,
            initial_weights: initial.map(|initial| initial.digest.clone()),
            epochs,
            best_epoch,
            test,
            data: prepared.data.clone(),
        };
        Ok(Measurement {
            result,
            files,
            timings,
            history,
            checkpoints,
        })
    }

    /// The network with its initial weights.
    fn initial_model(&self) -> Result<Network, RunError> {
        let Self { prepared, seed, .. } = *self;
        let device = self.open.device.clone().autodiff();
        let experiment = prepared.plan().experiment();
        let seed = experiment.run_seeds(seed).init;
        let model = experiment.model.init(&prepared.spec, seed, &device);
        match &prepared.initial {
            None => Ok(model),
            Some(InitialWeights { path, bytes, .. }) => {
                weights::load(model, bytes).map_err(|problem| RunError::InitialWeights {
                    path: path.clone(),
                    problem,
                })
            }
        }
    }
}

/// Evaluates the model on the test set; `None` if the loss is not finite.
fn tested(model: &Network, data: &DeviceData, penalty: Option<&Penalty>) -> Option<Evaluation> {
    let batch = data.evaluation_batch;
    let evaluated = evaluate(model, &data.test, batch, data.loss, penalty);
    let is_finite = evaluated.scores.loss.is_finite();
    is_finite.then(|| evaluated.evaluation())
}
