//! A config file on its way to a plan: [`load`](Plan::load) reads it and applies overrides,
//! [`check`](Experiment::check) makes of it a [`Plan`], in which nothing can be wrong any more.

mod check;
mod data;
mod defaults;
mod error;
mod experiment;
mod load;
mod model;
mod nearest;
mod optimizer;
mod overrides;
mod plan;
mod ranges;
mod training;

pub(crate) use data::{DataConfig, Validation};
pub use error::ConfigError;
pub use experiment::Experiment;
pub(crate) use experiment::{Bounds, Metric};
pub(crate) use load::{parse, stem};
pub(crate) use model::{
    Activation, DropoutMlpConfig, EmbeddingClassifierConfig, HiddenMlpConfig, ModelConfig,
};
pub(crate) use optimizer::OptimizerConfig;
pub use overrides::Override;
pub use plan::Plan;
#[cfg(test)]
pub(crate) use training::{Decay, Descent, StepDecay};
pub(crate) use training::{EarlyStoppingConfig, Schedule, TrainingConfig};

/// The JSON Schema of config files.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Experiment).to_value()
}
