use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use spec::{Activation, Count};

use super::wants;
use crate::name::Name;
use crate::shape::Shape;
use crate::short::Main;

/// A dense layer, `activation(x w + b)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dense {
    /// The number of outputs.
    pub(crate) units: Count<1, 65_536>,
    /// Applied to the output; nothing if absent.
    #[serde(default)]
    pub(crate) activation: Option<Activation>,
    /// Whether there is a `b`.
    #[serde(default = "yes")]
    pub(crate) use_bias: bool,
    /// Stands for the layer's place in the keys of overrides and sweeps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<Name>,
}

pub(super) fn yes() -> bool {
    true
}

impl Main for Dense {
    type Value = Count<1, 65_536>;
    const KEY: &'static str = "units";

    fn of(units: Self::Value) -> Self {
        Self {
            units,
            activation: None,
            use_bias: yes(),
            name: None,
        }
    }
}

impl Dense {
    pub(crate) fn output(&self, input: Shape) -> Result<Shape, String> {
        features(input)?;
        Ok(Shape::Features(self.units.get()))
    }
}

/// The number of features that arrive at a dense layer.
pub(crate) fn features(input: Shape) -> Result<usize, String> {
    let remedy = match input {
        Shape::Features(features) => return Ok(features),
        Shape::Tokens { .. } => "put embedding and a global pooling or flatten before it",
        Shape::Sequence { .. } | Shape::Image { .. } => "put flatten or a global pooling before it",
    };
    Err(wants("[features]", input, remedy))
}
