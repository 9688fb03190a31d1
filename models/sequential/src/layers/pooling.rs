use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::convolution::{NO_IMAGE, TOO_SMALL, windows};
use super::wants;
use crate::extent::{Extent, Padding};
use crate::name::Name;
use crate::shape::Shape;

/// A pooling of images.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object such as { \"pool\": 2 }")]
pub struct Pool2d {
    /// Rows and columns of a window.
    #[serde(default = "two")]
    pub(crate) pool: Extent,
    /// Rows and columns from one window to the next; those of the window if absent.
    #[serde(default)]
    pub(crate) stride: Option<Extent>,
    /// What lies beyond the edges.
    #[serde(default)]
    pub(crate) padding: Padding,
    /// Stands for the layer's place in the keys of overrides and sweeps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<Name>,
}

fn two() -> Extent {
    const { Extent::square(2) }
}

impl Pool2d {
    pub(crate) fn stride(&self) -> Extent {
        self.stride.unwrap_or(self.pool)
    }

    pub(crate) fn output(&self, input: Shape) -> Result<Shape, String> {
        let Shape::Image {
            rows,
            columns,
            channels,
        } = input
        else {
            return Err(wants("[rows, columns, channels]", input, NO_IMAGE));
        };
        let [rows, columns] = windows([rows, columns], self.pool, self.stride(), self.padding);
        if rows * columns == 0 {
            let wanted = format!("at least {} pixels", self.pool);
            return Err(wants(&wanted, input, TOO_SMALL));
        }
        Ok(Shape::Image {
            rows,
            columns,
            channels,
        })
    }
}

/// The output of a pooling over all positions.
pub(crate) fn pooled(input: Shape) -> Result<Shape, String> {
    let remedy = match input {
        Shape::Sequence { features, .. } => return Ok(Shape::Features(features)),
        Shape::Image { channels, .. } => return Ok(Shape::Features(channels)),
        Shape::Tokens { .. } => "put embedding before it",
        Shape::Features(_) => "remove it: nothing is left to pool",
    };
    let wanted = "[time, features] or [rows, columns, channels]";
    Err(wants(wanted, input, remedy))
}
