use compare::statistics::{deviation, mean};
use serde::Deserialize;

/// What some runs measured, together.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Figure {
    pub mean: f64,
    /// Of the sample; nothing for a single run.
    pub deviation: Option<f64>,
}

impl Figure {
    /// Nothing of no values.
    pub fn of(values: &[f64]) -> Option<Self> {
        Some(Self {
            mean: mean(values)?,
            deviation: deviation(values),
        })
    }
}
