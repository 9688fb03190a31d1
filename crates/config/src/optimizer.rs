use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::defaults;

/// The optimizer, by Keras's definitions and with Keras's defaults.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OptimizerConfig {
    /// Stochastic gradient descent: `w -= learning_rate * g`; with momentum
    /// `v = momentum * v - learning_rate * g; w += v`.
    Sgd(SgdConfig),
    /// RMSprop: `v = rho * v + (1 - rho) * g^2; w -= learning_rate * g / sqrt(v + epsilon)`.
    Rmsprop(RmspropConfig),
    /// Adam, epsilon added to the uncorrected root as in Keras.
    Adam(AdamConfig),
    /// Adam after a decay of all weights: `w -= learning_rate * weight_decay * w`.
    Adamw(AdamwConfig),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SgdConfig {
    /// Above 0.
    #[serde(default = "defaults::sgd_learning_rate")]
    pub learning_rate: f64,
    /// What the velocity keeps at a step, at least 0 and below 1; 0 is none.
    #[serde(default = "defaults::momentum")]
    pub momentum: f64,
    /// Nesterov's form of it: `w += momentum * v - learning_rate * g`.
    #[serde(default = "defaults::nesterov")]
    pub nesterov: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RmspropConfig {
    /// Above 0.
    #[serde(default = "defaults::rmsprop_learning_rate")]
    pub learning_rate: f64,
    /// What the running mean of squared gradients keeps at a step, at least 0 and below 1.
    #[serde(default = "defaults::rho")]
    pub rho: f64,
    /// Above 0.
    #[serde(default = "defaults::epsilon")]
    pub epsilon: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AdamConfig {
    /// Above 0.
    #[serde(default = "defaults::adam_learning_rate")]
    pub learning_rate: f64,
    /// What the running mean of gradients keeps at a step, at least 0 and below 1.
    #[serde(default = "defaults::beta_1")]
    pub beta_1: f64,
    /// What the running mean of squared gradients keeps at a step, at least 0 and below 1.
    #[serde(default = "defaults::beta_2")]
    pub beta_2: f64,
    /// Above 0.
    #[serde(default = "defaults::epsilon")]
    pub epsilon: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AdamwConfig {
    /// Above 0.
    #[serde(default = "defaults::adam_learning_rate")]
    pub learning_rate: f64,
    /// At least 0 and below 1.
    #[serde(default = "defaults::weight_decay")]
    pub weight_decay: f64,
    /// What the running mean of gradients keeps at a step, at least 0 and below 1.
    #[serde(default = "defaults::beta_1")]
    pub beta_1: f64,
    /// What the running mean of squared gradients keeps at a step, at least 0 and below 1.
    #[serde(default = "defaults::beta_2")]
    pub beta_2: f64,
    /// Above 0.
    #[serde(default = "defaults::epsilon")]
    pub epsilon: f64,
}

impl OptimizerConfig {
    pub fn learning_rate(&self) -> f64 {
        match self {
            Self::Sgd(sgd) => sgd.learning_rate,
            Self::Rmsprop(rmsprop) => rmsprop.learning_rate,
            Self::Adam(adam) => adam.learning_rate,
            Self::Adamw(adamw) => adamw.learning_rate,
        }
    }
}
