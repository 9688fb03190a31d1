use burn::lr_scheduler::module_lr_scheduler::ModuleLrScheduler;
use burn::module::Module;
use burn::optim::{GradientsParams, ModuleOptimizer, SgdConfig};
use kernels::{Adam, Momentum, RmsProp};

use crate::clipping::clip_global_norm;
use crate::schedule::scheduler;
use config::{Experiment, OptimizerConfig};

/// An optimizer with its learning rates and its state.
pub(crate) struct Optimizer {
    rule: ModuleOptimizer,
    scheduler: ModuleLrScheduler,
    clip_global_norm: Option<f64>,
}

impl Optimizer {
    pub fn new(experiment: &Experiment, steps_per_epoch: usize) -> Self {
        let training = &experiment.training;
        Self {
            rule: rule(&experiment.optimizer),
            scheduler: scheduler(
                training.learning_rate_schedule.as_ref(),
                experiment.optimizer.learning_rate(),
                training.epochs,
                steps_per_epoch,
            ),
            clip_global_norm: training.clip_global_norm,
        }
    }

    /// The model after one step against the gradients.
    pub fn step<M: Module>(&mut self, model: M, mut gradients: GradientsParams) -> M {
        if let Some(longest) = self.clip_global_norm {
            gradients = clip_global_norm(&model, gradients, longest);
        }
        self.rule.step(self.scheduler.step(), model, gradients)
    }
}

fn rule(config: &OptimizerConfig) -> ModuleOptimizer {
    match config {
        // Without momentum Burn's is Keras's.
        OptimizerConfig::Sgd(sgd) if sgd.momentum == 0.0 => SgdConfig::new().init(),
        OptimizerConfig::Sgd(sgd) => ModuleOptimizer::from(Momentum {
            momentum: sgd.momentum,
            nesterov: sgd.nesterov,
        }),
        OptimizerConfig::Rmsprop(rmsprop) => ModuleOptimizer::from(RmsProp {
            rho: rmsprop.rho,
            epsilon: rmsprop.epsilon,
        }),
        OptimizerConfig::Adam(adam) => ModuleOptimizer::from(Adam {
            beta_1: adam.beta_1,
            beta_2: adam.beta_2,
            epsilon: adam.epsilon,
            weight_decay: 0.0,
        }),
        OptimizerConfig::Adamw(adamw) => ModuleOptimizer::from(Adam {
            beta_1: adamw.beta_1,
            beta_2: adamw.beta_2,
            epsilon: adamw.epsilon,
            weight_decay: adamw.weight_decay,
        }),
    }
}
