//! A run that is interrupted again and again comes to the bits of one that is not.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::cell::Cell;
use std::path::Path;

use config::Plan;
use datasets::{Location, Progress};
use record::{EpochLine, Record, RecordError};
use runner::{Backend, Checkpointing, Observer, Outcome, Run, RunError, StepProgress};
use serde_json::{Value, json};

/// Interrupts after so many steps.
struct Impatient {
    left: Cell<usize>,
}

impl Observer for Impatient {
    fn downloading(&mut self, _: Progress) {}

    fn epoch_begins(&mut self, _: usize, _: usize) {}

    fn unreadable(&mut self, problem: &RecordError) {
        panic!("{problem}");
    }

    fn step(&mut self, _: &StepProgress) {}

    fn epoch(&mut self, _: &EpochLine) {}

    fn interrupted(&self) -> bool {
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        left == 0
    }
}

/// Nine steps to an epoch.
fn digits() -> Value {
    json!({
        "data": { "synthetic_digits": {
            "train_examples": 250, "test_examples": 50, "validation_fraction": 0.2
        } },
        "model": { "dropout_mlp": { "hidden": [16, 8], "dropout": 0.3 } },
        "optimizer": { "adam": {} },
        "training": { "epochs": 4, "batch_size": 24 }
    })
}

fn reviews() -> Value {
    json!({
        "data": { "synthetic_reviews": { "train_examples": 200, "test_examples": 50 } },
        "model": { "embedding_classifier": {
            "embedding": 8, "embedding_dropout": 0.2, "hidden": 8, "hidden_dropout": 0.3
        } },
        "optimizer": { "adam": { "learning_rate": 0.01 } },
        "training": { "epochs": 4, "batch_size": 24 }
    })
}

/// With other values for some keys.
fn with(mut config: Value, changes: &[(&str, Value)]) -> Value {
    for (key, value) in changes {
        config[key] = value.clone();
    }
    config
}

fn configs() -> Vec<Value> {
    let training = |training: Value| {
        let mut config = digits();
        for (key, value) in training.as_object().unwrap() {
            config["training"][key] = value.clone();
        }
        config
    };
    let schedule = |schedule: Value| training(json!({ "learning_rate_schedule": schedule }));
    let optimizer = |optimizer: Value| with(digits(), &[("optimizer", optimizer)]);
    let batch_norm = json!({ "hidden_mlp": {
        "hidden": [16, 8], "activation": "sigmoid", "batch_norm": {}
    } });
    vec![
        digits(),
        reviews(),
        optimizer(json!({ "sgd": {} })),
        optimizer(json!({ "sgd": { "momentum": 0.9 } })),
        optimizer(json!({ "sgd": { "momentum": 0.9, "nesterov": true } })),
        optimizer(json!({ "rmsprop": {} })),
        optimizer(json!({ "adamw": {} })),
        schedule(json!({ "linear": { "final_learning_rate": 0.0001 } })),
        schedule(json!({ "cosine": { "final_learning_rate": 0.0001 } })),
        schedule(json!({ "exponential": { "factor": 0.5 } })),
        schedule(json!({ "step": { "factor": 0.5, "epochs": 2 } })),
        training(json!({ "l1": 0.001, "l2": 0.001, "clip_global_norm": 0.5, "shuffle": false })),
        // The second epoch is the last to improve by so much.
        training(json!({
            "epochs": 9,
            "early_stopping": { "metric": "validation.loss", "patience": 2, "min_delta": 0.2 }
        })),
        with(digits(), &[("model", batch_norm)]),
    ]
}

fn run(plan: &Plan, backend: Backend, results: &Path, patience: usize) -> Result<Record, RunError> {
    let run = Run {
        backend,
        threads: 1,
        data: &Location::Cache,
        results,
        overwrite: false,
        checkpointing: Some(Checkpointing::Affordable),
    };
    patiently(&run, plan, patience)
}

