use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use spec::Count;

use super::wants;
use crate::name::Name;
use crate::shape::Shape;
use crate::short::Main;

/// A learnt vector for each token id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Embedding {
    /// The length of a vector.
    pub(crate) output_dim: Count<1, 65_536>,
    /// Stands for the layer's place in the keys of overrides and sweeps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<Name>,
}

impl Main for Embedding {
    type Value = Count<1, 65_536>;
    const KEY: &'static str = "output_dim";

    fn of(output_dim: Self::Value) -> Self {
        Self {
            output_dim,
            name: None,
        }
    }
}

impl Embedding {
    pub(crate) fn output(&self, input: Shape) -> Result<Shape, String> {
        match input {
            Shape::Tokens { length, .. } => Ok(Shape::Sequence {
                time: length,
                features: self.output_dim.get(),
            }),
            Shape::Features(_) | Shape::Sequence { .. } | Shape::Image { .. } => {
                let remedy = "use it for texts, as the first layer";
                Err(wants("[length] token ids", input, remedy))
            }
        }
    }
}
