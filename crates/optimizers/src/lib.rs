//! The optimizers, with Keras's definitions and defaults: one file each, with the config and the
//! update rule.
//!
//! To add an optimizer, add a file, its module, and a line to the list below.
//!
//! Without the feature `burn`, the crate has only the configs, so that tools which read them build
//! in seconds. The feature adds [`OptimizerConfig::rule`].

pub mod adam;
pub mod adamw;
mod optimizer_config;
pub mod rmsprop;
pub mod sgd;

pub use optimizer_config::OptimizerConfig;

spec::registry! {
    /// The optimizer, with Keras's definitions and defaults.
    pub enum Optimizer: OptimizerConfig, "an optimizer", r#""adam" or { "sgd": { "learning_rate": 0.1 } }"# {
        sgd::Sgd,
        rmsprop::Rmsprop,
        adam::Adam,
        adamw::Adamw,
    }
}
