//! AdamW, Adam with decoupled weight decay (Loshchilov and Hutter, 2019; `keras.optimizers.AdamW`).

#[cfg(feature = "burn")]
use burn::optim::DynOptimizer;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use spec::{Fraction, Positive};

#[cfg(feature = "burn")]
use crate::adam::AdamRule;
use crate::optimizer_config::OptimizerConfig;

/// AdamW: Adam preceded by a decay of all weights, `w -= learning_rate * weight_decay * w`.
///
/// Loshchilov and Hutter, "Decoupled Weight Decay Regularization" (ICLR 2019). Defaults as in
/// Keras: `learning_rate` 0.001, `weight_decay` 0.004, `beta_1` 0.9, `beta_2` 0.999, `epsilon`
/// 1e-7.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Adamw {
    /// Above 0.
    #[serde(default = "learning_rate")]
    pub learning_rate: Positive,
    /// At least 0 and below 1.
    #[serde(default = "weight_decay")]
    pub weight_decay: Fraction,
    /// The decay rate of the running mean of gradients, at least 0 and below 1.
    #[serde(default = "beta_1")]
    pub beta_1: Fraction,
    /// The decay rate of the running mean of squared gradients, at least 0 and below 1.
    #[serde(default = "beta_2")]
    pub beta_2: Fraction,
    /// Above 0.
    #[serde(default = "epsilon")]
    pub epsilon: Positive,
}

fn learning_rate() -> Positive {
    Positive::new(0.001)
}

fn weight_decay() -> Fraction {
    Fraction::new(0.004)
}

fn beta_1() -> Fraction {
    Fraction::new(0.9)
}

fn beta_2() -> Fraction {
    Fraction::new(0.999)
}

fn epsilon() -> Positive {
    Positive::new(1e-7)
}

impl OptimizerConfig for Adamw {
    fn learning_rate(&self) -> f64 {
        self.learning_rate.get()
    }

    #[cfg(feature = "burn")]
    fn rule(&self) -> Box<dyn DynOptimizer> {
        Box::new(AdamRule {
            beta_1: self.beta_1.get(),
            beta_2: self.beta_2.get(),
            epsilon: self.epsilon.get(),
            weight_decay: self.weight_decay.get(),
        })
    }
}
