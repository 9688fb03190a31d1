use burn::optim::{AdaptiveMomentumState, LearningRate, Optimizer};
use burn::tensor::{Device, Tensor};

use crate::one_pass::{in_one_pass, is_on_host, normal};

/// Adam as Keras 3 computes it: the bias corrections are folded into the learning rate, so epsilon
/// is added to the uncorrected root ("epsilon hat" of the paper).
///
/// Kingma and Ba, "Adam: A Method for Stochastic Optimization" (ICLR 2015), end of section 2.
///
/// | | default in Keras | range |
/// |---|---|---|
/// | `beta_1` | 0.9 | `[0, 1)` |
/// | `beta_2` | 0.999 | `[0, 1)` |
/// | `epsilon` | 1e-7 | above 0 |
/// | `weight_decay` | 0, in AdamW 0.004 | `[0, 1)` |
///
/// With a weight decay it is AdamW: all weights first lose that part of themselves, times the
/// learning rate. Loshchilov and Hutter, "Decoupled Weight Decay Regularization" (ICLR 2019).
#[derive(Clone, Debug)]
pub struct Adam {
    pub beta_1: f64,
    pub beta_2: f64,
    pub epsilon: f64,
    pub weight_decay: f64,
}

impl Optimizer for Adam {
    /// The running means of gradients and of squared gradients, and the steps they hold.
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
        let rule = Rule {
            learning_rate: self.corrected(learning_rate, steps),
            new_1: (1.0 - self.beta_1) as f32,
            new_2: (1.0 - self.beta_2) as f32,
            epsilon: self.epsilon as f32,
            kept: (1.0 - learning_rate * self.weight_decay) as f32,
        };
        let [weights, moment_1, moment_2] = match is_on_host(&weights.device()) {
            true => {
                let tensors = [weights, moment_1, moment_2, gradient];
                let [weights, moment_1, moment_2, _] = in_one_pass(
                    tensors,
                    #[inline(always)]
                    |tensors| rule.update(tensors),
                );
                [weights, moment_1, moment_2]
            }
            false => rule.compose(weights, moment_1, moment_2, gradient),
        };
        let state = AdaptiveMomentumState::new(steps, moment_1, moment_2);
        (weights, Some(state))
    }

    fn to_device<const D: usize>(state: Self::State<D>, device: &Device) -> Self::State<D> {
        state.to_device(device)
    }
}

impl Adam {
    /// The learning rate with both bias corrections. In 32 bits, as Keras: there `1 - beta_2^t` loses
    /// digits, and the first steps come out some millionths shorter.
    fn corrected(&self, learning_rate: f64, steps: usize) -> f32 {
        let steps = steps as f32;
        let left = |beta: f64| 1.0 - (beta as f32).powf(steps);
        learning_rate as f32 * left(self.beta_2).sqrt() / left(self.beta_1)
    }
}

/// The numbers of one step.
#[derive(Clone, Copy)]
struct Rule {
    learning_rate: f32,
    /// What the means take of the new gradient.
    new_1: f32,
    new_2: f32,
    epsilon: f32,
    /// What the decay leaves of a weight.
    kept: f32,
}

impl Rule {
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

    /// The same in tensor operations.
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
