//! Compares training with Keras, for every model with a `golden/steps.json`. The script next to
//! that file generates it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use catalog::{Model, Network};
use config::Experiment;
use record::{EpochLine, RecordError, RunFolder, Tensors};
use serde::Deserialize;
use serde_json::{Value, json};
use spec::{Batch, DataSpec, Network as _};

use crate::data::{DeviceData, DeviceExamples};
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
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models");
    let models = std::fs::read_dir(models).unwrap();
    let files = models.map(|model| model.unwrap().path().join("golden/steps.json"));
    files.filter(|file| file.exists()).collect()
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
        let inputs = TensorData::new(self.inputs.clone(), [examples, self.spec.features()]);
        let inputs = Tensor::<2>::from_data(inputs, &device);
        let labels = Tensor::from_data(TensorData::new(self.labels.clone(), [examples]), &device);
        let train_set = DeviceExamples::of(inputs.clone(), labels);
        let data = DeviceData {
            loss: Loss::of(&self.spec),
            train: train_set.clone(),
            validation: None,
            test: train_set,
        };
        let steps = examples / self.batch;
        let first = Batch::Dense(inputs.narrow(0, 0, self.batch));
        for (name, case) in &self.cases {
            let what = format!("{file}: {name}");
            let folder = tempfile::tempdir().unwrap();
            let folder = RunFolder::at(folder.path().to_owned());
            let mut log = folder.begin(&json!({}), &[]).unwrap();
            let experiment = case.experiment();
            let training = &experiment.training;
            let penalty = Penalty::new(training, &experiment.model.layers(&self.spec));
            let model = case.network(&self.spec, &device.clone().autodiff());
            let state = TrainState::new(model, Optimizer::new(&experiment, steps), training);
            let mut losses = Losses::default();
            let penalty = penalty.as_ref();
            let trained = train(
                state,
                training,
                penalty,
                0,
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

            weights::save(&model, &folder.model()).unwrap();
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
