//! The gradients that training computes, held against differences of the loss.
//!
//! Training's gradients are taken as they are, in 32 bits and from the fused operations; the loss is
//! computed in 64 bits from standard operations, once with an entry a little larger and once with
//! it a little smaller. So neither rounding nor a common mistake can hide a wrong gradient.

use std::collections::BTreeSet;

use burn::module::{ModuleMapper, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::kind::Basic;
use burn::tensor::{DType, Int, Tensor, TensorData};
use datasets::{Location, Progress};
use kernels::DropoutKey;
use random::{Purpose, Stream};

use crate::data::{Data, Loaded};
use crate::model::{Job, Network, with_network};
use crate::penalty::Penalty;
use crate::{Backend, RunError};
use config::{Experiment, Plan};

/// How a tensor's gradient compares.
#[derive(Clone, Debug, PartialEq)]
pub struct GradientCheck {
    /// As in the weights file.
    pub tensor: String,
    /// Entries that were moved.
    pub entries: usize,
    pub largest_gradient: f64,
    /// The largest difference between gradient and difference quotient, as a fraction of the
    /// tensor's largest gradient, or of a hundredth of the model's where that is more: a gradient
    /// that should be zero is as large as the rounding of others.
    pub error: f64,
}

/// A larger [`GradientCheck::error`] is a mistake: gradients in 32 bits are right to about 1e-6 of
/// the largest, difference quotients in 64 bits to about 1e-8.
const TOLERANCE: f64 = 1e-4;
/// Of each tensor this many entries with the largest gradients, and as many by chance.
const ENTRIES: usize = 10;
/// Examples the loss is computed of.
const EXAMPLES: usize = 32;
/// Small against weights, large against rounding in 64 bits.
const STEP: f64 = 1e-6;

impl GradientCheck {
    pub fn passes(&self) -> bool {
        self.error <= TOLERANCE
    }
}

/// Checks every parameter tensor of a plan's model, with its initial weights, on the first examples
/// of its data, dropout and penalties included.
///
/// # Errors
///
/// When backend or data cannot be had.
pub fn gradcheck(
    plan: &Plan,
    seed: u64,
    location: &Location,
    on_download: &mut dyn FnMut(Progress),
) -> Result<Vec<GradientCheck>, RunError> {
    let experiment = plan.experiment();
    let open = Backend::Flex.open()?;
    let data = Loaded::load(&experiment.data, location, &open, on_download)?;
    let check = Check { experiment, seed };
    Ok(with_network(
        plan,
        seed,
        &open.device.autodiff(),
        data.into(),
        check,
    ))
}

struct Check<'a> {
    experiment: &'a Experiment,
    seed: u64,
}

impl Job for Check<'_> {
    type Input<K: Basic> = Data<K>;
    type Output = Vec<GradientCheck>;

    fn on<M: Network>(self, model: M, data: Data<M::Kind>) -> Vec<GradientCheck> {
        let examples = data.train.examples().min(EXAMPLES);
        let (inputs, labels) = data.train.slice(0..examples);
        let penalty = Penalty::new(&self.experiment.training);
        let key = DropoutKey {
            seed: self.seed,
            step: 0,
        };
        let gradients = gradients(&model, &inputs, &labels, penalty, key);
        let double = Double {
            // By way of inference, which leaves the running statistics of the first step behind.
            model: model.valid().train().map(&mut ToDouble),
            inputs: to_double(inputs),
            labels,
            penalty,
            key,
        };
        let all = gradients.iter().flat_map(|(_, gradient)| gradient);
        let least = 0.01 * f64::from(all.fold(0.0, |most, value| value.abs().max(most)));
        let checks = gradients.into_iter().zip(0..);
        checks
            .map(|((tensor, gradient), index)| {
                let entries = chosen(&gradient, index, self.seed);
                double.check(tensor, &gradient, &entries, least)
            })
            .collect()
    }
}

/// Each parameter tensor's name and gradient, as a training step has them.
fn gradients<M: Network>(
    model: &M,
    inputs: &Tensor<2, M::Kind>,
    labels: &Tensor<1, Int>,
    penalty: Option<Penalty>,
    key: DropoutKey,
) -> Vec<(String, Vec<f32>)> {
    let logits = model.training_logits(inputs.clone(), key);
    let loss = M::LOSS.mean(logits, labels.clone());
    let mut gradients = GradientsParams::from_grads(loss.backward(), model);
    if let Some(penalty) = penalty {
        gradients = penalty.add_gradients(model, gradients);
    }
    let mut collected = Collected {
        path: Vec::new(),
        gradients,
        named: Vec::new(),
    };
    model.visit(&mut collected);
    collected.named
}

