//! A GPU's backend held against flex: the same random decisions bit for bit, the same numbers but
//! for rounding.

use burn::optim::Optimizer;
use burn::tensor::{Device, Int, Tensor, TensorData};
use config::Plan;
use datasets::{Location, Progress};
use kernels::{
    Adam, DropoutKey, Momentum, RmsProp, dropout, pooled_embedding, pooled_embedding_with_dropout,
};
use random::{Purpose, Stream, unit};
use record::{EpochLine, RecordError};
use serde_json::{Value, json};

use super::testing;
use crate::{Backend, Observer, Outcome, Run, StepProgress};

const KEY: DropoutKey = DropoutKey {
    seed: 0x0123_4567_89AB_CDEF,
    step: 77,
};

/// Flex's device and the GPU's, where there is one.
fn devices() -> Option<[Device; 2]> {
    let devices = [Backend::Flex, testing::wgpu()?];
    Some(devices.map(|backend| backend.open().unwrap().device))
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter().collect()
}

/// Numbers between -0.5 and 0.5.
fn numbers(which: u32, count: usize) -> Vec<f32> {
    let words = Stream::new(1, Purpose::InitialWeights, which, 0).words(count);
    words.into_iter().map(|word| unit(word) - 0.5).collect()
}

#[track_caller]
fn assert_close(found: &[f32], expected: &[f32], tolerance: f32, what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let scale = expected
        .iter()
        .fold(0.0, |scale: f32, value| scale.max(value.abs()));
    for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
        let error = (found - expected).abs();
        assert!(
            error <= tolerance * scale,
            "{what}, entry {index}: {found} instead of {expected}"
        );
    }
}

#[test]
fn dropout_masks_are_the_same_bits() {
    let Some(devices) = devices() else { return };
    for (rows, columns) in [(128, 128), (3, 300), (1, 1), (500, 64), (17, 129)] {
        for (rate, layer) in [(0.3, 0), (0.5, 1), (0.999, 7)] {
            let [flex, gpu] = devices.clone().map(|device| {
                let ones = Tensor::<2>::ones([rows, columns], &device);
                values(dropout(ones, rate, layer, KEY))
            });
            assert_eq!(flex, gpu, "{rows} x {columns} at {rate}");
        }
    }
    let [flex, gpu] =
        devices.map(|device| values(dropout(Tensor::<1>::ones([70], &device), 0.3, 2, KEY)));
    assert_eq!(flex, gpu);
}

/// Outputs to the bit, gradients to the rounding of sums.
#[test]
fn the_pooled_embedding_is_the_same() {
    let Some(devices) = devices() else { return };
    for [batch, time, rows, width] in [
        [3, 5, 7, 128],
        [6, 4, 3, 20],
        [50, 20, 30, 256],
        [9, 33, 60, 300],
    ] {
        let table = TensorData::new(numbers(0, rows * width), [rows, width]);
        let ids = Stream::new(2, Purpose::InitialWeights, 0, 0).words(batch * time);
        let ids: Vec<i32> = ids.iter().map(|word| (word % rows as u32) as i32).collect();
        let ids = TensorData::new(ids, [batch, time]);
        let weights = TensorData::new(numbers(3, batch * width), [batch, width]);
        for rate in [0.0, 0.3, 0.9] {
            let [flex, gpu] = devices.clone().map(|device| {
                let table = Tensor::<2>::from_data(table.clone(), &device.clone().autodiff());
                let table = table.require_grad();
                let tokens = Tensor::<2, Int>::from_data(ids.clone(), &device);
                let pooled =
                    pooled_embedding_with_dropout(table.clone(), tokens.clone(), rate, 4, KEY);
                let weights = Tensor::<2>::from_data(weights.clone(), &device);
                let gradients = (pooled.clone() * weights).sum().backward();
                let inference = pooled_embedding(table.clone().inner(), tokens);
                let gradient = table.grad(&gradients).unwrap();
                [values(pooled.inner()), values(inference), values(gradient)]
            });
            let shape = format!("{batch} x {time} of {rows} x {width} at {rate}");
            assert_eq!(flex[0], gpu[0], "{shape}");
            assert_eq!(flex[1], gpu[1], "{shape}, inference");
            assert_close(&gpu[2], &flex[2], 1e-6, &shape);
        }
    }
}

#[test]
fn optimizers_step_the_same_way() {
    fn stepped<O: Optimizer>(rule: &O, device: &Device) -> Vec<f32> {
        let shape = [5, 9];
        let data =
            |which| Tensor::<2>::from_data(TensorData::new(numbers(which, 45), shape), device);
        let (mut weights, mut state) = (data(0), None);
        for step in 1..=6 {
            (weights, state) = rule.step(0.01, weights, data(step), state);
        }
        values(weights)
    }
    let Some([flex, gpu]) = devices() else { return };
    let adam = Adam {
        beta_1: 0.9,
        beta_2: 0.999,
        epsilon: 1e-7,
        weight_decay: 0.004,
    };
    assert_close(&stepped(&adam, &gpu), &stepped(&adam, &flex), 1e-6, "AdamW");
    let rmsprop = RmsProp {
        rho: 0.9,
        epsilon: 1e-7,
    };
    let [found, expected] = [&gpu, &flex].map(|device| stepped(&rmsprop, device));
    assert_close(&found, &expected, 1e-6, "RMSprop");
    for nesterov in [false, true] {
        let momentum = Momentum {
            momentum: 0.9,
            nesterov,
        };
        let [found, expected] = [&gpu, &flex].map(|device| stepped(&momentum, device));
        assert_close(&found, &expected, 1e-6, "momentum");
    }
}

