//! Made-up records and their test set.

use std::path::Path;

use record::*;
use report::TestSet;
use serde_json::json;
use spec::{DataSpec, InputSpec};

/// A completed run of three epochs, tested on the ten examples of [`test_set`].
pub fn record(experiment: &str, seed: u64) -> Record {
    let shift = 0.01 * seed as f64;
    let epochs = (1..=3).map(|epoch| Epoch {
        epoch,
        train: scores(0.9 / epoch as f64 + shift),
        validation: Some(scores(0.8 / epoch as f64 + shift)),
    });
    let right = |example: usize| example > seed as usize;
    let answers = (0..10).map(|example| (example, if right(example) { example } else { 3 }));
    let result = Measured {
        status: Status::Completed,
        diverged: None,
        parameters: 118_282,
        initial_weights: None,
        epochs: epochs.collect(),
        best_epoch: None,
        test: Some(Evaluation {
            loss: 0.3 + shift,
            accuracy: 0.9 - 0.1 * seed as f64,
            plain_loss: None,
            correct: (0..10).map(right).collect(),
            confusion: Confusion::new(10, answers),
            hardest: vec![Hardest {
                example: 0,
                label: 0,
                answer: 3,
                probability: 0.001,
            }],
        }),
        data: DataSummary {
            source: "synthetic digits".to_owned(),
            train: split("train", 80),
            validation: Some(split("validation", 20)),
            names: None,
            noticed: None,
            test: DataSplit {
                examples: 10,
                tokens: None,
                digest: test_set().digest,
            },
        },
    };
    Record {
        schema_version: SCHEMA_VERSION,
        experiment: experiment.to_owned(),
        signature: sha256(experiment.as_bytes()),
        seed,
        config: json!({
            "about": "Made up",
            "optimizer": { "sgd": { "learning_rate": 0.01 } },
            "training": { "epochs": 3, "batch_size": 128 },
        }),
        spec: DataSpec {
            input: InputSpec::Dense {
                shape: vec![28, 28, 1],
            },
            classes: (0..10).map(|digit| digit.to_string()).collect(),
        },
        digest: String::new(),
        result,
        remarks: Vec::new(),
        files: Files::default(),
        run: provenance(),
        seal: String::new(),
    }
}

/// Ten images.
pub fn test_set() -> TestSet {
    let bytes: Vec<u8> = (0..10 * 28 * 28).map(|index| (index % 251) as u8).collect();
    TestSet {
        digest: sha256(&bytes),
        labels: vec![3; 10],
        bytes,
    }
}

/// The record of a run that diverged after `epochs` epochs.
pub fn diverged(experiment: &str, seed: u64, epochs: usize) -> Record {
    let mut record = record(experiment, seed);
    record.result.status = Status::Diverged;
    record.result.diverged = Some(Diverged {
        epoch: epochs + 1,
        step: 17,
    });
    record.result.epochs.truncate(epochs);
    record.result.test = None;
    record
}

/// Writes a record where `hearth run` would, in a folder whose name may differ from the
/// experiment's.
pub fn write(results: &Path, folder: &str, record: Record) {
    let record = record.sealed();
    let run = RunFolder::new(results, folder, &record.run.backend, record.seed);
    std::fs::create_dir_all(run.path()).unwrap();
    run.write(&record).unwrap();
}

pub fn scores(loss: f64) -> Scores {
    Scores {
        loss,
        accuracy: 1.0 - loss / 2.0,
        plain_loss: None,
    }
}

fn split(name: &str, examples: usize) -> DataSplit {
    DataSplit {
        examples,
        tokens: None,
        digest: sha256(name.as_bytes()),
    }
}

fn provenance() -> Provenance {
    Provenance {
        backend: "flex".to_owned(),
        device: "a processor".to_owned(),
        driver: None,
        threads: 1,
        determinism: Determinism {
            same_bits: true,
            because: "sums have an order".to_owned(),
        },
        pooled_embedding: None,
        versions: Versions {
            hearth: "0.1.0".to_owned(),
            burn: "0.22.1".to_owned(),
            rustc: "rustc 1.95.0".to_owned(),
            commit: Some("0123456789abcdef".to_owned()),
            dirty: Some(false),
        },
        started_at: "2026-01-02T03:04:05.678Z".to_owned(),
        looks: None,
        resumed: None,
        epochs: vec![
            EpochTiming {
                train_s: 0.5,
                validation_s: 0.05
            };
            3
        ],
        total_s: 1.75,
        train_examples_per_s: Some(160.0),
        train_tokens_per_s: None,
        peak_memory_bytes: Some(1 << 30),
        config_folder: None,
        host: Host {
            os: "Linux".to_owned(),
            cpu: "a CPU".to_owned(),
            cores: 2,
            memory_bytes: 1 << 34,
        },
    }
}
