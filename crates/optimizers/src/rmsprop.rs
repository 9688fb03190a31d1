//! RMSprop (Tieleman and Hinton, 2012; `keras.optimizers.RMSprop`).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use spec::{Fraction, Positive};
#[cfg(feature = "burn")]
use {
    burn::optim::{DynOptimizer, LearningRate, Optimizer, SquareAvgState},
    burn::tensor::{Device, Tensor},
    kernels::{in_one_pass, is_on_host, normal},
};

use crate::optimizer_config::OptimizerConfig;

/// RMSprop: `v = rho * v + (1 - rho) * g^2; w -= learning_rate * g / sqrt(v + epsilon)`.
///
/// As in Keras 3 by default, epsilon is inside the root, there is no momentum, and the mean of
/// squares is not centred.
///
/// Tieleman and Hinton, "Lecture 6.5: RMSProp" (Coursera 2012). Defaults as in Keras:
/// `learning_rate` 0.001, `rho` 0.9, `epsilon` 1e-7.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rmsprop {
    /// Above 0.
    #[serde(default = "learning_rate")]
    pub learning_rate: Positive,
    /// The decay rate of the running mean of squared gradients, at least 0 and below 1.
    #[serde(default = "rho")]
    pub rho: Fraction,
    /// Above 0.
    #[serde(default = "epsilon")]
    pub epsilon: Positive,
}

fn learning_rate() -> Positive {
    Positive::new(0.001)
}

fn rho() -> Fraction {
    Fraction::new(0.9)
}

fn epsilon() -> Positive {
    Positive::new(1e-7)
}

impl OptimizerConfig for Rmsprop {
    fn learning_rate(&self) -> f64 {
        self.learning_rate.get()
    }

    #[cfg(feature = "burn")]
    fn rule(&self) -> Box<dyn DynOptimizer> {
        Box::new(RmspropRule {
            rho: self.rho.get() as f32,
            new: (1.0 - self.rho.get()) as f32,
            epsilon: self.epsilon.get() as f32,
        })
    }
}

#[cfg(feature = "burn")]
#[derive(Clone, Debug)]
struct RmspropRule {
    rho: f32,
    /// The weight of a new squared gradient in the mean.
    new: f32,
    epsilon: f32,
}

#[cfg(feature = "burn")]
impl Optimizer for RmspropRule {
    /// The running mean of squared gradients.
    type State<const D: usize> = SquareAvgState<D>;

    fn step<const D: usize>(
        &self,
        learning_rate: LearningRate,
        weights: Tensor<D>,
        gradient: Tensor<D>,
        state: Option<Self::State<D>>,
    ) -> (Tensor<D>, Option<Self::State<D>>) {
        let mean = match state {
            Some(state) => state.square_avg,
            None => weights.zeros_like(),
        };
        let learning_rate = learning_rate as f32;
        let Self { rho, new, epsilon } = *self;
        // Multiplies by the reciprocal root, as TensorFlow compiles Keras's division.
        let (weights, mean) = if is_on_host(&weights.device()) {
            let [weights, mean, _] = in_one_pass(
                [weights, mean, gradient],
                #[inline(always)]
                |[weights, mean, gradient]| {
                    for ((w, v), g) in weights.iter_mut().zip(mean).zip(gradient) {
                        *v = normal(rho * *v + new * (*g * *g));
                        *w = normal(*w - learning_rate * *g * (1.0 / (*v + epsilon).sqrt()));
                    }
                },
            );
            (weights, mean)
        } else {
            let mean = mean * rho + gradient.clone().square() * new;
            let reciprocal = (mean.clone() + epsilon).sqrt().recip();
            (weights - gradient * learning_rate * reciprocal, mean)
        };
        (weights, Some(SquareAvgState::new(mean)))
    }

    fn to_device<const D: usize>(state: Self::State<D>, device: &Device) -> Self::State<D> {
        state.to_device(device)
    }
}
