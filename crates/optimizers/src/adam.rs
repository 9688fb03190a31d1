//! Adam (Kingma and Ba, 2015; `keras.optimizers.Adam`).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use spec::{Fraction, Positive};
#[cfg(feature = "burn")]
use {
    burn::optim::{AdaptiveMomentumState, DynOptimizer, LearningRate, Optimizer},
    burn::tensor::{Device, Tensor},
    kernels::{in_one_pass, is_on_host, normal},
};

use crate::optimizer_config::OptimizerConfig;

/// Adam: `m = beta_1 * m + (1 - beta_1) * g; v = beta_2 * v + (1 - beta_2) * g^2;
/// w -= learning_rate * sqrt(1 - beta_2^t) / (1 - beta_1^t) * m / (sqrt(v) + epsilon)`.
///
/// Epsilon is added to the root before bias correction, as in Keras 3: the paper's "epsilon hat".
///
/// Kingma and Ba, "Adam: A Method for Stochastic Optimization" (ICLR 2015), end of section 2.
/// Defaults as in Keras: `learning_rate` 0.001, `beta_1` 0.9, `beta_2` 0.999, `epsilon` 1e-7.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Adam {
    /// Above 0.
    #[serde(default = "learning_rate")]
    pub learning_rate: Positive,
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

fn beta_1() -> Fraction {
    Fraction::new(0.9)
}

fn beta_2() -> Fraction {
    Fraction::new(0.999)
}

fn epsilon() -> Positive {
    Positive::new(1e-7)
}

impl OptimizerConfig for Adam {
    fn learning_rate(&self) -> f64 {
        self.learning_rate.get()
    }

    #[cfg(feature = "burn")]
    fn rule(&self) -> Box<dyn DynOptimizer> {
        Box::new(AdamRule {
            beta_1: self.beta_1.get(),
            beta_2: self.beta_2.get(),
            epsilon: self.epsilon.get(),
            weight_decay: 0.0,
        })
    }
}

/// The update rule of Adam and, with a weight decay, of AdamW.
#[cfg(feature = "burn")]
#[derive(Clone, Debug)]
pub(crate) struct AdamRule {
    pub beta_1: f64,
    pub beta_2: f64,
    pub epsilon: f64,
    /// Times the learning rate, the fraction of each weight that a step first subtracts.
    pub weight_decay: f64,
}

#[cfg(feature = "burn")]
impl Optimizer for AdamRule {
    /// The running means of gradients and of squared gradients, and the number of steps so far.
    type State<const D: usize> = AdaptiveMomentumState<D>;

    fn step<const D: usize>(
        &self,
        learning_rate: LearningRate,
        weights: Tensor<D>,
        gradient: Tensor<D>,
        state: Option<Self::State<D>>,
    ) -> (Tensor<D>, Option<Self::State<D>>) {
        let (steps, moment_1, moment_2) = match state {
            Some(state) => (state.time + 1, state.moment_1, state.moment_2),
            None => (1, weights.zeros_like(), weights.zeros_like()),
        };
        let factors = Factors {
            learning_rate: self.corrected(learning_rate, steps),
            new_1: (1.0 - self.beta_1) as f32,
            new_2: (1.0 - self.beta_2) as f32,
            epsilon: self.epsilon as f32,
            kept: (1.0 - learning_rate * self.weight_decay) as f32,
        };
        let [weights, moment_1, moment_2] = if is_on_host(&weights.device()) {
            let [weights, moment_1, moment_2, _] = in_one_pass(
                [weights, moment_1, moment_2, gradient],
                #[inline(always)]
                |tensors| factors.update(tensors),
            );
            [weights, moment_1, moment_2]
        } else {
            factors.compose(weights, moment_1, moment_2, gradient)
        };
        let state = AdaptiveMomentumState::new(steps, moment_1, moment_2);
        (weights, Some(state))
    }

    fn to_device<const D: usize>(state: Self::State<D>, device: &Device) -> Self::State<D> {
        state.to_device(device)
    }
}

#[cfg(feature = "burn")]
impl AdamRule {
    /// The learning rate with both bias corrections, in 32 bits as in Keras. There, `1 - beta_2^t`
    /// loses precision, which makes the first steps a few millionths shorter.
    fn corrected(&self, learning_rate: f64, steps: usize) -> f32 {
        let steps = steps as f32;
        let left = |beta: f64| 1.0 - (beta as f32).powf(steps);
        learning_rate as f32 * left(self.beta_2).sqrt() / left(self.beta_1)
    }
}

/// The factors of one step.
#[cfg(feature = "burn")]
#[derive(Clone, Copy)]
struct Factors {
    learning_rate: f32,
    /// The weight of a new gradient in its mean.
    new_1: f32,
    /// The weight of a new squared gradient in its mean.
    new_2: f32,
    epsilon: f32,
    /// The fraction of a weight that remains after the decay.
    kept: f32,
}

#[cfg(feature = "burn")]
impl Factors {
    #[inline(always)]
    fn update(self, [weights, moment_1, moment_2, gradient]: [&mut [f32]; 4]) {
        let state = moment_1.iter_mut().zip(moment_2);
        for ((w, (m, v)), g) in weights.iter_mut().zip(state).zip(gradient) {
            *m = normal(*m + (*g - *m) * self.new_1);
            *v = normal(*v + (*g * *g - *v) * self.new_2);
            let step = *m * self.learning_rate / (v.sqrt() + self.epsilon);
            *w = normal(self.kept * *w - step);
        }
    }

    /// The same update as tensor operations.
    fn compose<const D: usize>(
        self,
        weights: Tensor<D>,
        moment_1: Tensor<D>,
        moment_2: Tensor<D>,
        gradient: Tensor<D>,
    ) -> [Tensor<D>; 3] {
        let change_1 = (gradient.clone() - moment_1.clone()) * self.new_1;
        let change_2 = (gradient.square() - moment_2.clone()) * self.new_2;
        let moment_1 = moment_1 + change_1;
        let moment_2 = moment_2 + change_2;
        let step = moment_1.clone() * self.learning_rate / (moment_2.clone().sqrt() + self.epsilon);
        [weights * self.kept - step, moment_1, moment_2]
    }
}
