//! What a person writes, on its way to what is run. No Burn here.
//!
//! A config's file is read and overrides are applied ([`Plan::load`]); the check makes of it a
//! [`Plan`], in which nothing can be wrong any more. A [`Sweep`]'s file makes many plans of one.

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
mod sweep;
mod training;

pub use data::{
    DataConfig, ImdbConfig, MnistConfig, SyntheticDigitsConfig, SyntheticReviewsConfig, Validation,
};
pub use error::ConfigError;
pub use experiment::{Bounds, Experiment, Metric};
pub use model::{
    Activation, BatchNormConfig, DropoutMlpConfig, EmbeddingClassifierConfig, HiddenMlpConfig,
    ModelConfig,
};
pub use optimizer::{AdamConfig, AdamwConfig, OptimizerConfig, RmspropConfig, SgdConfig};
pub use overrides::Override;
pub use plan::Plan;
pub use sweep::{Member, Sweep, sweep_schema};
pub use training::{Decay, Descent, EarlyStoppingConfig, Schedule, StepDecay, TrainingConfig};

/// The JSON Schema of config files.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Experiment).to_value()
}
