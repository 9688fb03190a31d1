use burn::module::Module;
use burn::optim::{GradientsParams, ModuleOptimizer, SgdConfig};
use kernels::{Adam, RmsProp};

use crate::config::OptimizerConfig;

/// An optimizer with its learning rate and its state.
pub(crate) struct Optimizer {
    rule: ModuleOptimizer,
    learning_rate: f64,
}

impl Optimizer {
    pub fn new(config: &OptimizerConfig) -> Self {
        match *config {
            // Without momentum Burn's is Keras's.
            OptimizerConfig::Sgd(ref sgd) => Self {
                rule: SgdConfig::new().init(),
                learning_rate: sgd.learning_rate,
            },
            OptimizerConfig::Rmsprop(ref rmsprop) => Self {
                rule: ModuleOptimizer::from(RmsProp {
                    rho: rmsprop.rho,
                    epsilon: rmsprop.epsilon,
                }),
                learning_rate: rmsprop.learning_rate,
            },
            OptimizerConfig::Adam(ref adam) => Self {
                rule: ModuleOptimizer::from(Adam {
                    beta_1: adam.beta_1,
                    beta_2: adam.beta_2,
                    epsilon: adam.epsilon,
                }),
                learning_rate: adam.learning_rate,
            },
        }
    }

    /// The model after one step against the gradients.
    pub fn step<M: Module>(&mut self, model: M, gradients: GradientsParams) -> M {
        self.rule.step(self.learning_rate, model, gradients)
    }
}
