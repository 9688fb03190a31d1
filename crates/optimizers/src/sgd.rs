//! Stochastic gradient descent, with or without momentum (`keras.optimizers.SGD`).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use spec::{Fraction, Positive, Problem};
#[cfg(feature = "burn")]
use {
    burn::optim::{DynOptimizer, LearningRate, Optimizer, SquareAvgState},
    burn::tensor::{Device, Tensor},
    kernels::{in_one_pass, is_on_host, normal},
};

use crate::optimizer_config::OptimizerConfig;

/// Stochastic gradient descent: `w -= learning_rate * g`; with momentum
/// `v = momentum * v - learning_rate * g; w += v`.
///
/// Sutskever, Martens, Dahl and Hinton, "On the importance of initialization and momentum in deep
/// learning" (ICML 2013). Defaults as in Keras: `learning_rate` 0.01, no momentum.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sgd {
    /// Above 0.
    #[serde(default = "learning_rate")]
    pub learning_rate: Positive,
    /// The decay rate of the velocity, at least 0 and below 1; 0 turns momentum off.
    #[serde(default = "momentum")]
    pub momentum: Fraction,
    /// Whether to use Nesterov momentum: `w += momentum * v - learning_rate * g`.
    #[serde(default = "nesterov")]
    pub nesterov: bool,
}

fn learning_rate() -> Positive {
    Positive::new(0.01)
}

fn momentum() -> Fraction {
    Fraction::new(0.0)
}

fn nesterov() -> bool {
    false
}

impl OptimizerConfig for Sgd {
    fn check(&self) -> Result<(), Problem> {
        if self.nesterov && self.momentum.get() == 0.0 {
            let message = "needs momentum; set momentum above 0";
            return Err(Problem::new("nesterov", message));
        }
        Ok(())
    }

    fn learning_rate(&self) -> f64 {
        self.learning_rate.get()
    }

    #[cfg(feature = "burn")]
    fn rule(&self) -> Box<dyn DynOptimizer> {
        if self.momentum.get() == 0.0 {
            return Box::new(Plain);
        }
        Box::new(Momentum {
            momentum: self.momentum.get() as f32,
            nesterov: self.nesterov,
        })
    }
}

/// Without momentum, Burn's rule equals Keras's. On the host, this one takes one pass.
#[cfg(feature = "burn")]
#[derive(Clone, Debug)]
struct Plain;

#[cfg(feature = "burn")]
impl Optimizer for Plain {
    /// Never made: Burn's optimizers without a state have none that is empty.
    type State<const D: usize> = SquareAvgState<D>;

    fn step<const D: usize>(
        &self,
        learning_rate: LearningRate,
        weights: Tensor<D>,
        gradient: Tensor<D>,
        _: Option<Self::State<D>>,
    ) -> (Tensor<D>, Option<Self::State<D>>) {
        let learning_rate = learning_rate as f32;
        if !is_on_host(&weights.device()) {
            return (weights - gradient * learning_rate, None);
        }
        let [weights, _] = in_one_pass(
            [weights, gradient],
            #[inline(always)]
            |[weights, gradient]| {
                for (w, g) in weights.iter_mut().zip(gradient) {
                    *w = normal(*w - learning_rate * *g);
                }
            },
        );
        (weights, None)
    }

    fn to_device<const D: usize>(state: Self::State<D>, device: &Device) -> Self::State<D> {
        state.to_device(device)
    }
}

/// Keras's momentum. Its velocity accumulates steps, each with the learning rate at that step;
/// Burn's accumulates gradients. With a learning rate schedule the two differ.
#[cfg(feature = "burn")]
#[derive(Clone, Debug)]
struct Momentum {
    momentum: f32,
    nesterov: bool,
}

#[cfg(feature = "burn")]
impl Optimizer for Momentum {
    /// The velocity. Other crates cannot define states for Burn, so this uses a state of Burn's
    /// that holds a single tensor.
    type State<const D: usize> = SquareAvgState<D>;

    fn step<const D: usize>(
        &self,
        learning_rate: LearningRate,
        weights: Tensor<D>,
        gradient: Tensor<D>,
        state: Option<Self::State<D>>,
    ) -> (Tensor<D>, Option<Self::State<D>>) {
        let velocity = match state {
            Some(state) => state.square_avg,
            None => weights.zeros_like(),
        };
        let learning_rate = learning_rate as f32;
        let Self { momentum, nesterov } = *self;
        let (weights, velocity) = if is_on_host(&weights.device()) {
            let [weights, velocity, _] = in_one_pass(
                [weights, velocity, gradient],
                #[inline(always)]
                |[weights, velocity, gradient]| {
                    for ((w, v), g) in weights.iter_mut().zip(velocity).zip(gradient) {
                        *v = normal(momentum * *v - learning_rate * *g);
                        let step = if nesterov {
                            momentum * *v - learning_rate * *g
                        } else {
                            *v
                        };
                        *w = normal(*w + step);
                    }
                },
            );
            (weights, velocity)
        } else {
            let step = gradient * learning_rate;
            let velocity = velocity * momentum - step.clone();
            let ahead = if nesterov {
                velocity.clone() * momentum - step
            } else {
                velocity.clone()
            };
            (weights + ahead, velocity)
        };
        (weights, Some(SquareAvgState::new(velocity)))
    }

    fn to_device<const D: usize>(state: Self::State<D>, device: &Device) -> Self::State<D> {
        state.to_device(device)
    }
}
