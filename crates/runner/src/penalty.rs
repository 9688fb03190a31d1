use std::collections::BTreeSet;

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;
use config::Training;
use spec::Layer;

use crate::module_path::ModulePath;

/// An L1 penalty, an L2 penalty or both, added to the loss like Keras's kernel regularizers. The
/// model's layers determine which weights are penalised.
#[derive(Clone, Debug)]
pub(crate) struct Penalty {
    l1: f64,
    l2: f64,
    /// The names of the penalised tensors.
    penalised: BTreeSet<String>,
}

impl Penalty {
    /// The penalty of a config; `None` if there is none.
    pub fn new(training: &Training, layers: &[Layer]) -> Option<Self> {
        let penalty = Self {
            l1: training.l1.get(),
            l2: training.l2.get(),
            penalised: layers.iter().filter_map(Layer::penalised).collect(),
        };
        (penalty.l1 > 0.0 || penalty.l2 > 0.0).then_some(penalty)
    }

    /// The terms of `l1 * sum |w| + l2 * sum w^2`, per tensor.
    pub fn terms<M: Module>(&self, model: &M) -> Vec<Term> {
        let mut terms = Terms {
            path: ModulePath::default(),
            penalty: self,
            terms: Vec::new(),
        };
        model.visit(&mut terms);
        terms.terms
    }

    /// The penalty's value: the sum of its [terms](Self::terms).
    pub fn of<M: Module>(&self, model: &M) -> f64 {
        let terms = self.terms(model).into_iter();
        terms.fold(0.0, |sum, Term { factor, sum: term }| {
            sum + factor * term.into_scalar::<f64>()
        })
    }

    /// Adds the penalty's gradients, `l1 * sign w + 2 * l2 * w`.
    pub fn add_gradients<M: Module>(
        &self,
        model: &M,
        gradients: GradientsParams,
    ) -> GradientsParams {
        let mut addition = Addition {
            path: ModulePath::default(),
            penalty: self,
            gradients,
        };
        model.visit(&mut addition);
        addition.gradients
    }
}

/// A term of the penalty: `factor * sum`.
pub(crate) struct Term {
    pub factor: f64,
    /// The sum over a tensor, `[1]`.
    pub sum: Tensor<1>,
}

struct Terms<'a> {
    path: ModulePath,
    penalty: &'a Penalty,
    terms: Vec<Term>,
}

impl ModuleVisitor for Terms<'_> {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.exit();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if !self.penalty.penalised.contains(&self.path.name()) {
            return;
        }
        let weights = param.val().inner();
        let &Penalty { l1, l2, .. } = self.penalty;
        let mut add = |factor, summands: Tensor<D>| {
            // Sum rows first: one sum over many millions would depend on the number of threads.
            let sum = summands.sum_dim(D - 1).sum();
            self.terms.push(Term { factor, sum });
        };
        if l1 > 0.0 {
            add(l1, weights.clone().abs());
        }
        if l2 > 0.0 {
            add(l2, weights.square());
        }
    }
}

struct Addition<'a> {
    path: ModulePath,
    penalty: &'a Penalty,
    gradients: GradientsParams,
}

impl ModuleVisitor for Addition<'_> {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.exit();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if !self.penalty.penalised.contains(&self.path.name()) {
            return;
        }
        let Some(mut gradient) = self.gradients.remove::<D>(param.id) else {
            return;
        };
        let weights = param.val().inner();
        let &Penalty { l1, l2, .. } = self.penalty;
        if l1 > 0.0 {
            gradient = gradient + weights.clone().sign().mul_scalar(l1);
        }
        if l2 > 0.0 {
            gradient = gradient + weights.mul_scalar(2.0 * l2);
        }
        self.gradients.register(param.id, gradient);
    }
}
