//! Compares training with Keras, for every model with JSON files in its folder `golden`. The script
//! beside them generates them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use catalog::{Model, Network};
use config::Experiment;
use datasets::Inputs;
use kernels::DropoutKey;
use record::{EpochLine, RecordError, RunFolder, Tensors};
use serde::Deserialize;
use serde_json::{Value, json};
use spec::{DataSpec, InputSpec, Network as _};

use crate::data::{DeviceData, DeviceExamples, batch};
use crate::gradcheck::Step;
use crate::loss::Loss;
use crate::optimizer::Optimizer;
use crate::penalty::Penalty;
use crate::train::train;
use crate::train_state::TrainState;
use crate::{Observer, StepProgress, weights};

/// Keras's results for some small networks.
#[derive(Deserialize)]
struct Golden {
    spec: DataSpec,
    batch: usize,
    /// Flattened, one example after another.
    inputs: Vec<f32>,
    labels: Vec<i32>,
    cases: BTreeMap<String, Case>,
}

/// A network's config and its training results.
#[derive(Deserialize)]
struct Case {
    model: Value,
    optimizer: Value,
    training: Value,
    initial_weights: Weights,
    /// The gradients of the first batch's loss without penalties, where they are recorded.
    #[serde(default)]
    gradients: Weights,
    losses: Vec<f64>,
    final_weights: Weights,
    /// The logits of the first batch, in inference mode.
    logits: Vec<f32>,
}

type Weights = BTreeMap<String, Vec<f32>>;

/// The running mean of the loss after each step.
#[derive(Default)]
struct Losses(Vec<f64>);

impl Observer for Losses {
    fn epoch_begins(&mut self, _: usize, _: usize) {}

    fn unreadable(&mut self, _: &RecordError) {}

    fn step(&mut self, progress: &StepProgress) {
        self.0.push(progress.train.loss);
    }

    fn epoch(&mut self, _: &EpochLine) {}

    fn interrupted(&self) -> bool {
        false
    }
}

impl Case {
    fn experiment(&self) -> Experiment {
        serde_json::from_value(json!({
            "data": { "mnist": {} },
            "model": self.model,
            "optimizer": self.optimizer,
            "training": self.training,
        }))
        .unwrap()
    }

    fn network(&self, data: &DataSpec, device: &Device) -> Network {
        let model: Model = serde_json::from_value(self.model.clone()).unwrap();
        let network = model.init(data, 0, device);
        let mut shapes = weights::of(&network);
        let mut initial = Tensors::default();
        for (name, values) in &self.initial_weights {
            let shape = shapes.take(name).expect("a tensor of the network").shape;
            initial.insert(name.clone(), shape, values.clone());
        }
        weights::with(network, initial).unwrap()
    }
}

fn read(path: &Path) -> Weights {
    let mut tensors = Tensors::from_bytes(&std::fs::read(path).unwrap()).unwrap();
    let names: Vec<String> = tensors.names().map(str::to_owned).collect();
    let values = |name: String| {
        let values = tensors.take(&name)?.values;
        Some((name, values))
    };
    names.into_iter().filter_map(values).collect()
}

/// Asserts that errors are at most 1e-5 of the largest expected value, or of `least` if all values
/// are smaller.
#[track_caller]
fn assert_close(found: &[f32], expected: &[f32], least: f32, what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let scale = expected
        .iter()
        .fold(least, |scale, value| scale.max(value.abs()));
    for (found, expected) in found.iter().zip(expected) {
        let error = (found - expected).abs();
        assert!(
            error <= 1e-5 * scale,
            "{what}: {found} instead of {expected}"
        );
    }
}

/// The golden files of all models.
fn files() -> Vec<PathBuf> {
    // Cargo runs tests in their package's folder.
    let models = std::fs::read_dir("../../models").unwrap();
    let folders = models.map(|model| model.unwrap().path().join("golden"));
    let files = folders.filter(|folder| folder.exists()).flat_map(|folder| {
        let files = std::fs::read_dir(folder).unwrap();
        files.map(|file| file.unwrap().path())
    });
    files
        .filter(|file| {
            file.extension()
                .is_some_and(|extension| extension == "json")
        })
        .collect()
}

