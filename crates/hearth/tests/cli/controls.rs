//! What a config can ask of the training: each does what it says.

use std::path::PathBuf;

use record::Tensors;
use serde_json::Value;

use crate::hearth::{CONFIG, Folder};

/// Batch normalisation, sigmoids and both penalties, on 400 examples.
pub const NORMED: &str = r#"{
  "data": { "synthetic_digits": { "train_examples": 500, "test_examples": 100, "validation_fraction": 0.2 } },
  "model": { "hidden_mlp": { "hidden": [16, 12], "activation": "sigmoid", "batch_norm": {} } },
  "optimizer": { "sgd": { "learning_rate": 0.1 } },
  "training": { "epochs": 2, "batch_size": 48, "l1": 0.0001, "l2": 0.001 }
}"#;

/// A finished run.
struct Run {
    record: Value,
    folder: PathBuf,
}

impl Run {
    fn model(&self) -> Vec<u8> {
        std::fs::read(self.folder.join("model.safetensors")).unwrap()
    }

    fn losses(&self, split: &str) -> Vec<f64> {
        losses(&self.record, split)
    }
}

/// Runs small.json with these keys changed, in a results folder of its own.
fn run(folder: &Folder, changes: &[&str]) -> Run {
    let results = tempfile::tempdir_in(folder.path()).unwrap().keep();
    let mut arguments = vec!["run", "small.json", "--out", results.to_str().unwrap()];
    for change in changes {
        arguments.extend(["--set", change]);
    }
    folder.succeed(&arguments);
    let mut experiments = std::fs::read_dir(&results).unwrap();
    let folder = experiments
        .next()
        .unwrap()
        .unwrap()
        .path()
        .join("flex-seed0");
    let text = std::fs::read_to_string(folder.join("result.json")).unwrap();
    Run {
        record: serde_json::from_str(&text).unwrap(),
        folder,
    }
}

fn losses(record: &Value, split: &str) -> Vec<f64> {
    let epochs = record["result"]["epochs"].as_array().unwrap().iter();
    let losses = epochs.map(|epoch| epoch[split]["loss"].as_f64().unwrap());
    losses.collect()
}

#[test]
fn penalties_are_part_of_the_loss_and_told_apart() {
    let folder = Folder::new();
    folder.write("small.json", NORMED);
    let penalised = run(&folder, &[]);
    let result = &penalised.record["result"];
    for scores in [
        &result["epochs"][1]["train"],
        &result["epochs"][1]["validation"],
        &result["test"],
    ] {
        let figure = |name: &str| scores[name].as_f64().unwrap();
        assert!(figure("loss") > figure("plain_loss"), "{scores}");
    }
    let plain = run(&folder, &["training.l1=0", "training.l2=0"]);
    assert!(plain.record["result"]["test"].get("plain_loss").is_none());

    // Strong enough, they make the weights small.
    let size = |strength: &str| -> f64 {
        let strength = format!("training.l2={strength}");
        let bytes = run(&folder, &[&strength, "training.epochs=10"]).model();
        let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
        let kernel = tensors.tensor("hidden.0.weight").unwrap();
        let (values, _) = kernel.data().as_chunks();
        let values = values.iter().map(|&value| f32::from_le_bytes(value));
        values.map(|value| f64::from(value * value)).sum()
    };
    let (weak, strong) = (size("0"), size("0.1"));
    assert!(strong < 0.5 * weak, "{weak}, {strong}");
}

