//! From a config to a result: an experiment is read and checked into a [`Plan`], the plan trains
//! a model on a backend, and a record of it comes out.

mod backend;
mod checkpoint;
mod clipping;
mod data;
mod early_stopping;
mod error;
mod evaluate;
mod expectations;
mod finished;
#[cfg(test)]
mod golden;
mod gradcheck;
mod host;
mod loss;
mod model;
mod observer;
mod optimizer;
mod penalty;
mod run;
mod schedule;
mod step_figures;
mod summary;
mod train;
mod train_state;
mod weights;

pub use backend::{Backend, BackendError, DeviceDescription};
pub use checkpoint::Checkpointing;
pub use error::RunError;
pub use evaluate::Answer;
pub use expectations::{Unmet, unmet_expectations};
pub use finished::{FinishedRun, Part, PartEvaluation, Prediction};
pub use gradcheck::{GradientCheck, gradcheck};
pub use host::{host, versions};
pub use kernels::vector_unit;
pub use observer::{Observer, StepProgress};
pub use run::{Outcome, Run};
pub use summary::{LayerSummary, step_flops, summary};
