use burn::optim::{LearningRate, Optimizer, SquareAvgState};
use burn::tensor::{Device, Tensor};

use crate::one_pass::{in_one_pass, is_on_host, normal};

/// RMSprop as Keras 3 computes it: epsilon inside the root, no momentum, not centred.
///
/// Tieleman and Hinton, "Lecture 6.5: RMSProp" (Coursera 2012).
///
/// | | default in Keras | range |
/// |---|---|---|
/// | `rho` | 0.9 | `[0, 1)` |
/// | `epsilon` | 1e-7 | above 0 |
#[derive(Clone, Debug)]
pub struct RmsProp {
    pub rho: f64,
    pub epsilon: f64,
}

impl Optimizer for RmsProp {
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
        let (rho, new) = (self.rho as f32, (1.0 - self.rho) as f32);
        let epsilon = self.epsilon as f32;
        // Times the root's reciprocal, which is what TensorFlow makes of Keras's division.
        let [weights, mean] = match is_on_host(&weights.device()) {
            true => {
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
                [weights, mean]
            }
            false => {
                let mean = mean * rho + gradient.clone().square() * new;
                let reciprocal = (mean.clone() + epsilon).sqrt().recip();
                [weights - gradient * learning_rate * reciprocal, mean]
            }
        };
        (weights, Some(SquareAvgState::new(mean)))
    }

    fn to_device<const D: usize>(state: Self::State<D>, device: &Device) -> Self::State<D> {
        state.to_device(device)
    }
}
