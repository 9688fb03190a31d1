//! A network whose layers stand in the config, like Keras's `Sequential`.
//!
//! [`Layer`] is the list of layers. A layer's settings, its checks and what it makes of a shape are in
//! `layers`, its weights and its forward pass in `network`.

mod extent;
mod layer;
mod layers;
mod name;
#[cfg(feature = "burn")]
mod network;
mod shape;
mod short;
mod walk;

pub use layer::Layer;
#[cfg(feature = "burn")]
pub use network::Network;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use spec::{Architecture, DataSpec, InputSpec, Problem, UpTo};

use crate::shape::Shape;
use crate::walk::{Placed, check_structure, walk};

/// Your own network: its layers in the order of the forward pass. The last one is `output`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Sequential(UpTo<Layer, 256>);

impl Architecture for Sequential {
    fn takes(input: &InputSpec) -> bool {
        Shape::of(input).is_some()
    }

    fn check(&self) -> Result<(), Problem> {
        check_structure(&self.0)
    }

    fn check_data(&self, data: &DataSpec) -> Result<(), Problem> {
        match Shape::of(&data.input) {
            Some(input) => walk(&self.0, input, data.logits()).map(drop),
            None => Ok(()),
        }
    }

    fn layers(&self, data: &DataSpec) -> Vec<spec::Layer> {
        let placed = Shape::of(&data.input).map(|input| walk(&self.0, input, data.logits()));
        let placed = placed.and_then(Result::ok).unwrap_or_default();
        placed.iter().map(Placed::summary).collect()
    }
}
