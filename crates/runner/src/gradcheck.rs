//! Gradient check: compares the gradients that training uses with finite differences of the loss.
//!
//! The gradients come from the same 32-bit fused operations as in training. The finite differences
//! are central and use a loss in 64 bits from standard operations. So neither rounding nor a
//! mistake in both computations can hide a wrong gradient.

use std::collections::BTreeSet;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::kind::Basic;
use burn::tensor::{DType, Int, Tensor, TensorData};
use catalog::Network;
use config::Plan;
use datasets::{Location, Progress};
use kernels::DropoutKey;
use random::{Purpose, Stream, unit};
use spec::{Batch, Network as _};

use crate::data::DeviceExamples;
use crate::loss::Loss;
use crate::module_path::ModulePath;
use crate::penalty::Penalty;
use crate::prepared::Prepared;
use crate::{Backend, RunError};

/// The result of the gradient check for one parameter tensor.
#[derive(Clone, Debug, PartialEq)]
pub struct GradientCheck {
    /// The tensor's name, as in the weights file.
    pub tensor: String,
    /// The number of entries that were checked.
    pub entries: usize,
    /// The largest absolute value in the gradient.
    pub largest_gradient: f64,
    /// The largest difference between gradient and finite difference, relative to
    /// `largest_gradient` or to a hundredth of the model's largest gradient, whichever is larger.
    /// The lower limit is needed because a gradient that should be zero consists of rounding
    /// errors.
    pub error: f64,
}

/// A larger [`GradientCheck::error`] means a wrong gradient. Relative to the largest gradient,
/// 32-bit gradients are accurate to about 1e-6 and 64-bit finite differences to about 1e-8.
const TOLERANCE: f64 = 1e-4;
/// Per tensor, this many entries with the largest gradients and as many random entries are checked.
const ENTRIES: usize = 10;
/// The batch size.
const EXAMPLES: usize = 32;
/// The step of the finite differences: small compared with weights, large compared with rounding in
/// 64 bits.
const STEP: f64 = 1e-8;

impl GradientCheck {
    /// Whether the error is small enough to be rounding.
    pub fn passes(&self) -> bool {
        self.error <= TOLERANCE
    }
}

/// Checks the gradient of every parameter tensor of a plan's model, close to its initial weights, on the
/// first examples of the data. Dropout and penalties are included.
///
/// # Errors
///
/// If the backend or the data are unavailable.
pub fn gradcheck(
    plan: &Plan,
    seed: u64,
    location: &Location,
    on_download: &mut dyn FnMut(Progress),
) -> Result<Vec<GradientCheck>, RunError> {
    let open = Backend::Flex.open()?;
    let prepared = Prepared::new(plan.clone(), location, on_download)?;
    let experiment = plan.experiment();
    let device = open.device.clone().autodiff();
    let model = experiment.model.init(&prepared.spec, seed, &device);
    let model = model.valid().map(&mut Shifted { seed, tensor: 0 }).train();
    let train = DeviceExamples::new(&prepared.train, &open);
    let (inputs, labels) = train.slice(0..train.len().min(EXAMPLES));
    let step = Step {
        inputs,
        labels,
        loss: Loss::of(&prepared.spec),
        penalty: Penalty::new(&experiment.training, &plan.layers(&prepared.spec)),
        key: DropoutKey { seed, step: 0 },
    };
    let gradients = step.gradients(&model);
    let double = Double {
        // Going through inference mode discards the pending 32-bit updates of running statistics,
        // which `map` would not convert.
        model: model.valid().train().map(&mut ToDouble),
        step: step.in_double(),
    };
    let all = gradients.iter().flat_map(|(_, gradient)| gradient);
    let least = 0.01 * f64::from(all.fold(0.0, |most, value| value.abs().max(most)));
    let checks = gradients.into_iter().zip(0..);
    Ok(checks
        .map(|((tensor, gradient), index)| {
            let entries = chosen(&gradient, index, seed);
            double.check(tensor, &gradient, &entries, least)
        })
        .collect())
}

/// A training step on one batch, without the weight update.
pub(crate) struct Step {
    pub inputs: Batch,
    pub labels: Tensor<1, Int>,
    pub loss: Loss,
    pub penalty: Option<Penalty>,
    pub key: DropoutKey,
}

impl Step {
    /// The name and gradient of each parameter tensor, computed as in training.
    pub fn gradients(&self, model: &Network) -> Vec<(String, Vec<f32>)> {
        let logits = model.forward(self.inputs.clone(), Some(self.key));
        let loss = self.loss.mean(logits, self.labels.clone());
        let mut gradients = GradientsParams::from_grads(loss.backward(), model);
        if let Some(penalty) = &self.penalty {
            gradients = penalty.add_gradients(model, gradients);
        }
        let mut collected = Collected {
            path: ModulePath::default(),
            gradients,
            named: Vec::new(),
        };
        model.visit(&mut collected);
        collected.named
    }

