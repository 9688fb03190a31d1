use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use spec::{Fraction, Positive};

use crate::name::Name;

/// Batch normalisation with Keras's parameters and defaults.
///
/// Ioffe and Szegedy, "Batch Normalization: Accelerating Deep Network Training by Reducing Internal
/// Covariate Shift" (ICML 2015). Training uses the batch's statistics, evaluation the running ones.
/// Both variances are biased: divided by the number of entries.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    expecting = "an object such as { \"momentum\": 0.99 }"
)]
#[schemars(rename = "BatchNormLayer")]
pub struct BatchNorm {
    /// The fraction of the running mean and variance that a step keeps.
    #[serde(default = "momentum")]
    pub(crate) momentum: Fraction,
    /// Added to the variance before the division.
    #[serde(default = "epsilon")]
    pub(crate) epsilon: Positive,
    /// Stands for the layer's place in the keys of overrides and sweeps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<Name>,
}

/// Layer normalisation with Keras's parameters and defaults.
///
/// Ba, Kiros and Hinton, "Layer Normalization" (2016). Each example, and each time or pixel of it, is
/// normalised over its features or channels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    expecting = "an object such as { \"epsilon\": 0.001 }"
)]
pub struct LayerNorm {
    /// Added to the variance before the division.
    #[serde(default = "epsilon")]
    pub(crate) epsilon: Positive,
    /// Stands for the layer's place in the keys of overrides and sweeps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<Name>,
}

fn momentum() -> Fraction {
    Fraction::new(0.99)
}

fn epsilon() -> Positive {
    Positive::new(0.001)
}
