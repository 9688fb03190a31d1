use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;

use config::TrainingConfig;

/// L1, L2 or both over the kernels of dense layers, as Keras's kernel regularizers: added to the
/// loss, of biases, embeddings and normalisations nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Penalty {
    l1: f64,
    l2: f64,
}

impl Penalty {
    /// Nothing where the config asks for none.
    pub fn new(training: &TrainingConfig) -> Option<Self> {
        let penalty = Self {
            l1: training.l1,
            l2: training.l2,
        };
        (penalty.l1 > 0.0 || penalty.l2 > 0.0).then_some(penalty)
    }

    /// `l1 * sum |w| + l2 * sum w^2`, kernel by kernel.
    pub fn terms<M: Module>(self, model: &M) -> Vec<Term> {
        let mut terms = Terms {
            kernels: Kernels::default(),
            penalty: self,
            terms: Vec::new(),
        };
        model.visit(&mut terms);
        terms.terms
    }

    /// The sum of its [terms](Self::terms).
    pub fn of<M: Module>(self, model: &M) -> f64 {
        let terms = self.terms(model).into_iter();
        terms.fold(0.0, |sum, Term { factor, sum: term }| {
            sum + factor * term.into_scalar::<f64>()
        })
    }

    /// The gradients with the penalty's added: `l1 * sign w + 2 * l2 * w`.
    pub fn add_gradients<M: Module>(
        self,
        model: &M,
        gradients: GradientsParams,
    ) -> GradientsParams {
        let mut addition = Addition {
            kernels: Kernels::default(),
            penalty: self,
            gradients,
        };
        model.visit(&mut addition);
        addition.gradients
    }
}

/// Knows on a walk through a module whether it is at a dense layer's kernel.
#[derive(Default)]
struct Kernels {
    at_kernel: bool,
}

impl Kernels {
    fn enter(&mut self, name: &str, container: &str) {
        self.at_kernel = (name, container) == ("weight", "Struct:Linear");
    }
}

/// A part of the penalty.
pub(crate) struct Term {
    pub factor: f64,
    /// Over a kernel, `[1]`.
    pub sum: Tensor<1>,
}

struct Terms {
    kernels: Kernels,
    penalty: Penalty,
    terms: Vec<Term>,
}

impl ModuleVisitor for Terms {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.kernels.enter(name, container);
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if !self.kernels.at_kernel {
            return;
        }
        let weights = param.val().inner();
        let Penalty { l1, l2 } = self.penalty;
        let mut add = |factor, summands: Tensor<D>| {
            // Rows first: a sum over many millions at once depends on the number of threads.
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

struct Addition {
    kernels: Kernels,
    penalty: Penalty,
    gradients: GradientsParams,
}

impl ModuleVisitor for Addition {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.kernels.enter(name, container);
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if !self.kernels.at_kernel {
            return;
        }
        let Some(mut gradient) = self.gradients.remove::<D>(param.id) else {
            return;
        };
        let weights = param.val().inner();
        let Penalty { l1, l2 } = self.penalty;
        if l1 > 0.0 {
            gradient = gradient + weights.clone().sign().mul_scalar(l1);
        }
        if l2 > 0.0 {
            gradient = gradient + weights.mul_scalar(2.0 * l2);
        }
        self.gradients.register(param.id, gradient);
    }
}
