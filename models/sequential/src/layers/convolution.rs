use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use spec::{Activation, Count};

use super::dense::yes;
use super::wants;
use crate::extent::{Extent, Padding};
use crate::name::Name;
use crate::shape::Shape;

/// A convolution over images.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    expecting = "an object such as { \"filters\": 32, \"kernel\": 3 }"
)]
pub struct Conv2d {
    /// The number of output channels.
    pub(crate) filters: Count<1, 4096>,
    /// Rows and columns of a filter.
    pub(crate) kernel: Extent,
    /// Rows and columns from one position of the filters to the next.
    #[serde(default = "one")]
    pub(crate) stride: Extent,
    /// What lies beyond the edges.
    #[serde(default)]
    pub(crate) padding: Padding,
    /// Applied to the output; nothing if absent.
    #[serde(default)]
    pub(crate) activation: Option<Activation>,
    /// Whether a bias is added.
    #[serde(default = "yes")]
    pub(crate) use_bias: bool,
    /// Stands for the layer's place in the keys of overrides and sweeps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<Name>,
}

/// A convolution over time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    expecting = "an object such as { \"filters\": 32, \"kernel\": 3 }"
)]
pub struct Conv1d {
    /// The number of output features.
    pub(crate) filters: Count<1, 4096>,
    /// The length of a filter.
    pub(crate) kernel: Count<1, 1024>,
    /// The steps from one position of the filters to the next.
    #[serde(default = "step")]
    pub(crate) stride: Count<1, 1024>,
    /// What lies beyond the ends.
    #[serde(default)]
    pub(crate) padding: Padding,
    /// Applied to the output; nothing if absent.
    #[serde(default)]
    pub(crate) activation: Option<Activation>,
    /// Whether a bias is added.
    #[serde(default = "yes")]
    pub(crate) use_bias: bool,
    /// Stands for the layer's place in the keys of overrides and sweeps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<Name>,
}

fn one() -> Extent {
    const { Extent::square(1) }
}

fn step() -> Count<1, 1024> {
    const { Count::new(1) }
}

impl Conv2d {
    pub(crate) fn output(&self, input: Shape) -> Result<Shape, String> {
        let Shape::Image { rows, columns, .. } = input else {
            return Err(wants("[rows, columns, channels]", input, NO_IMAGE));
        };
        let [rows, columns] = windows([rows, columns], self.kernel, self.stride, self.padding);
        if rows * columns == 0 {
            let wanted = format!("at least {} pixels", self.kernel);
            return Err(wants(&wanted, input, TOO_SMALL));
        }
        Ok(Shape::Image {
            rows,
            columns,
            channels: self.filters.get(),
        })
    }
}

impl Conv1d {
    pub(crate) fn output(&self, input: Shape) -> Result<Shape, String> {
        let Shape::Sequence { time, .. } = input else {
            let remedy = match input {
                Shape::Tokens { .. } => "put embedding before it",
                Shape::Image { .. } => "use conv2d for images",
                Shape::Features(_) | Shape::Sequence { .. } => {
                    "use it before flatten and global pooling"
                }
            };
            return Err(wants("[time, features]", input, remedy));
        };
        let (kernel, stride) = (self.kernel.get(), self.stride.get());
        let time = self.padding.windows(time, kernel, stride);
        if time == 0 {
            return Err(wants(&format!("at least {kernel} steps"), input, TOO_SMALL));
        }
        Ok(Shape::Sequence {
            time,
            features: self.filters.get(),
        })
    }
}

/// The remedy where no image arrives.
pub(super) const NO_IMAGE: &str = "use it for images, before flatten and global pooling";

/// The remedy where a window is larger than what it lies on.
pub(super) const TOO_SMALL: &str =
    "make the window smaller, use padding \"same\" or fewer layers before it";

/// The number of windows per column and per row of an image.
pub(super) fn windows(
    image: [usize; 2],
    window: Extent,
    stride: Extent,
    padding: Padding,
) -> [usize; 2] {
    let (window, stride) = (window.get(), stride.get());
    [0, 1].map(|side| padding.windows(image[side], window[side], stride[side]))
}
