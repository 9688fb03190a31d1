use burn::optim::{LearningRate, Optimizer, SquareAvgState};
use burn::tensor::{Device, Tensor};

use crate::one_pass::{in_one_pass, is_on_host, normal};

/// Stochastic gradient descent with momentum as Keras computes it: the velocity holds steps, the
/// learning rate of their time included, where Burn's holds gradients; with a schedule the two
/// differ.
///
/// Sutskever, Martens, Dahl and Hinton, "On the importance of initialization and momentum in deep
/// learning" (ICML 2013), which also has Nesterov's form.
#[derive(Clone, Debug)]
pub struct Momentum {
    /// What the velocity keeps at a step, `[0, 1)`.
    pub momentum: f64,
    pub nesterov: bool,
}

impl Optimizer for Momentum {
    /// The velocity. Burn lets no other crate define states; of its own this one holds a tensor.
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
        let (learning_rate, momentum) = (learning_rate as f32, self.momentum as f32);
        let nesterov = self.nesterov;
        let [weights, velocity] = match is_on_host(&weights.device()) {
            true => {
                let [weights, velocity, _] = in_one_pass(
                    [weights, velocity, gradient],
                    #[inline(always)]
                    |[weights, velocity, gradient]| {
                        for ((w, v), g) in weights.iter_mut().zip(velocity).zip(gradient) {
                            *v = normal(momentum * *v - learning_rate * *g);
                            let step = match nesterov {
                                true => momentum * *v - learning_rate * *g,
                                false => *v,
                            };
                            *w = normal(*w + step);
                        }
                    },
                );
                [weights, velocity]
            }
            false => {
                let step = gradient * learning_rate;
                let velocity = velocity * momentum - step.clone();
                let ahead = match nesterov {
                    true => velocity.clone() * momentum - step,
                    false => velocity.clone(),
                };
                [weights + ahead, velocity]
            }
        };
        (weights, Some(SquareAvgState::new(velocity)))
    }

    fn to_device<const D: usize>(state: Self::State<D>, device: &Device) -> Self::State<D> {
        state.to_device(device)
    }
}