#[test]
fn training_matches_keras() {
    let files = files();
    assert!(!files.is_empty());
    for file in files {
        let golden: Golden =
            serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
        assert!(golden.cases.len() >= 4, "{}", file.display());
        golden.check(&file.display().to_string());
    }
}

impl Golden {
    fn check(&self, file: &str) {
        let device = Device::flex();
        let examples = self.labels.len();
        let inputs = match self.spec.input {
            InputSpec::Dense { .. } => Inputs::Numbers(self.inputs.clone()),
            InputSpec::Tokens { .. } => {
                Inputs::Tokens(self.inputs.iter().map(|&token| token as i32).collect())
            }
        };
        let inputs = batch(&inputs, 0..examples, self.spec.features(), &device);
        let labels = Tensor::from_data(TensorData::new(self.labels.clone(), [examples]), &device);
        let train_set = DeviceExamples::of(inputs, labels);
        let data = DeviceData {
            loss: Loss::of(&self.spec),
            evaluation_batch: examples,
            train: train_set.clone(),
            validation: None,
            test: train_set.clone(),
        };
        let steps = examples / self.batch;
        let (first, first_labels) = train_set.slice(0..self.batch);
        for (name, case) in &self.cases {
            let what = format!("{file}: {name}");
            let folder = tempfile::tempdir().unwrap();
            let folder = RunFolder::at(folder.path().to_owned());
            let mut log = folder.begin(&json!({}), &[]).unwrap();
            let experiment = case.experiment();
            let training = &experiment.training;
            let penalty = Penalty::new(training, &experiment.model.layers(&self.spec));
            let model = case.network(&self.spec, &device.clone().autodiff());
            let first_step = Step {
                inputs: first.clone(),
                labels: first_labels.clone(),
                loss: data.loss,
                penalty: None,
                key: DropoutKey { seed: 0, step: 0 },
            };
            // Of a model of its own, as a pass updates running statistics.
            let fresh = case.network(&self.spec, &device.clone().autodiff());
            let gradients: Weights = first_step.gradients(&fresh).into_iter().collect();
            for (tensor, expected) in &case.gradients {
                let what = format!("{what}, gradient of {tensor}");
                // Of a sum that cancels, only rounding is left.
                assert_close(&gradients[tensor], expected, 1e-2, &what);
            }
            let state = TrainState::new(model, Optimizer::new(&experiment, steps), training);
            let mut losses = Losses::default();
            let penalty = penalty.as_ref();
            let trained = train(
                state,
                training,
                penalty,
                experiment.run_seeds(0),
                &data,
                &mut log,
                None,
                &mut losses,
            );
            let model = trained.unwrap().0.model;

            assert_eq!(losses.0.len(), steps, "{what}");
            let mut sum = 0.0;
            for (step, (found, expected)) in (1..).zip(losses.0.iter().zip(&case.losses)) {
                sum += expected;
                let expected = sum / f64::from(step);
                let error = (found - expected).abs();
                assert!(
                    error < 1e-5 * expected,
                    "{what}, step {step}: {found}, {expected}"
                );
            }

            let bytes = weights::of(&model).to_bytes();
            folder.write_file(RunFolder::MODEL, &bytes).unwrap();
            let weights = read(&folder.model());
            assert!(
                weights.keys().eq(case.final_weights.keys()),
                "{what}: {:?}",
                weights.keys()
            );
            for (tensor, expected) in &case.final_weights {
                let what = format!("{what}, {tensor}");
                assert_close(&weights[tensor], expected, 0.0, &what);
            }
            let logits = model.valid().forward(first.clone(), None);
            let logits: Vec<f32> = logits.into_data().try_into_vec().unwrap();
            // Logits are sums of products of about size 1.
            assert_close(&logits, &case.logits, 1.0, &format!("{what}, logits"));
        }
    }
}
