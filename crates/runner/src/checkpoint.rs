//! Checkpoints: written in the background during training and read to resume a run.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use burn::module::Module;
use config::Training;
use record::{
    CheckpointFolder, DataSummary, EpochLine, RecordError, RunFolder, RunLock, Tensors, Versions,
};
use serde::{Deserialize, Serialize};

use crate::optimizer::Memory;
use crate::train_state::{Begun, TrainState, is_on_the_way};
use crate::{Observer, RunError, host, weights};

/// The fraction of its time that a run spends on checkpoints at most, unless the user sets the
/// interval.
const AFFORDABLE: f64 = 0.01;

/// When a run writes checkpoints. An interrupted run always writes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checkpointing {
    /// After every epoch, or less often if that would take more than 1 % of the time.
    Affordable,
    /// Every this many epochs.
    Every(NonZeroUsize),
}

const MODEL: &str = "model.";
const BEST: &str = "best.";
const OPTIMIZER: &str = "optimizer.";

/// The origin of a checkpoint. A run resumes only from a checkpoint with the same origin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Origin {
    pub signature: String,
    pub seed: u64,
    /// Also part of the signature. Stored separately so that errors can tell other data from
    /// another config.
    pub data: DataSummary,
    pub versions: Versions,
}

/// The history of a run across its processes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct History {
    /// The start of the run, RFC 3339 in UTC.
    pub started_at: String,
    /// How often the run was resumed.
    pub resumed: usize,
    /// Seconds spent by earlier processes.
    pub spent_s: f64,
}

impl History {
    pub fn beginning() -> Self {
        Self {
            started_at: host::now(),
            resumed: 0,
            spent_s: 0.0,
        }
    }
}

/// The content of a checkpoint, without the tensors.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    origin: Origin,
    history: History,
    epochs: Vec<EpochLine>,
    begun: Begun,
    optimizer: BTreeMap<String, u64>,
}

/// A checkpoint to resume from.
pub(crate) struct Resumption {
    state: State,
    tensors: Tensors,
    folder: PathBuf,
}

impl Resumption {
    /// Finds the folder's last intact checkpoint. `None` if there is none, or if it belongs to
    /// another run and `replace` allows replacing that.
    ///
    /// # Errors
    ///
    /// If the checkpoint belongs to another config, build or data set and must not be replaced.
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
        if its == origin {
            return Ok(Some(Self {
                state,
                tensors,
                folder,
            }));
        }
        if replace {
            return Ok(None);
        }
        Err(if its.data != origin.data {
            RunError::OtherData { folder }
        } else if !same_config {
            RunError::OtherConfig { folder }
        } else {
            RunError::OtherBuild {
                folder,
                hearth: its.versions.hearth.clone(),
                commit: its.versions.commit.clone(),
            }
        })
    }

    pub fn history(&self) -> History {
        let mut history = self.state.history.clone();
        history.resumed += 1;
        history
    }

    /// Restores the checkpoint's state in a train state that has not taken a step.
    ///
    /// # Errors
    ///
    /// If the checkpoint holds another model, or a state that no run of the config reaches.
    pub fn apply(
        self,
        mut train_state: TrainState,
        training: &Training,
        steps_per_epoch: usize,
    ) -> Result<TrainState, RunError> {
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
        if !is_on_the_way(finished, begun, training.epochs.get(), steps_per_epoch) {
            let problem = "its checkpoint is at a step that this training never reaches";
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

/// The epochs that an unfinished run has saved; `None` if it has saved nothing, or if what is in the folder is
/// another run. A damaged checkpoint is passed over, as when resuming.
///
/// # Errors
///
/// If the folder cannot be read.
pub fn saved_epochs(
    folder: &RunFolder,
    signature: &str,
    seed: u64,
) -> Result<Option<Vec<EpochLine>>, RecordError> {
    let Some((state, _)) = folder.checkpoints().read::<State>()?.checkpoint else {
        return Ok(None);
    };
    let its = &state.origin;
    let is_same = (its.signature.as_str(), its.seed) == (signature, seed);
    Ok(is_same.then_some(state.epochs))
}

/// Writes checkpoints, each on its own thread.
pub(crate) struct Checkpoints {
    folder: CheckpointFolder,
    lock: Arc<RunLock>,
    origin: Origin,
    history: History,
    /// When this process took over the run.
    clock: Instant,
    when: Checkpointing,
    steps_per_epoch: usize,
    writing: Option<Writing>,
    /// The earliest time at which another checkpoint stays within [`AFFORDABLE`].
    affordable_at: Instant,
}

/// A checkpoint that is being written.
struct Writing {
    began: Instant,
    /// Returns the time it took.
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

    /// Starts writing a checkpoint after an epoch, if one is due.
    ///
    /// # Errors
    ///
    /// If the previous checkpoint could not be written.
    pub fn after_epoch(&mut self, train_state: &TrainState) -> Result<(), RecordError> {
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
        let content = Arc::new(self.of(train_state));
        let steps = train_state.steps(self.steps_per_epoch);
        let write = {
            let (folder, lock) = (self.folder.clone(), self.lock.clone());
            move |(state, tensors): &(State, Tensors)| {
                lock.check()?;
                folder.write(steps, state, tensors)?;
                Ok(began.elapsed())
            }
        };
        let started = Builder::new().spawn({
            let (content, write) = (content.clone(), write.clone());
            move || write(&content)
        });
        match started {
            Ok(thread) => self.writing = Some(Writing { began, thread }),
            // Where no thread can be started, training waits for it.
            Err(_) => self.affordable_at = began + write(&content)?.div_f64(AFFORDABLE),
        }
        Ok(())
    }

    /// Writes a checkpoint of an interrupted run and waits for it.
    ///
    /// # Errors
    ///
    /// If the checkpoint cannot be written.
    pub fn now(&mut self, train_state: &TrainState) -> Result<(), RecordError> {
        // Even if the previous checkpoint failed, this one may succeed. If not, it reports why.
        let _ = self.wait();
        self.lock.check()?;
        let (state, tensors) = self.of(train_state);
        let steps = train_state.steps(self.steps_per_epoch);
        self.folder.write(steps, &state, &tensors)
    }

    /// Removes the checkpoints, once the run is over and its record is written.
    ///
    /// # Errors
    ///
    /// If the checkpoints cannot be removed.
    pub fn remove(mut self) -> Result<(), RecordError> {
        // It no longer matters whether the last checkpoint was written.
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

    fn of(&self, train_state: &TrainState) -> (State, Tensors) {
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