    /// The loss, including penalties.
    fn loss(&self, model: &Network) -> f64 {
        let logits = model.forward(self.inputs.clone(), Some(self.key));
        let loss: f64 = self.loss.mean(logits, self.labels.clone()).into_scalar();
        let penalty = self.penalty.as_ref();
        loss + penalty.map_or(0.0, |penalty| penalty.of(model))
    }

    /// The same step in 64 bits.
    fn in_double(self) -> Self {
        Self {
            inputs: match self.inputs {
                Batch::Dense(inputs) => Batch::Dense(to_double(inputs)),
                Batch::Tokens(tokens) => Batch::Tokens(tokens),
            },
            ..self
        }
    }
}

struct Collected {
    path: ModulePath,
    gradients: GradientsParams,
    named: Vec<(String, Vec<f32>)>,
}

impl ModuleVisitor for Collected {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.exit();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = self.gradients.remove::<D>(param.id) {
            let values = gradient.into_data().iter::<f32>().collect();
            self.named.push((self.path.name(), values));
        }
    }
}

/// Model and step in 64 bits.
struct Double {
    model: Network,
    step: Step,
}

impl Double {
    /// Checks some entries of a tensor. `least` is the smallest scale that errors are divided by.
    fn check(
        &self,
        tensor: String,
        gradient: &[f32],
        entries: &BTreeSet<usize>,
        least: f64,
    ) -> GradientCheck {
        let (mut largest_gradient, mut error) = (0f64, 0f64);
        for &entry in entries {
            let gradient = f64::from(gradient[entry]);
            largest_gradient = largest_gradient.max(gradient.abs());
            error = error.max((self.quotient(&tensor, entry) - gradient).abs());
        }
        GradientCheck {
            tensor,
            entries: entries.len(),
            largest_gradient,
            error: error / largest_gradient.max(least),
        }
    }

    fn quotient(&self, tensor: &str, entry: usize) -> f64 {
        let loss = |by: f64| {
            let mut moved = Moved {
                path: ModulePath::default(),
                tensor,
                entry,
                by,
            };
            self.step.loss(&self.model.clone().map(&mut moved))
        };
        (loss(STEP) - loss(-STEP)) / (2.0 * STEP)
    }
}

/// The entries with the largest gradients, plus some random ones.
fn chosen(gradient: &[f32], index: u32, seed: u64) -> BTreeSet<usize> {
    let mut by_size: Vec<usize> = (0..gradient.len()).collect();
    by_size.sort_by(|&a, &b| gradient[b].abs().total_cmp(&gradient[a].abs()));
    let stream = Stream::new(seed, Purpose::GradientCheck, index, 0);
    let by_chance = stream.permutation(gradient.len());
    let by_chance = by_chance.into_iter().map(|entry| entry as usize);
    by_size
        .into_iter()
        .take(ENTRIES)
        .chain(by_chance.take(ENTRIES))
        .collect()
}

fn to_double<const D: usize, K: Basic>(tensor: Tensor<D, K>) -> Tensor<D, K> {
    let device = tensor.device();
    let data = tensor.into_data();
    let dtype = data.dtype();
    if dtype == DType::F32 {
        Tensor::from_data(data.convert::<f64>(), (&device, DType::F64))
    } else {
        Tensor::from_data(data, (&device, dtype))
    }
}

struct ToDouble;

impl ModuleMapper for ToDouble {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        param.map(to_double)
    }
}

/// Shifts every parameter a little. Biases start at zero, so without a shift the units over blank
/// pixels are exactly at the kink of ReLU, where finite differences do not match any gradient.
struct Shifted {
    seed: u64,
    /// The number of tensors so far.
    tensor: u32,
}

/// The largest shift.
const SHIFT: f32 = 0.01;

impl ModuleMapper for Shifted {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let stream = Stream::new(self.seed, Purpose::GradientCheck, self.tensor, 1);
        self.tensor += 1;
        param.map(|tensor| {
            let (device, shape) = (tensor.device(), tensor.shape());
            let words = stream.words(shape.num_elements()).into_iter();
            let shifts = words.map(|word| SHIFT * (2.0 * unit(word) - 1.0));
            let values = tensor.into_data();
            let shifted = values.iter::<f32>().zip(shifts);
            let shifted: Vec<f32> = shifted.map(|(value, shift)| value + shift).collect();
            Tensor::from_data(TensorData::new(shifted, shape), &device)
        })
    }
}

/// Changes one entry of one tensor.
struct Moved<'a> {
    path: ModulePath,
    tensor: &'a str,
    entry: usize,
    by: f64,
}

impl ModuleMapper for Moved<'_> {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.exit();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        if self.path.name() != self.tensor {
            return param;
        }
        param.map(|tensor| {
            let device = tensor.device();
            let shape = tensor.shape();
            let mut values: Vec<f64> = tensor.into_data().iter::<f64>().collect();
            values[self.entry] += self.by;
            Tensor::from_data(TensorData::new(values, shape), (&device, DType::F64))
        })
    }
}
