//! Compares training on a GPU with training on flex: losses are the same up to rounding.
#![cfg(feature = "wgpu")]

use record::{EpochLine, RecordError};
use runner::{Backend, Observer, Outcome, Results, Run, StepProgress};
use serde_json::{Value, json};

use crate::models::{networks, prepared};

/// The first GPU. If wgpu finds no adapter, prints a message and returns `None`, or fails if
/// `HEARTH_REQUIRE_WGPU` is set.
fn wgpu() -> Option<Backend> {
    let devices = Backend::Wgpu(None).devices();
    let first = devices.and_then(|devices| devices.into_iter().next().unwrap());
    match first {
        // With its number, under which it is already open: a GPU cannot be opened twice.
        Ok(_) => Some(Backend::Wgpu(Some(0))),
        Err(error) => {
            assert!(std::env::var_os("HEARTH_REQUIRE_WGPU").is_none(), "{error}");
            eprintln!("skipped: {error}");
            None
        }
    }
}

/// The loss of each step, recovered from the running means.
#[derive(Default)]
struct Losses {
    sum: f64,
    each: Vec<f64>,
}

impl Observer for Losses {
    fn epoch_begins(&mut self, _: usize, _: usize) {}

    fn unreadable(&mut self, _: &RecordError) {}

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

/// The losses of the steps of one epoch, and the test accuracy after it.
fn trained(experiment: &Value, backend: Backend) -> (Vec<f64>, f64) {
    let results = tempfile::tempdir().unwrap();
    let run = Run {
        backend,
        threads: 1,
        results: &Results::keeping(results.path()),
        checkpointing: None,
        looks: None,
        tensorboard: false,
    };
    let mut losses = Losses::default();
    match run.run(&prepared(experiment), 3, &mut losses).unwrap() {
        Outcome::Finished(record) => (losses.each, record.result.test.unwrap().accuracy),
        Outcome::AlreadyThere(..) => unreachable!("the folder was empty"),
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

/// The training set is larger than 128 MiB, the largest tensor that a kernel can address on Mesa's
/// software device.
#[test]
fn a_large_training_set_is_gathered_from_parts() {
    let Some(gpu) = wgpu() else { return };
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
    let Some(gpu) = wgpu() else { return };
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

#[test]
fn every_network_has_the_same_losses() {
    let Some(gpu) = wgpu() else { return };
    for (model, data) in networks().into_values() {
        let experiment = json!({
            "data": data, "model": model, "optimizer": { "adam": {} },
            "training": { "epochs": 1, "batch_size": 10 }
        });
        let (expected, _) = trained(&experiment, Backend::Flex);
        let (found, _) = trained(&experiment, gpu);
        assert_same_losses(&found, &expected, &experiment);
    }
}