/// The loss of each step, from the running means.
#[derive(Default)]
struct Losses {
    sum: f64,
    each: Vec<f64>,
}

impl Observer for Losses {
    fn epoch_begins(&mut self, _: usize, _: usize) {}

    fn unreadable(&mut self, _: &RecordError) {}

    fn downloading(&mut self, _: Progress) {}

    fn step(&mut self, progress: &StepProgress) {
        let sum = progress.train.loss * progress.step as f64;
        self.each.push(sum - self.sum);
        self.sum = sum;
    }

    fn epoch(&mut self, _: &EpochLine) {}

    fn interrupted(&self) -> bool {
        false
    }
}

/// The losses of an epoch, and the test accuracy after it.
fn trained(experiment: &Value, backend: Backend) -> (Vec<f64>, f64) {
    let results = tempfile::tempdir().unwrap();
    let config = results.path().join("parity.json");
    std::fs::write(&config, experiment.to_string()).unwrap();
    let plan = Plan::load(&config, &[]).unwrap();
    let run = Run {
        backend,
        threads: 1,
        data: &Location::Cache,
        results: results.path(),
        overwrite: false,
        checkpointing: None,
    };
    let mut losses = Losses::default();
    match run.run(&plan, 3, &mut losses).unwrap() {
        Outcome::Finished(record) => (losses.each, record.result.test.unwrap().accuracy),
        Outcome::AlreadyThere(_) => unreachable!("the folder was empty"),
    }
}

#[track_caller]
fn assert_same_losses(found: &[f64], expected: &[f64], what: &Value) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (step, (found, expected)) in (1..).zip(found.iter().zip(expected)) {
        assert!(
            (found - expected).abs() <= 1e-4 * expected,
            "{what}, step {step}: {found} instead of {expected}"
        );
    }
}

/// More than the 128 MiB that a kernel of Mesa's imitation reaches of a tensor.
#[test]
fn a_large_training_set_is_gathered_from_parts() {
    let Some(gpu) = testing::wgpu() else { return };
    let experiment = json!({
        "data": { "synthetic_digits": { "train_examples": 45_000, "test_examples": 100 } },
        "model": { "hidden_mlp": { "hidden": [8] } },
        "optimizer": { "sgd": {} },
        "training": { "epochs": 1, "batch_size": 5000 }
    });
    let (expected, _) = trained(&experiment, Backend::Flex);
    let (found, _) = trained(&experiment, gpu);
    assert_same_losses(&found, &expected, &experiment);
}

#[test]
fn fifty_steps_of_every_model_have_the_same_losses() {
    let Some(gpu) = testing::wgpu() else { return };
    let digits = json!({ "synthetic_digits": {
        "train_examples": 2000, "test_examples": 500, "validation_fraction": 0.2
    } });
    let reviews = json!({ "synthetic_reviews": {
        "train_examples": 2000, "test_examples": 500, "vocabulary_size": 150,
        "sequence_length": 40, "validation_fraction": 0.2
    } });
    let hidden = json!({ "hidden_mlp": { "hidden": [32, 16] } });
    let normalised =
        json!({ "hidden_mlp": { "hidden": [32], "activation": "sigmoid", "batch_norm": {} } });
    let dropout = json!({ "dropout_mlp": { "hidden": [64, 32], "dropout": 0.3 } });
    let classifier = json!({ "embedding_classifier": {
        "embedding": 48, "embedding_dropout": 0.3, "hidden": 16, "hidden_dropout": 0.5
    } });
    let plain = json!({ "epochs": 1, "batch_size": 32 });
    let penalised =
        json!({ "epochs": 1, "batch_size": 32, "l1": 1e-4, "l2": 1e-3, "clip_global_norm": 1.0 });
    for (data, model, optimizer, training) in [
        (
            &digits,
            &hidden,
            json!({ "sgd": { "momentum": 0.9 } }),
            &penalised,
        ),
        (&digits, &normalised, json!({ "sgd": {} }), &plain),
        (&digits, &dropout, json!({ "adam": {} }), &plain),
        (&digits, &dropout, json!({ "rmsprop": {} }), &plain),
        (&reviews, &classifier, json!({ "adam": {} }), &plain),
    ] {
        let experiment =
            json!({ "data": data, "model": model, "optimizer": optimizer, "training": training });
        let (expected, expected_accuracy) = trained(&experiment, Backend::Flex);
        let (found, accuracy) = trained(&experiment, gpu);
        assert_eq!(expected.len(), 50, "{experiment}");
        assert_same_losses(&found, &expected, &experiment);
        assert!(
            (accuracy - expected_accuracy).abs() <= 0.002,
            "{experiment}"
        );
    }
}
