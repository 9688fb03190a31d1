//! The interface between data sets, models and training. A data set describes its examples
//! ([`DataSpec`]); a model states which data it takes and which layers it has ([`Architecture`]). The
//! training code needs no data set or model by name.
//!
//! Without the feature `burn` there are only descriptions, so that tools which read configs and
//! results build in seconds. The feature adds `Batch`, `Network` and `Build`.

mod activation;
mod architecture;
mod bounded;
mod data;
mod layer;
mod nearest;
#[cfg(feature = "burn")]
mod network;
mod noticed;
mod problem;
mod ranges;
mod registry;
mod tagged;
mod wording;

pub use activation::Activation;
pub use architecture::Architecture;
pub use bounded::read_at_most;
pub use data::{DataSpec, InputSpec, Split};
pub use layer::{Layer, LayerKind};
pub use nearest::{nearest, unknown};
#[cfg(feature = "burn")]
pub use network::{Batch, Build, Network};
pub use noticed::Noticed;
pub use problem::Problem;
pub use ranges::{Count, Fraction, NonNegative, Positive, ProperFraction, UpTo};
pub use tagged::{Tagged, allow_names, deserialize_tagged};
pub use wording::{not_json, plain, system, without_system_codes};
