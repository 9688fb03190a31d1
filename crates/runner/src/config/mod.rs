//! A config file on its way to a plan: [`load`](Plan::load) reads it and applies overrides,
//! [`check`](Experiment::check) makes of it a [`Plan`], in which nothing can be wrong any more.

mod check;
mod defaults;
mod error;
mod experiment;
mod load;
mod nearest;
mod overrides;
mod plan;

pub use error::ConfigError;
pub use experiment::Experiment;
pub(crate) use experiment::{
    Bounds, DataConfig, Metric, ModelConfig, OptimizerConfig, TrainingConfig, Validation,
};
pub use overrides::Override;
pub use plan::Plan;

/// The JSON Schema of config files.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Experiment).to_value()
}
