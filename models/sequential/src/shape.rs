use std::fmt;

use spec::InputSpec;

/// The shape of one example between two layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Token ids.
    Tokens { vocabulary: usize, length: usize },
    /// Numbers without an order.
    Features(usize),
    /// A vector of features at each time.
    Sequence { time: usize, features: usize },
    /// Channels come last, as in Keras.
    Image {
        rows: usize,
        columns: usize,
        channels: usize,
    },
}

impl Shape {
    /// The shape of a data set's examples; `None` if no layer takes them.
    pub fn of(input: &InputSpec) -> Option<Self> {
        match input {
            &InputSpec::Tokens { vocabulary, length } => Some(Self::Tokens { vocabulary, length }),
            InputSpec::Dense { shape } => match shape[..] {
                [features] => Some(Self::Features(features)),
                [time, features] => Some(Self::Sequence { time, features }),
                [rows, columns, channels] => Some(Self::Image {
                    rows,
                    columns,
                    channels,
                }),
                _ => None,
            },
        }
    }

    /// The size of each dimension.
    pub fn sizes(self) -> Vec<usize> {
        match self {
            Self::Tokens { length, .. } => vec![length],
            Self::Features(features) => vec![features],
            Self::Sequence { time, features } => vec![time, features],
            Self::Image {
                rows,
                columns,
                channels,
            } => vec![rows, columns, channels],
        }
    }

    /// The number of entries.
    pub fn entries(self) -> usize {
        self.sizes().iter().product()
    }

    /// The size of the last dimension.
    pub fn features(self) -> usize {
        match self {
            Self::Tokens { length, .. } => length,
            Self::Features(features) | Self::Sequence { features, .. } => features,
            Self::Image { channels, .. } => channels,
        }
    }
}

/// For example `[28, 28, 1]`.
impl fmt::Display for Shape {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        write!(out, "{:?}", self.sizes())?;
        match self {
            Self::Tokens { .. } => out.write_str(" token ids"),
            Self::Features(_) | Self::Sequence { .. } | Self::Image { .. } => Ok(()),
        }
    }
}
