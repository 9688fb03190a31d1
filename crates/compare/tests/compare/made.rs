//! Records as a run would write them.

use std::path::{Path, PathBuf};

use compare::{Group, Run};
use record::{
    Confusion, DataSplit, DataSummary, Determinism, Diverged, Epoch, EpochTiming, Evaluation,
    Files, Host, Measured, Outcomes, Provenance, Record, RunFolder, SCHEMA_VERSION, Scores, Status,
    Versions,
};
use serde_json::json;
use spec::{DataSpec, InputSpec};

pub const EXAMPLES: usize = 1000;

/// A run that is right on the test examples for which `right` is true.
pub fn record(experiment: &str, seed: u64, right: impl Fn(usize) -> bool) -> Record {
    let correct: Outcomes = (0..EXAMPLES).map(right).collect();
    let accuracy = correct.correct() as f64 / EXAMPLES as f64;
    let scores = |epoch: usize| Scores {
        loss: 1.0 - accuracy + (epoch as f64 - 2.0).abs() / 10.0,
        accuracy: accuracy - (epoch as f64 - 2.0).abs() / 10.0,
        plain_loss: None,
    };
    let split = |name: &str| DataSplit {
        examples: EXAMPLES,
        tokens: None,
        digest: name.to_owned(),
    };
    let result = Measured {
        status: Status::Completed,
        diverged: None,
        parameters: 10,
        initial_weights: None,
        epochs: (1..=3)
            .map(|epoch| Epoch {
                epoch,
                train: Scores {
                    // No two seeds have the same losses.
                    loss: scores(epoch).loss + seed as f64 * 1e-9,
                    ..scores(epoch)
                },
                validation: Some(scores(epoch)),
            })
            .collect(),
        best_epoch: None,
        test: Some(Evaluation {
            loss: 1.0 - accuracy,
            accuracy,
            plain_loss: None,
            correct,
            confusion: Confusion::new(2, []),
            hardest: Vec::new(),
        }),
        data: DataSummary {
            source: "made".to_owned(),
            train: split("train"),
            validation: Some(split("validation")),
            names: None,
            noticed: None,
            test: split("test"),
        },
    };
    Record {
        schema_version: SCHEMA_VERSION,
        experiment: experiment.to_owned(),
        signature: format!("signature of {experiment}"),
        seed,
        config: json!({
            "about": experiment,
            "seeds": [seed],
            "optimizer": { "sgd": { "learning_rate": 0.01, "momentum": 0.0 } },
            "training": { "epochs": 3, "early_stopping": null },
        }),
        spec: DataSpec {
            input: InputSpec::Dense { shape: vec![2] },
            classes: ["no", "yes"].map(str::to_owned).to_vec(),
        },
        digest: String::new(),
        result,
        remarks: Vec::new(),
        files: Files::default(),
        run: provenance(),
        seal: String::new(),
    }
    .sealed()
}

/// A run that is right on the first `correct` test examples.
pub fn right_on(experiment: &str, seed: u64, correct: usize) -> Record {
    record(experiment, seed, |example| example < correct)
}

pub fn diverged(experiment: &str, seed: u64) -> Record {
    let mut record = right_on(experiment, seed, 0);
    record.result.status = Status::Diverged;
    record.result.diverged = Some(Diverged { epoch: 1, step: 5 });
    record.result.epochs.clear();
    record.result.test = None;
    record.sealed()
}

/// A group that is not on disk.
pub fn group(name: &str, records: impl IntoIterator<Item = Record>) -> Group {
    let runs = records.into_iter().map(|record| {
        let path = PathBuf::from(format!(
            "{name}/{}/flex-seed{}",
            record.experiment, record.seed
        ));
        Run {
            place: path.clone(),
            path,
            record,
        }
    });
    Group {
        name: name.to_owned(),
        argument: name.to_owned(),
        runs: runs.collect(),
        unfinished: Vec::new(),
    }
}

/// A group of runs with these accuracies in thousandths, with seeds from `first` on.
pub fn accuracies(name: &str, first: u64, correct: &[usize]) -> Group {
    let records = (first..).zip(correct);
    group(
        name,
        records.map(|(seed, &correct)| right_on(name, seed, correct)),
    )
}

/// Writes the run to `<results>/<experiment>/flex-seed<N>` and returns that folder.
pub fn write(results: &Path, record: &Record) -> PathBuf {
    let backend = &record.run.backend;
    let folder = RunFolder::new(results, &record.experiment, backend, record.seed);
    std::fs::create_dir_all(folder.path()).unwrap();
    folder.write(&record.clone().sealed()).unwrap();
    folder.path().to_owned()
}

pub fn shown(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

fn provenance() -> Provenance {
    Provenance {
        backend: "flex".to_owned(),
        device: "cpu".to_owned(),
        driver: None,
        threads: 1,
        determinism: Determinism {
            same_bits: true,
            because: "made".to_owned(),
        },
        pooled_embedding: None,
        versions: Versions {
            hearth: "0.1.0".to_owned(),
            burn: "0.22.1".to_owned(),
            rustc: "1.95".to_owned(),
            commit: None,
            dirty: None,
        },
        started_at: "2026-01-01T00:00:00Z".to_owned(),
        looks: None,
        resumed: None,
        epochs: vec![
            EpochTiming {
                train_s: 1.0,
                validation_s: 0.1,
            };
            3
        ],
        total_s: 3.3,
        train_examples_per_s: Some(1000.0),
        train_tokens_per_s: None,
        peak_memory_bytes: None,
        config_folder: None,
        host: Host {
            os: "Linux".to_owned(),
            cpu: "a CPU".to_owned(),
            cores: 2,
            memory_bytes: 1 << 30,
        },
    }
}
