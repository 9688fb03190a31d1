//! Training held to Keras's numbers: `golden/steps.json`, made by the script beside it.

use std::collections::BTreeMap;
use std::path::Path;

use burn::module::Module;
use burn::tensor::{Device, Float, Tensor, TensorData};
use datasets::Progress;
use hidden_mlp::HiddenMlp;
use record::{EpochLine, RecordError, RunFolder, Tensors};
use serde::Deserialize;
use serde_json::json;

use crate::data::{Data, Split};
use crate::model::hidden_mlp;
use crate::optimizer::Optimizer;
use crate::train::train;
use crate::train_state::TrainState;
use crate::{Observer, StepProgress, weights};
use config::{Experiment, HiddenMlpConfig};

#[derive(Deserialize)]
struct Golden {
    inputs: Vec<f32>,
    labels: Vec<i32>,
    cases: BTreeMap<String, Case>,
}

/// A network by its config, and what came of it.
#[derive(Deserialize)]
struct Case {
    model: serde_json::Value,
    optimizer: serde_json::Value,
    training: serde_json::Value,
    initial_weights: Weights,
    losses: Vec<f64>,
    final_weights: Weights,
    /// Of the first batch, in inference.
    logits: Vec<f32>,
}

type Weights = BTreeMap<String, Vec<f32>>;

const STEPS: usize = 20;
const BATCH: usize = 16;
const INPUTS: usize = 8;
const CLASSES: usize = 4;

/// The running mean of the loss after each step.
#[derive(Default)]
struct Losses(Vec<f64>);

impl Observer for Losses {
    fn epoch_begins(&mut self, _: usize, _: usize) {}

    fn unreadable(&mut self, _: &RecordError) {}

    fn downloading(&mut self, _: Progress) {}

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
            "model": { "hidden_mlp": self.model },
            "optimizer": self.optimizer,
            "training": self.training,
        }))
        .unwrap()
    }

    fn network(&self, device: &Device) -> HiddenMlp {
        let model: HiddenMlpConfig = serde_json::from_value(self.model.clone()).unwrap();
        let mut config = hidden_mlp(&model);
        (config.inputs, config.classes) = (INPUTS, CLASSES);
        weights::with(config.init(0, device), self.initial()).unwrap()
    }

    fn initial(&self) -> Tensors {
        let mut tensors = Tensors::default();
        for (name, values) in &self.initial_weights {
            let shape = match name.as_str() {
                "hidden.0.weight" => vec![INPUTS, 7],
                "hidden.1.weight" => vec![7, 5],
                "output.weight" => vec![5, CLASSES],
                _ => vec![values.len()],
            };
            tensors.insert(name.clone(), shape, values.clone());
        }
        tensors
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

/// Within 1e-5 of the largest value, or of `least` where all are smaller.
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

#[test]
fn twenty_steps_end_where_keras_ends() {
    let golden: Golden = serde_json::from_str(include_str!("../golden/steps.json")).unwrap();
    assert!(golden.cases.len() >= 15);
    let device = Device::flex();
    let inputs = TensorData::new(golden.inputs, [STEPS * BATCH, INPUTS]);
    let inputs = Tensor::<2, Float>::from_data(inputs, &device);
    let labels = Tensor::from_data(TensorData::new(golden.labels, [STEPS * BATCH]), &device);
    let split = Split::of(inputs.clone(), labels);
    let described = record::DataSplit {
        examples: STEPS * BATCH,
        tokens: None,
        digest: String::new(),
    };
    let data = Data {
        train: split.clone(),
        validation: None,
        test: split,
        record: record::Data {
            source: "golden".to_owned(),
            train: described.clone(),
            validation: None,
            test: described,
        },
    };
    for (name, case) in &golden.cases {
        let folder = tempfile::tempdir().unwrap();
        let folder = RunFolder::at(folder.path().to_owned());
        let mut log = folder.begin(&json!({}), &[]).unwrap();
        let experiment = case.experiment();
        let optimizer = Optimizer::new(&experiment, STEPS);
        let model = case.network(&device.clone().autodiff());
        let mut losses = Losses::default();
        let training = &experiment.training;
        let state = TrainState::new(model, optimizer, training);
        let trained = train(state, training, 0, &data, &mut log, None, &mut losses);
        let model = trained.unwrap().0.model;

        let mut sum = 0.0;
        for (step, (found, expected)) in (1..).zip(losses.0.iter().zip(&case.losses)) {
            sum += expected;
            let expected = sum / f64::from(step);
            let error = (found - expected).abs();
            assert!(
                error < 1e-5 * expected,
                "{name}, step {step}: {found}, {expected}"
            );
        }
        assert_eq!(losses.0.len(), STEPS, "{name}");

        weights::save(&model, &folder.model()).unwrap();
        let weights = read(&folder.model());
        assert!(
            weights.keys().eq(case.final_weights.keys()),
            "{name}: {:?}",
            weights.keys()
        );
        for (tensor, expected) in &case.final_weights {
            assert_close(
                &weights[tensor],
                expected,
                0.0,
                &format!("{name}, {tensor}"),
            );
        }
        let logits = model.valid().forward(inputs.clone().narrow(0, 0, BATCH));
        let logits: Vec<f32> = logits.into_data().try_into_vec().unwrap();
        // Sums of products of that size.
        assert_close(&logits, &case.logits, 1.0, &format!("{name}, logits"));
    }
}