fn patiently(run: &Run, plan: &Plan, patience: usize) -> Result<Record, RunError> {
    let mut observer = Impatient {
        left: Cell::new(patience),
    };
    match run.run(plan, 3, &mut observer)? {
        Outcome::Finished(record) | Outcome::AlreadyThere(record) => Ok(*record),
    }
}

/// In a folder of its own, going on `patience` steps at a time: the record and the weights.
fn whole(config: &Value, backend: Backend, patience: usize) -> (Record, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.json");
    std::fs::write(&path, config.to_string()).unwrap();
    let plan = Plan::load(&path, &[]).unwrap();
    let results = folder.path().join("results");
    let record = loop {
        match run(&plan, backend, &results, patience) {
            Ok(record) => break record,
            Err(RunError::Interrupted { .. }) => {}
            Err(error) => panic!("{config}: {error}"),
        }
    };
    let run = results.join("x").join(format!("{}-seed3", backend.label()));
    let mut left: Vec<String> = std::fs::read_dir(&run)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "vocabulary.txt")
        .collect();
    left.sort();
    assert_eq!(
        left,
        [
            "config.json",
            "metrics.jsonl",
            "model.safetensors",
            "result.json"
        ]
    );
    (
        record,
        std::fs::read(run.join("model.safetensors")).unwrap(),
    )
}

fn interrupted_runs_come_to_the_same_bits(backend: Backend) {
    for config in configs() {
        let (undisturbed, weights) = whole(&config, backend, usize::MAX);
        assert_eq!(undisturbed.run.resumed, None);
        if config["training"].get("early_stopping").is_some() {
            let (best, last) = (
                undisturbed.result.best_epoch,
                undisturbed.result.epochs.len(),
            );
            assert!(
                best.is_some_and(|best| best < last) && last < 9,
                "{best:?} of {last}"
            );
        }
        // Within an epoch, at its end, and in another step of each.
        for patience in [5, 9, 11] {
            let (record, resumed_weights) = whole(&config, backend, patience);
            assert_eq!(record.result, undisturbed.result, "{patience} of {config}");
            assert_eq!(record.digest, undisturbed.digest, "{patience} of {config}");
            assert!(resumed_weights == weights, "{patience} of {config}");
            assert!(record.run.resumed > Some(0));
        }
    }
}

#[cfg(feature = "flex")]
#[test]
fn flex_goes_on_to_the_same_bits() {
    interrupted_runs_come_to_the_same_bits(Backend::Flex);
}

#[cfg(feature = "ndarray")]
#[test]
fn ndarray_goes_on_to_the_same_bits() {
    interrupted_runs_come_to_the_same_bits(Backend::NdArray);
}

#[test]
fn a_checkpoint_of_something_else_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.json");
    let plan = |config: &Value| {
        std::fs::write(&path, config.to_string()).unwrap();
        Plan::load(&path, &[]).unwrap()
    };
    let backend = Backend::default();
    let first = run(&plan(&digits()), backend, folder.path(), 10);
    assert!(
        matches!(
            first,
            Err(RunError::Interrupted {
                epoch: 2,
                steps: 1,
                of: 9
            })
        ),
        "{first:?}"
    );
    let other = with(digits(), &[("optimizer", json!({ "rmsprop": {} }))]);
    let refused = run(&plan(&other), backend, folder.path(), usize::MAX);
    assert!(
        matches!(refused, Err(RunError::OtherConfig { .. })),
        "{refused:?}"
    );
    // Replaced, nothing of it comes back, though it was further on.
    let replacing = Run {
        backend,
        threads: 1,
        data: &Location::Cache,
        results: folder.path(),
        overwrite: true,
        checkpointing: Some(Checkpointing::Affordable),
    };
    let replaced = patiently(&replacing, &plan(&other), 3);
    assert!(
        matches!(
            replaced,
            Err(RunError::Interrupted {
                epoch: 1,
                steps: 3,
                ..
            })
        ),
        "{replaced:?}"
    );
    let record = run(&plan(&other), backend, folder.path(), usize::MAX).unwrap();
    assert_eq!(record.run.resumed, Some(1));
}
