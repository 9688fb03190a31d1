//! Checkpoints of a training: written beside it as it goes on, and read by whoever continues it.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use config::TrainingConfig;
use record::{
    CheckpointFolder, Data, EpochLine, RecordError, RunFolder, RunLock, Tensors, Versions,
};
use serde::{Deserialize, Serialize};

use crate::model::Network;
use crate::optimizer::Memory;
use crate::train_state::{Begun, TrainState, is_on_the_way};
use crate::{Observer, RunError, weights};

/// Of its time a run spends no more than this on checkpoints, unless it is told when to write them.
const AFFORDABLE: f64 = 0.01;

/// When a run writes checkpoints, besides when it is interrupted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checkpointing {
    /// After every epoch, or less often where that would take more than a hundredth of the time.
    Affordable,
    /// After every so many epochs.
    Every(NonZeroUsize),
}

const MODEL: &str = "model.";
const BEST: &str = "best.";
const OPTIMIZER: &str = "optimizer.";

/// What a training must share with one that it goes on from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Origin {
    pub signature: String,
    pub seed: u64,
    pub data: Data,
    /// The hash of the file of initial weights.
    pub initial_weights: Option<String>,
    pub versions: Versions,
}

/// How a run came to where it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct History {
    /// RFC 3339, UTC.
    pub started_at: String,
    /// How often it was ended and went on.
    pub resumed: usize,
    /// Spent before this process.
    pub spent_s: f64,
}

impl History {
    pub fn beginning() -> Self {
        Self {
            started_at: jiff::Timestamp::now().to_string(),
            resumed: 0,
            spent_s: 0.0,
        }
    }
}

/// What a checkpoint holds besides tensors.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    origin: Origin,
    history: History,
    epochs: Vec<EpochLine>,
    begun: Begun,
    optimizer: BTreeMap<String, u64>,
}

/// A checkpoint to go on from.
pub(crate) struct Resumption {
    state: State,
    tensors: Tensors,
    folder: PathBuf,
}

impl Resumption {
    /// The folder's last checkpoint that is whole; nothing where there is none, or where it is of
    /// another run and `replace` says that this may go.
    ///
    /// # Errors
    ///
    /// When there is one of another config, build or data set that may not go.
    pub fn find(
        folder: &RunFolder,
        origin: &Origin,
        replace: bool,
        observer: &mut dyn Observer,
    ) -> Result<Option<Self>, RunError> {
        let found = match folder.checkpoints().read::<State>() {
            Err(RecordError::OtherVersion { .. }) if replace => return Ok(None),
            found => found?,
        };
        for problem in &found.damaged {
            observer.unreadable(problem);
        }
        let Some((state, tensors)) = found.checkpoint else {
            return Ok(None);
        };
        let folder = folder.path().to_owned();
        let its = &state.origin;
        let same_config =
            (its.signature.as_str(), its.seed) == (origin.signature.as_str(), origin.seed);
        match its == origin {
            true => Ok(Some(Self {
                state,
                tensors,
                folder,
            })),
            false if replace => Ok(None),
            false if !same_config || its.initial_weights != origin.initial_weights => {
                Err(RunError::OtherConfig { folder })
            }
            false if its.versions != origin.versions => Err(RunError::OtherBuild {
                folder,
                hearth: its.versions.hearth.clone(),
                commit: its.versions.commit.clone(),
            }),
            false => Err(RunError::OtherData { folder }),
        }
    }

    pub fn history(&self) -> History {
        let mut history = self.state.history.clone();
        history.resumed += 1;
        history
    }

    /// From a train_state before the first step to where the checkpoint was.
    ///
    /// # Errors
    ///
    /// When it holds another model, or what no run of the config comes to.
    pub fn apply<M: Network>(
        self,
        mut train_state: TrainState<M>,
        training: &TrainingConfig,
        steps_per_epoch: usize,
    ) -> Result<TrainState<M>, RunError> {
        let Self {
            state,
            mut tensors,
            folder,
        } = self;
        let other_model = |problem| RunError::Weights {
            path: folder.clone(),
            problem,
        };
        let (finished, begun) = (&state.epochs, &state.begun);
        if !is_on_the_way(finished, begun, training.epochs, steps_per_epoch) {
            let problem = "its checkpoint is of a place that the training does not come to";
            return Err(other_model(problem.to_owned()));
        }
        train_state.go_on(state.epochs, state.begun);
        let best = tensors.split_off(BEST);
        if !best.is_empty() {
            let model = train_state.model.valid();
            train_state.best = Some(weights::with(model, best).map_err(other_model)?);
        }
        let memory = Memory {
            tensors: tensors.split_off(OPTIMIZER),
            counts: state.optimizer,
        };
        train_state.model =
            weights::with(train_state.model, tensors.split_off(MODEL)).map_err(other_model)?;
        let steps = train_state.steps(steps_per_epoch);
        let optimizer = train_state.optimizer;
        train_state.optimizer = optimizer
            .after(steps, memory, &train_state.model)
            .map_err(other_model)?;
        Ok(train_state)
    }
}

