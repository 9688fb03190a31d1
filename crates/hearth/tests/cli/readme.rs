//! The README's tables are those of the committed results, and these are Keras's.

use std::path::Path;

use serde_json::Value;

use crate::hearth::repository;

fn json(path: &Path) -> Value {
    let text =
        std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap()
}

fn numbers(values: &Value) -> Vec<f64> {
    values
        .as_array()
        .unwrap()
        .iter()
        .map(|value| value.as_f64().unwrap())
        .collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn variance(values: &[f64]) -> f64 {
    let mean = mean(values);
    values
        .iter()
        .map(|value| (value - mean).powi(2))
        .sum::<f64>()
        / (values.len() - 1) as f64
}

/// The square of the mean's standard error.
fn squared_error(values: &[f64]) -> f64 {
    variance(values) / values.len() as f64
}

/// The runs of all seeds, 0 and on.
fn records(experiment: &str) -> Vec<Value> {
    let run = |seed: u32| {
        let run = format!("results/reference/{experiment}/flex-seed{seed}/result.json");
        repository().join(run)
    };
    let records: Vec<Value> = (0..)
        .map(run)
        .take_while(|path| path.exists())
        .map(|path| json(&path))
        .collect();
    assert!(records.len() >= 3, "{experiment}: {} runs", records.len());
    records
}

/// An experiment's figures over its seeds.
struct Figures {
    accuracies: Vec<f64>,
    /// Means over the seeds, after each epoch.
    validation_losses: Vec<f64>,
}

fn figures(experiment: &str) -> Figures {
    let records = records(experiment);
    let losses: Vec<Vec<f64>> = records
        .iter()
        .map(|record| {
            let epochs = record["result"]["epochs"].as_array().unwrap().iter();
            let losses = epochs.map(|epoch| epoch["validation"]["loss"].as_f64().unwrap());
            losses.collect()
        })
        .collect();
    Figures {
        accuracies: records
            .iter()
            .map(|record| record["result"]["test"]["accuracy"].as_f64().unwrap())
            .collect(),
        validation_losses: (0..losses[0].len())
            .map(|epoch| {
                mean(
                    &losses
                        .iter()
                        .map(|losses| losses[epoch])
                        .collect::<Vec<_>>(),
                )
            })
            .collect(),
    }
}

impl Figures {
    fn last_loss(&self) -> f64 {
        *self.validation_losses.last().unwrap()
    }

    fn best_loss(&self) -> f64 {
        let losses = self.validation_losses.iter().copied();
        losses.fold(f64::INFINITY, f64::min)
    }
}

fn keras() -> serde_json::Map<String, Value> {
    let reference = json(&repository().join("bench/keras-reference.json"));
    reference["experiments"].as_object().unwrap().clone()
}

/// The command that the README names writes the tables that are in it.
#[test]
fn the_tables_are_those_of_the_committed_results() {
    let committed = std::fs::read_to_string(repository().join("README.md")).unwrap();
    let command = "hearth report results/reference --readme README.md \\\n  \
                   --reference bench/keras-reference.json\n";
    assert!(committed.contains(command), "{command}");
    let folder = crate::hearth::Folder::new();
    for linked in ["results", "bench", "configs"] {
        std::os::unix::fs::symlink(repository().join(linked), folder.path().join(linked)).unwrap();
    }
    let words = command.replace("\\\n", "");
    let words: Vec<&str> = words.split_whitespace().skip(1).collect();
    folder.write("README.md", &committed);
    folder.succeed(&words);
    assert!(
        folder.read("README.md") == committed,
        "the README's tables are stale: run the command it names for them"
    );

    // Whatever stood there goes, all else stays, and what has no place is told.
    folder.write("README.md", committed.replace("| sgd |", "| old |"));
    folder.succeed(&words);
    assert!(folder.read("README.md") == committed);
    for (text, says) in [
        ("# No table\n", "no table markers"),
        ("<!-- table: begin -->\n", "no end marker"),
        (
            "<!-- sweep: none -->\n<!-- sweep: end -->\n",
            "no sweep `none`",
        ),
    ] {
        folder.write("README.md", text);
        let done = folder.hearth(&words);
        assert_eq!(done.code, Some(65), "{done:?}");
        assert!(
            done.err.contains(says) && done.err.lines().count() == 1,
            "{done:?}"
        );
        assert_eq!(folder.read("README.md"), text);
    }
}

/// Mean test accuracies within 0.3 percentage points of Keras's, or two standard errors of the
/// difference; validation losses, the last and the best of the mean curve, within 10 %.
#[test]
fn the_committed_results_are_kerass() {
    for (experiment, keras) in keras() {
        let ours = figures(&experiment);
        let theirs = numbers(&keras["test_accuracy"]);
        let error = (squared_error(&ours.accuracies) + squared_error(&theirs)).sqrt();
        let difference = (mean(&ours.accuracies) - mean(&theirs)).abs();
        assert!(
            difference <= f64::max(0.003, 2.0 * error),
            "{experiment}: {difference}"
        );
        for (found, key) in [
            (ours.last_loss(), "final_validation_loss_mean"),
            (ours.best_loss(), "best_validation_loss_mean"),
        ] {
            let ratio = found / keras[key].as_f64().unwrap();
            assert!((0.9..1.1).contains(&ratio), "{experiment}, {key}: {ratio}");
        }
    }
}

/// The records are those of the committed configs: the same signature.
#[test]
fn the_committed_results_belong_to_the_committed_configs() {
    let folder = crate::hearth::Folder::new();
    for (experiment, _) in keras() {
        let config = repository().join(format!("configs/{experiment}.json"));
        let checked = folder.succeed(&["check", "--json", config.to_str().unwrap()]);
        let mut checked: Value = serde_json::from_str(&checked.out).unwrap();
        let record = &records(&experiment)[0];
        let mut recorded = record["config"].clone();
        for config in [&mut checked, &mut recorded] {
            for free in ["about", "expect", "seeds", "$schema"] {
                config.as_object_mut().unwrap().remove(free);
            }
            // An older record lacks the keys that were added since, which are off in it.
            let keys = config.as_object_mut().unwrap();
            keys.retain(|_, value| !value.is_null());
        }
        assert_eq!(checked, recorded, "{experiment}");
    }
}
