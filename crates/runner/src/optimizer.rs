//! The optimizer: updates the weights, keeps its state between steps, and saves and restores it.

use std::collections::BTreeMap;

use burn::lr_scheduler::module_lr_scheduler::ModuleLrScheduler;
use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::optim::{DynOptimizer, DynState, GradientsParams, LearningRate, StateSink, StateSource};
use burn::tensor::{Tensor, TensorData};
use config::Experiment;
use record::Tensors;
use spec::Positive;

use crate::clipping::clip_global_norm;
use crate::module_path::ModulePath;
use crate::schedule::scheduler;
use crate::weights::{shape_of, values_of};

/// An optimizer with its learning-rate schedule and its state.
///
/// Burn's `ModuleOptimizer` identifies parameters by random ids and restores their states on the
/// default device, which may not be the run's. This one identifies parameters by name.
pub(crate) struct Optimizer {
    rule: Box<dyn DynOptimizer>,
    /// The states by parameter name.
    states: BTreeMap<String, DynState>,
    scheduler: ModuleLrScheduler,
    /// The learning rate of the last step; `None` before the first.
    last_rate: Option<f64>,
    clip_global_norm: Option<f64>,
}

/// The state of an optimizer in the form that checkpoints store.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Memory {
    /// For instance `hidden.0.weight.moment_1`. Each has the shape of its parameter.
    pub tensors: Tensors,
    /// For instance `hidden.0.weight.time`.
    pub counts: BTreeMap<String, u64>,
}

impl Optimizer {
    pub fn new(experiment: &Experiment, steps_per_epoch: usize) -> Self {
        let training = &experiment.training;
        Self {
            rule: experiment.optimizer.rule(),
            states: BTreeMap::new(),
            scheduler: scheduler(
                training.learning_rate_schedule.as_ref(),
                experiment.optimizer.learning_rate(),
                training.epochs.get(),
                steps_per_epoch,
            ),
            last_rate: None,
            clip_global_norm: training.clip_global_norm.map(Positive::get),
        }
    }

    /// Updates the model with one optimizer step.
    pub fn step<M: Module>(&mut self, model: M, mut gradients: GradientsParams) -> M {
        if let Some(longest) = self.clip_global_norm {
            gradients = clip_global_norm(&model, gradients, longest);
        }
        let rate = self.scheduler.step().base();
        self.last_rate = Some(rate);
        model.map(&mut Step {
            path: ModulePath::default(),
            rule: self.rule.as_ref(),
            states: &mut self.states,
            learning_rate: rate,
            gradients,
        })
    }

    /// The learning rate of the last step; `None` before the first.
    pub fn last_rate(&self) -> Option<f64> {
        self.last_rate
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
            let count = u64::try_from(count).expect("the scalars of optimizers are counts");
            (name, count)
        });
        Memory {
            tensors,
            counts: counts.collect(),
        }
    }

    /// Restores the optimizer's state after `steps` steps.
    ///
    /// # Errors
    ///
    /// If `memory` does not fit the model. The error is a message.
    pub fn after<M: Module>(
        mut self,
        steps: usize,
        memory: Memory,
        model: &M,
    ) -> Result<Self, String> {
        for _ in 0..steps {
            self.last_rate = Some(self.scheduler.step().base());
        }
        let counts = memory.counts.into_iter();
        let mut recall = Recall {
            path: ModulePath::default(),
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

/// Applies one optimizer step to each parameter.
struct Step<'a> {
    path: ModulePath,
    rule: &'a dyn DynOptimizer,
    states: &'a mut BTreeMap<String, DynState>,
    learning_rate: LearningRate,
    gradients: GradientsParams,
}

impl ModuleMapper for Step<'_> {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.exit();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        // Running statistics have no gradient.
        let Some(gradient) = self.gradients.remove::<D>(param.id) else {
            return param;
        };
        let name = self.path.name();
        // Consuming the parameter leaves one owner of the values, so they are updated in place.
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

/// Restores the state of each parameter.
struct Recall<'a> {
    path: ModulePath,
    rule: &'a dyn DynOptimizer,
    source: StateSource,
    tensors: Tensors,
    states: BTreeMap<String, DynState>,
    /// The first problem found.
    problem: Option<String>,
}

impl ModuleVisitor for Recall<'_> {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.exit();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let weights = param.val();
        let shape = weights.dims();
        let name = self.path.name();
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
            None => drop(
                self.problem
                    .get_or_insert(format!("the optimizer state of `{name}` is incomplete")),
            ),
        }
    }
}