struct Collected {
    path: Vec<String>,
    gradients: GradientsParams,
    named: Vec<(String, Vec<f32>)>,
}

impl ModuleVisitor for Collected {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = self.gradients.remove::<D>(param.id) {
            let values = gradient.into_data().iter::<f32>().collect();
            self.named.push((self.path.join("."), values));
        }
    }
}

/// The same model and batch in 64 bits.
struct Double<M: Network> {
    model: M,
    inputs: Tensor<2, M::Kind>,
    labels: Tensor<1, Int>,
    penalty: Option<Penalty>,
    key: DropoutKey,
}

impl<M: Network> Double<M> {
    /// `least`: the smallest scale for the error.
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
                path: Vec::new(),
                tensor,
                entry,
                by,
            };
            self.loss(&self.model.clone().map(&mut moved))
        };
        (loss(STEP) - loss(-STEP)) / (2.0 * STEP)
    }

    fn loss(&self, model: &M) -> f64 {
        let logits = model.training_logits(self.inputs.clone(), self.key);
        let loss: f64 = M::LOSS.mean(logits, self.labels.clone()).into_scalar();
        loss + self.penalty.map_or(0.0, |penalty| penalty.of(model))
    }
}

/// The entries with the largest gradients, and some by chance.
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
    match data.dtype() {
        DType::F32 => Tensor::from_data(data.convert::<f64>(), (&device, DType::F64)),
        dtype => Tensor::from_data(data, (&device, dtype)),
    }
}

struct ToDouble;

impl ModuleMapper for ToDouble {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        param.map(to_double)
    }
}

/// Moves one entry of one tensor.
struct Moved<'a> {
    path: Vec<String>,
    tensor: &'a str,
    entry: usize,
    by: f64,
}

impl ModuleMapper for Moved<'_> {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        if self.path.join(".") != self.tensor {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A plan on data that hearth makes up, in a config file of its own.
    fn check(model: &str, data: &str, training: &str) -> Vec<GradientCheck> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checked.json");
        let config = format!(
            r#"{{ "data": {{ {data} }}, "model": {{ {model} }}, "optimizer": {{ "adam": {{}} }},
                "training": {{ "epochs": 1 {training} }} }}"#
        );
        std::fs::write(&path, config).unwrap();
        let plan = Plan::load(&path, &[]).unwrap();
        gradcheck(&plan, 3, &Location::Cache, &mut |_| ()).unwrap()
    }

    const DIGITS: &str = r#""synthetic_digits": { "train_examples": 100, "test_examples": 10 }"#;
    const REVIEWS: &str = r#""synthetic_reviews": { "train_examples": 100, "test_examples": 10,
        "vocabulary_size": 120, "sequence_length": 40 }"#;

    #[test]
    fn all_models_pass() {
        for (model, data, training, tensors) in [
            (r#""hidden_mlp": { "hidden": [20, 12] }"#, DIGITS, "", 6),
            (
                r#""hidden_mlp": { "hidden": [20, 12], "activation": "tanh", "batch_norm": {} }"#,
                DIGITS,
                r#", "l1": 0.001, "l2": 0.01"#,
                10,
            ),
            (
                r#""hidden_mlp": { "hidden": [20], "activation": "sigmoid" }"#,
                DIGITS,
                r#", "l1": 0.01"#,
                4,
            ),
            (
                r#""dropout_mlp": { "hidden": [20, 12], "dropout": 0.4 }"#,
                DIGITS,
                "",
                6,
            ),
            (
                r#""embedding_classifier": { "embedding": 140, "embedding_dropout": 0.3,
                    "hidden": 16, "hidden_dropout": 0.5 }"#,
                REVIEWS,
                r#", "l2": 0.01"#,
                5,
            ),
        ] {
            let checks = check(model, data, training);
            assert_eq!(checks.len(), tensors, "{model}: {checks:?}");
            for check in &checks {
                assert!(check.passes(), "{model}: {check:?}");
                println!("{check:?}");
            }
        }
    }
}
