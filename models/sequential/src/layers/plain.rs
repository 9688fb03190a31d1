use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use spec::{Activation, Fraction};

use super::wants;
use crate::name::Name;
use crate::shape::Shape;
use crate::short::Main;

/// A layer without settings.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an empty object, {}")]
pub struct Plain {
    /// Stands for the layer's place in the keys of overrides and sweeps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<Name>,
}

/// Dropout in training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dropout {
    /// The probability of dropping an entry.
    pub(crate) rate: Fraction,
    /// Stands for the layer's place in the keys of overrides and sweeps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<Name>,
}

impl Main for Dropout {
    type Value = Fraction;
    const KEY: &'static str = "rate";

    fn of(rate: Fraction) -> Self {
        Self { rate, name: None }
    }
}

/// A function of each entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ActivationFunction {
    /// The function.
    pub(crate) function: Activation,
    /// Stands for the layer's place in the keys of overrides and sweeps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<Name>,
}

impl Main for ActivationFunction {
    type Value = Activation;
    const KEY: &'static str = "function";

    fn of(function: Activation) -> Self {
        Self {
            function,
            name: None,
        }
    }
}

/// The output of a layer that takes any numbers and keeps their shape.
pub(crate) fn kept(input: Shape) -> Result<Shape, String> {
    match input {
        Shape::Features(_) | Shape::Sequence { .. } | Shape::Image { .. } => Ok(input),
        Shape::Tokens { .. } => Err(wants("numbers", input, "put embedding before it")),
    }
}

/// The output of flattening.
pub(crate) fn flattened(input: Shape) -> Result<Shape, String> {
    kept(input).map(|input| Shape::Features(input.entries()))
}
