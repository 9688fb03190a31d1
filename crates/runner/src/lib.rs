//! Training and evaluation. [`Prepared`] loads the data of a [`Plan`](config::Plan), a [`Run`]
//! trains its model on a backend and writes the record, and a [`FinishedRun`] evaluates the
//! trained model.

mod backend;
mod checkpoint;
mod clipping;
mod data;
mod early_stopping;
mod error;
mod evaluate;
mod finished;
#[cfg(test)]
mod golden;
mod gradcheck;
mod host;
mod loss;
mod module_path;
mod observer;
mod optimizer;
mod penalty;
mod prepared;
mod results;
mod run;
mod schedule;
mod step_figures;
mod train;
mod train_state;
mod weights;

pub use backend::{Backend, BackendError, DeviceDescription};
pub use checkpoint::{Checkpointing, saved_epochs};
pub use error::RunError;
pub use evaluate::Answer;
pub use finished::{FinishedRun, Prediction, SplitEvaluation};
pub use gradcheck::{GradientCheck, gradcheck};
pub use host::{host, versions};
pub use kernels::vector_unit;
pub use observer::{Observer, StepProgress};
pub use prepared::Prepared;
pub use results::{Results, is_of_config};
pub use run::{Outcome, Run};