/// Writes checkpoints, each on a thread of its own.
pub(crate) struct Checkpoints {
    folder: CheckpointFolder,
    lock: Arc<RunLock>,
    origin: Origin,
    history: History,
    /// When this process took the run.
    clock: Instant,
    when: Checkpointing,
    steps_per_epoch: usize,
    writing: Option<Writing>,
    /// Before then another one would take too much of the time.
    affordable_at: Instant,
}

/// A checkpoint on its way to the disk.
struct Writing {
    began: Instant,
    /// With what it took.
    thread: JoinHandle<Result<Duration, RecordError>>,
}

impl Checkpoints {
    pub fn new(
        folder: &RunFolder,
        lock: Arc<RunLock>,
        origin: Origin,
        history: History,
        clock: Instant,
        when: Checkpointing,
        steps_per_epoch: usize,
    ) -> Self {
        Self {
            folder: folder.checkpoints(),
            lock,
            origin,
            history,
            clock,
            when,
            steps_per_epoch,
            writing: None,
            affordable_at: clock,
        }
    }

    /// After an epoch: writes a checkpoint if one is due.
    ///
    /// # Errors
    ///
    /// When the last one could not be written.
    pub fn after_epoch<M: Network>(
        &mut self,
        train_state: &TrainState<M>,
    ) -> Result<(), RecordError> {
        match self.when {
            Checkpointing::Every(epochs) => {
                if !train_state.epochs.len().is_multiple_of(epochs.get()) {
                    return Ok(());
                }
                self.wait()?;
            }
            Checkpointing::Affordable => {
                let is_written = |writing: &Writing| writing.thread.is_finished();
                if !self.writing.as_ref().is_none_or(is_written) {
                    return Ok(());
                }
                self.wait()?;
                if Instant::now() < self.affordable_at {
                    return Ok(());
                }
            }
        }
        let began = Instant::now();
        let (state, tensors) = self.of(train_state);
        let steps = train_state.steps(self.steps_per_epoch);
        let (folder, lock) = (self.folder.clone(), self.lock.clone());
        let thread = std::thread::spawn(move || {
            lock.check()?;
            folder.write(steps, &state, &tensors)?;
            Ok(began.elapsed())
        });
        self.writing = Some(Writing { began, thread });
        Ok(())
    }

    /// The run is interrupted: writes a checkpoint and waits for it.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn now<M: Network>(&mut self, train_state: &TrainState<M>) -> Result<(), RecordError> {
        // Should the last one have failed, this one may not, or says why.
        let _ = self.wait();
        self.lock.check()?;
        let (state, tensors) = self.of(train_state);
        let steps = train_state.steps(self.steps_per_epoch);
        self.folder.write(steps, &state, &tensors)
    }

    /// The run is over and its record written.
    ///
    /// # Errors
    ///
    /// When the checkpoints cannot be removed.
    pub fn remove(mut self) -> Result<(), RecordError> {
        // Whether it could be written does not matter any more.
        let _ = self.wait();
        self.folder.remove()
    }

    fn wait(&mut self) -> Result<(), RecordError> {
        let Some(Writing { began, thread }) = self.writing.take() else {
            return Ok(());
        };
        match thread.join() {
            Ok(took) => {
                self.affordable_at = began + took?.div_f64(AFFORDABLE);
                Ok(())
            }
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }

    fn of<M: Network>(&self, train_state: &TrainState<M>) -> (State, Tensors) {
        let mut tensors = Tensors::default();
        tensors.append(MODEL, weights::of(&train_state.model));
        if let Some(best) = &train_state.best {
            tensors.append(BEST, weights::of(best));
        }
        let memory = train_state.optimizer.memory();
        tensors.append(OPTIMIZER, memory.tensors);
        let mut history = self.history.clone();
        history.spent_s += self.clock.elapsed().as_secs_f64();
        let state = State {
            origin: self.origin.clone(),
            history,
            epochs: train_state.epochs.clone(),
            begun: train_state.begun,
            optimizer: memory.counts,
        };
        (state, tensors)
    }
}
