//! Config files: parsing, overrides, checks, names and signatures. No dependency on Burn.
//!
//! [`Plan::load`] reads a config file, applies overrides and checks the outcome. In a [`Plan`], every
//! value is in range and every default is filled in. A [`Sweep`]'s file gives one plan for each
//! combination of values.

mod changes;
mod check;
mod error;
mod expectations;
mod experiment;
mod identity;
mod load;
mod migration;
mod name;
mod origin;
mod overrides;
mod parse;
mod plan;
mod randomness;
mod seeds;
mod sweep;
mod training;

pub use catalog::Model;
pub use changes::Change;
pub use datasets::Data;
pub use error::ConfigError;
pub use expectations::Unmet;
pub use experiment::{Bounds, Experiment};
pub use migration::migrated;
pub use optimizers::Optimizer;
pub use overrides::Override;
pub use plan::Plan;
pub use randomness::{PinnedSeeds, RunSeeds, Source};
pub use seeds::Seeds;
pub use sweep::{Halving, Member, Rung, Sweep, sweep_schema};
pub use training::{Decay, Descent, EarlyStopping, Schedule, StepDecay, Training};

/// The JSON Schema of config files.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Experiment).to_value()
}
