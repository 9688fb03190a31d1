//! What makes new weights of weights and gradients, and what it remembers from step to step.

use std::collections::BTreeMap;

use burn::lr_scheduler::module_lr_scheduler::ModuleLrScheduler;
use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::optim::{
    DynOptimizer, DynState, GradientsParams, LearningRate, SgdConfig, StateSink, StateSource,
};
use burn::tensor::{Tensor, TensorData};
use config::{Experiment, OptimizerConfig};
use kernels::{Adam, Momentum, RmsProp};
use record::Tensors;

use crate::clipping::clip_global_norm;
use crate::schedule::scheduler;
use crate::weights::{shape_of, values_of};

/// An optimizer with its learning rates and its state.
///
/// Burn's `ModuleOptimizer` keeps states by random numbers of the parameters, and restores them on a
/// default device, which may be another than the run's. Here they go by the parameters' names.
pub(crate) struct Optimizer {
    rule: Box<dyn DynOptimizer>,
    /// By the parameter's name.
    states: BTreeMap<String, DynState>,
    scheduler: ModuleLrScheduler,
    clip_global_norm: Option<f64>,
}

/// All that an optimizer remembers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Memory {
    /// `hidden.0.weight.moment_1` and so on, each of its parameter's shape.
    pub tensors: Tensors,
    /// `hidden.0.weight.time` and so on.
    pub counts: BTreeMap<String, u64>,
}

impl Optimizer {
    pub fn new(experiment: &Experiment, steps_per_epoch: usize) -> Self {
        let training = &experiment.training;
        Self {
            rule: rule(&experiment.optimizer),
            states: BTreeMap::new(),
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
        model.map(&mut Step {
            path: Vec::new(),
            rule: self.rule.as_ref(),
            states: &mut self.states,
            learning_rate: self.scheduler.step().base(),
            gradients,
        })
    }

    pub fn memory(&self) -> Memory {
        let mut sink = StateSink::default();
        for (name, state) in &self.states {
            self.rule.state_flatten(name, state, &mut sink);
        }
        let mut tensors = Tensors::default();
        for (name, data) in sink.tensors {
            tensors.insert(name, shape_of(&data), values_of(data));
        }
        let counts = sink.scalars.into_iter().map(|(name, count)| {
            let count = u64::try_from(count).expect("optimizers remember counts alone");
            (name, count)
        });
        Memory {
            tensors,
            counts: counts.collect(),
        }
    }

    /// The optimizer as it was after so many `steps` with a model like this one, or what in the
    /// memory is of another model.
    pub fn after<M: Module>(
        mut self,
        steps: usize,
        memory: Memory,
        model: &M,
    ) -> Result<Self, String> {
        for _ in 0..steps {
            self.scheduler.step();
        }
        let counts = memory.counts.into_iter();
        let mut recall = Recall {
            path: Vec::new(),
            rule: self.rule.as_ref(),
            source: StateSource::new(counts.map(|(name, count)| (name, count.into())).collect()),
            tensors: memory.tensors,
            states: BTreeMap::new(),
            problem: None,
        };
        model.visit(&mut recall);
        let Recall {
            tensors,
            states,
            problem,
            ..
        } = recall;
        match (problem, tensors.names().next()) {
            (Some(problem), _) => Err(problem),
            (None, Some(name)) => Err(format!("the optimizer has no tensor `{name}`")),
            (None, None) => Ok(Self { states, ..self }),
        }
    }
}

fn rule(config: &OptimizerConfig) -> Box<dyn DynOptimizer> {
    match config {
        // Without momentum Burn's is Keras's.
        OptimizerConfig::Sgd(sgd) if sgd.momentum == 0.0 => Box::new(SgdConfig::new().build()),
        OptimizerConfig::Sgd(sgd) => Box::new(Momentum {
            momentum: sgd.momentum,
            nesterov: sgd.nesterov,
        }),
        OptimizerConfig::Rmsprop(rmsprop) => Box::new(RmsProp {
            rho: rmsprop.rho,
            epsilon: rmsprop.epsilon,
        }),
        OptimizerConfig::Adam(adam) => Box::new(Adam {
            beta_1: adam.beta_1,
            beta_2: adam.beta_2,
            epsilon: adam.epsilon,
            weight_decay: 0.0,
        }),
        OptimizerConfig::Adamw(adamw) => Box::new(Adam {
            beta_1: adamw.beta_1,
            beta_2: adamw.beta_2,
            epsilon: adamw.epsilon,
            weight_decay: adamw.weight_decay,
        }),
    }
}

/// One step on a walk through a module.
struct Step<'a> {
    path: Vec<String>,
    rule: &'a dyn DynOptimizer,
    states: &'a mut BTreeMap<String, DynState>,
    learning_rate: LearningRate,
    gradients: GradientsParams,
}

impl ModuleMapper for Step<'_> {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        // Running statistics have none.
        let Some(gradient) = self.gradients.remove::<D>(param.id) else {
            return param;
        };
        let name = self.path.join(".");
        // Consumed, so that nothing else holds the values and they are changed where they are.
        let (id, weights, mapper) = param.consume();
        let state = self.states.remove(&name);
        let (weights, state) = self.rule.step_dyn(
            D,
            self.learning_rate,
            weights.inner().into_bridge(),
            gradient.into_bridge(),
            state,
        );
        self.states.extend(state.map(|state| (name, state)));
        let weights = Tensor::<D>::from_inner(Tensor::from_bridge(weights)).require_grad();
        Param::from_mapped_value(id, weights, mapper)
    }
}

/// The states of a walk's parameters, of what was remembered.
struct Recall<'a> {
    path: Vec<String>,
    rule: &'a dyn DynOptimizer,
    source: StateSource,
    tensors: Tensors,
    states: BTreeMap<String, DynState>,
    /// The first one.
    problem: Option<String>,
}

impl ModuleVisitor for Recall<'_> {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let weights = param.val();
        let shape = weights.dims();
        let name = self.path.join(".");
        let mut own = self.tensors.split_off(&format!("{name}."));
        if own.is_empty() {
            return;
        }
        let fields: Vec<String> = own.names().map(str::to_owned).collect();
        for field in fields {
            match own.take_of_shape(&field, &shape) {
                Ok(values) => {
                    let data = TensorData::new(values, shape);
                    self.source.insert_tensor(format!("{name}.{field}"), data);
                }
                Err(problem) => {
                    self.problem.get_or_insert(format!("{name}: {problem}"));
                    return;
                }
            }
        }
        let device = weights.inner().device();
        match self
            .rule
            .state_unflatten(D, &name, &mut self.source, &device)
        {
            Some(state) => drop(self.states.insert(name, state)),
            None => drop(self.problem.get_or_insert(format!(
                "what the optimizer remembers of `{name}` is not whole"
            ))),
        }
    }
}