#[test]
fn a_falling_learning_rate_ends_where_a_small_one_would() {
    let folder = Folder::new();
    let change = |schedule: &str| {
        let schedule = format!("training.learning_rate_schedule={schedule}");
        run(&folder, &["training.epochs=4", &schedule]).losses("train")
    };
    let constant = change("null");
    // All but the same in the first epoch, and then no longer.
    let step = change(r#"{"step": {"factor": 0.0001, "epochs": 1}}"#);
    assert_eq!(step[0], constant[0]);
    assert!((step[3] - step[2]).abs() < 0.2 * (constant[3] - constant[2]).abs());
    for schedule in [
        r#"{"linear": {"final_learning_rate": 0}}"#,
        r#"{"cosine": {"final_learning_rate": 0.0001}}"#,
        r#"{"exponential": {"factor": 0.3}}"#,
    ] {
        let falling = change(schedule);
        assert_ne!(falling[0], constant[0], "{schedule}");
    }
}

#[test]
fn early_stopping_keeps_the_best_epochs_weights() {
    let folder = Folder::new();
    // So large a learning rate that it soon gets worse.
    let stopping = r#"training.early_stopping={"metric": "validation.loss", "patience": 2}"#;
    let stopped = run(
        &folder,
        &[
            "training.epochs=40",
            "optimizer.adam.learning_rate=0.05",
            stopping,
        ],
    );
    let validation = stopped.losses("validation");
    let best = stopped.record["result"]["best_epoch"].as_u64().unwrap() as usize;
    let least = validation.iter().copied().fold(f64::INFINITY, f64::min);
    assert_eq!(validation[best - 1], least);
    assert_eq!(validation.len(), best + 2, "{validation:?}");

    // The weights are that epoch's: to start from them and learn nothing gives its figures.
    folder.write("best.safetensors", stopped.model());
    let again = run(
        &folder,
        &[
            "training.epochs=1",
            "training.initial_weights=best.safetensors",
            r#"optimizer={"sgd":{"learning_rate":1e-30}}"#,
        ],
    );
    assert_eq!(again.losses("validation"), [least]);
    let result = &again.record["result"];
    assert_eq!(result["test"], stopped.record["result"]["test"]);
    let digest = result["initial_weights"].as_str().unwrap();
    assert!(digest.starts_with("sha256:"), "{digest}");
}

#[test]
fn clipping_and_the_order_of_examples_change_what_they_should() {
    let folder = Folder::new();
    let result = |changes: &[&str]| run(&folder, changes).record["result"].clone();
    let usual = result(&[]);
    assert_eq!(usual, result(&["training.clip_global_norm=1e6"]));
    assert_ne!(usual, result(&["training.clip_global_norm=0.001"]));
    assert_ne!(usual, result(&["training.shuffle=false"]));
}

#[test]
fn exported_weights_start_another_run() {
    let folder = Folder::new();
    folder.succeed(&["run", "small.json"]);
    std::fs::create_dir(folder.path().join("w")).unwrap();
    folder.succeed(&[
        "export",
        "results/small/flex-seed0",
        "--to",
        "w/weights.safetensors",
    ]);
    let bytes = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    assert_eq!(
        bytes("w/weights.safetensors"),
        bytes("results/small/flex-seed0/model.safetensors")
    );
    let more = run(&folder, &["training.initial_weights=w/weights.safetensors"]);
    let first = losses(&folder.record("small/flex-seed0"), "train");
    assert!(more.losses("train")[0] < first[1]);

    // The same file holding other weights makes another run.
    let weights = "training.initial_weights=w/weights.safetensors";
    let arguments = ["run", "small.json", "--set", weights];
    folder.succeed(&arguments);
    assert!(folder.succeed(&arguments).err.contains("skipped"));
    folder.succeed(&["run", "small.json", "--seeds", "1"]);
    folder.succeed(&[
        "export",
        "results/small/flex-seed1",
        "--to",
        "w/weights.safetensors",
    ]);
    let other = folder.hearth(&arguments);
    assert_eq!(other.code, Some(2), "{other:?}");
    assert!(other.err.contains("another config"), "{other:?}");

    // Other shapes, other files, nothing.
    folder.write("text.safetensors", "not weights");
    let other = ["--set", "model.dropout_mlp.hidden=[32,17]"];
    for (file, changes, code, says) in [
        (
            "w/weights.safetensors",
            &other[..],
            65,
            "`hidden.1.weight` has the shape [32, 16]",
        ),
        ("text.safetensors", &[], 65, "not a safetensors file"),
        ("none.safetensors", &[], 74, "none.safetensors"),
    ] {
        let weights = format!("training.initial_weights={file}");
        let mut arguments = vec!["run", "small.json", "--set", &weights];
        arguments.extend(changes);
        let done = folder.hearth(&arguments);
        assert_eq!(done.code, Some(code), "{done:?}");
        assert_eq!(done.err.lines().count(), 1, "{done:?}");
        assert!(done.err.contains(says), "{done:?}");
    }
    let none = folder.hearth(&["export", "results/none", "--to", "x"]);
    assert_eq!(none.code, Some(2), "{none:?}");
    assert!(none.err.contains("results/none: not found"), "{none:?}");
}

#[test]
fn normalised_runs_repeat_and_save_their_statistics() {
    let folder = Folder::new();
    folder.write("normed.json", NORMED);
    folder.succeed(&["run", "normed.json", "--threads", "1"]);
    folder.succeed(&["run", "normed.json", "--threads", "2", "--out", "two"]);
    let digest = |path: &str| {
        let record: Value = serde_json::from_str(&folder.read(path)).unwrap();
        record["digest"].clone()
    };
    assert_eq!(
        digest("results/normed/flex-seed0/result.json"),
        digest("two/normed/flex-seed0/result.json")
    );
    let model = folder
        .path()
        .join("results/normed/flex-seed0/model.safetensors");
    let bytes = std::fs::read(model).unwrap();
    let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    for name in ["gamma", "beta", "running_mean", "running_var"] {
        let tensor = tensors.tensor(&format!("norm.1.{name}")).unwrap();
        assert_eq!(tensor.shape(), [12]);
    }

    // Its root is taken: a negative variance would give no number at all.
    let mut weights = Tensors::from_bytes(&bytes).unwrap();
    let mut variance = weights.take("norm.1.running_var").unwrap();
    variance.values[3] = -5.0;
    weights.insert(
        "norm.1.running_var".to_owned(),
        variance.shape,
        variance.values,
    );
    folder.write("impossible.safetensors", weights.to_bytes());
    let initial = "training.initial_weights=impossible.safetensors";
    let done = folder.hearth(&["run", "normed.json", "--set", initial]);
    assert_eq!(done.code, Some(65), "{done:?}");
    let said = "impossible.safetensors: `norm.1.running_var` holds a negative variance";
    assert!(done.err.contains(said), "{done:?}");
}

#[test]
fn gradients_are_checked_and_shown() {
    let folder = Folder::new();
    folder.write("normed.json", NORMED);
    let done = folder.succeed(&["gradcheck", "small.json", "normed.json"]);
    assert_eq!(done.out.matches("passes").count(), 6 + 10, "{done:?}");
    let json = folder.succeed(&["gradcheck", "normed.json", "--json"]).out;
    let line: Value = serde_json::from_str(json.lines().next().unwrap()).unwrap();
    assert_eq!(line["tensor"], "hidden.0.weight");
    assert_eq!(line["passes"], true);
    assert_eq!(
        CONFIG.matches("dropout").count(),
        2,
        "dropout is in the check"
    );
}
