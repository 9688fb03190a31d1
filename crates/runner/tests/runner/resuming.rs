//! A run that is interrupted repeatedly gives the same bits as an uninterrupted one.

use std::cell::Cell;
use std::path::Path;

use record::{EpochLine, Record, RecordError};
use runner::{
    Backend, Checkpointing, Observer, Outcome, Prepared, Results, Run, RunError, StepProgress,
};
use serde_json::{Value, json};

use crate::models::{networks, prepared};

/// Interrupts after a number of steps.
struct Impatient {
    left: Cell<usize>,
}

impl Observer for Impatient {
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

/// Nine steps per epoch.
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

/// The config with some keys changed.
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
    let networks = networks().into_values().map(|(model, data)| {
        json!({
            "data": data, "model": model, "optimizer": { "adam": {} },
            "training": { "epochs": 2, "batch_size": 2 }
        })
    });
    let mut configs = vec![
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
        // The second epoch is the last one to improve by `min_delta`.
        training(json!({
            "epochs": 9,
            "early_stopping": { "metric": "validation.loss", "patience": 2, "min_delta": 0.2 }
        })),
        with(digits(), &[("model", batch_norm)]),
    ];
    configs.extend(networks);
    configs
}

fn run(
    prepared: &Prepared,
    backend: Backend,
    results: &Path,
    patience: usize,
) -> Result<Record, RunError> {
    patiently(&Results::keeping(results), prepared, backend, patience)
}

fn patiently(
    results: &Results,
    prepared: &Prepared,
    backend: Backend,
    patience: usize,
) -> Result<Record, RunError> {
    let run = Run {
        backend,
        threads: 1,
        results,
        checkpointing: Some(Checkpointing::Affordable),
        looks: None,
        tensorboard: false,
    };
    let mut observer = Impatient {
        left: Cell::new(patience),
    };
    match run.run(prepared, 3, &mut observer)? {
        Outcome::Finished(record) | Outcome::AlreadyThere(record, _) => Ok(*record),
    }
}

/// Runs a config in a new folder, interrupted every `patience` steps. Returns record and weights.
fn whole(config: &Value, backend: Backend, patience: usize) -> (Record, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let prepared = prepared(config);
    let results = folder.path().join("results");
    let record = loop {
        match run(&prepared, backend, &results, patience) {
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
        // Within an epoch, at its end, and at a different step of each epoch.
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
fn flex_resumes_to_the_same_bits() {
    interrupted_runs_come_to_the_same_bits(Backend::Flex);
}

#[cfg(feature = "ndarray")]
#[test]
fn ndarray_resumes_to_the_same_bits() {
    interrupted_runs_come_to_the_same_bits(Backend::NdArray);
}

#[test]
fn a_checkpoint_of_another_config_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let backend = Backend::default();
    let first = run(&prepared(&digits()), backend, folder.path(), 10);
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
    let refused = run(&prepared(&other), backend, folder.path(), usize::MAX);
    assert!(
        matches!(refused, Err(RunError::OtherConfig { .. })),
        "{refused:?}"
    );
    // When replaced, nothing of the old run is used, although it was further along.
    let replacing = Results::overwriting(folder.path());
    let replaced = patiently(&replacing, &prepared(&other), backend, 3);
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
    let record = run(&prepared(&other), backend, folder.path(), usize::MAX).unwrap();
    assert_eq!(record.run.resumed, Some(1));
}
