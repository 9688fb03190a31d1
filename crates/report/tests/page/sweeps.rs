//! Sweeps on the page and in a text: found among the runs, or collected.

use serde_json::json;
use tempfile::tempdir;

use crate::made_up::{record, write};
use crate::{has, page, read, results};

#[test]
fn a_sweep_is_of_one_key_alone() {
    let folder = results(&["base"]);
    let adam = json!({ "adam": { "learning_rate": 0.001 } });
    let fast = json!({ "sgd": { "learning_rate": 1.0 } });
    for (change, optimizer) in [
        ("optimizer=adam", adam),
        ("optimizer.sgd.learning_rate=1", fast),
    ] {
        let name = format!("base+{change}");
        let mut record = record(&name, 0);
        record.config["optimizer"] = optimizer;
        write(folder.path(), &name, record);
    }
    let mut other = record("base+training.epochs=9+training.batch_size=1", 0);
    other.config["training"] = json!({ "epochs": 9, "batch_size": 1 });
    write(folder.path(), "other", other);
    let page = page(&folder);
    has(
        &page,
        &[
            "Validation accuracy by optimizer. adam: 86.67 %; sgd: 86.17 ± 0.50 %.",
            "by optimizer.sgd.learning_rate. 0.01: 86.17 ± 0.50 %; 1: 86.67 %.",
            ", 2 sweeps,",
        ],
    );
}

#[test]
fn collected_sweeps_are_shown_by_key() {
    let folder = tempdir().unwrap();
    let row = |values: serde_json::Value, mean: f64| {
        json!({ "experiment": "x", "values": values, "runs": 3, "diverged": 0,
            "test_accuracy": { "mean": mean, "deviation": 0.01 },
            "test_loss": { "mean": 0.2, "deviation": 0.01 } })
    };
    let rows = [
        row(json!({ "hidden": [32, 32], "rate": 0.1 }), 0.8),
        row(json!({ "hidden": [64, 64], "rate": 0.1 }), 0.9),
        row(json!({ "hidden": [64, 64], "rate": 0.2 }), 0.7),
    ];
    let file = folder.path().join("widths.jsonl");
    let lines = collected(rows);
    std::fs::write(&file, &lines).unwrap();
    let page = read(&[&file]).unwrap().html();
    has(
        &page,
        &[
            "Report on 2 sweeps",
            "widths: rate=<wbr>0.<wbr>1",
            "widths: hidden=<wbr>[64,64]",
            "[32,32]: 80.00 ± 1.00 %",
        ],
    );
    assert!(!page.contains("logarithmic"));

    // A figure that was changed, and a line of an older version.
    for (damaged, said) in [
        (lines.replace("0.9", "0.99"), "line 2: digest mismatch"),
        (lines.replace("\"seal\"", "\"was\""), "line 1: no seal"),
    ] {
        std::fs::write(&file, damaged).unwrap();
        write(folder.path(), "steady", record("steady", 0));
        let report = read(&[folder.path()]).unwrap();
        assert!(
            report.unreadable()[0].contains(said),
            "{:?}",
            report.unreadable()
        );
        assert!(!report.html().contains("widths: hidden"));
    }
}

#[test]
fn values_that_share_their_key_are_told_apart() {
    let results = tempfile::tempdir().unwrap();
    let row = |rate: f64| {
        json!({
            "experiment": format!("base+{rate}"),
            "values": { "optimizer": { "sgd": { "learning_rate": rate } } },
            "runs": 1, "diverged": 0,
            "test_accuracy": { "mean": 0.9, "deviation": null },
            "test_loss": { "mean": 0.1, "deviation": null },
        })
    };
    let rows = collected([row(0.1), row(0.2)]);
    std::fs::write(results.path().join("rates.jsonl"), rows).unwrap();
    let report = read(&[results.path()]).unwrap();
    let readme = results.path().join("README.md");
    std::fs::write(&readme, "<!-- sweep: rates -->\n<!-- sweep: end -->\n").unwrap();
    let text = report.fill(&readme, None).unwrap();
    for value in ["0.1", "0.2"] {
        let whole = format!("{{\"sgd\":{{\"learning_rate\":{value}}}}}");
        assert!(text.contains(&whole), "{text}");
        has(&report.html(), &[&whole.replace('"', "&quot;")]);
    }
}

/// The lines of a collected sweep.
pub fn collected(rows: impl IntoIterator<Item = serde_json::Value>) -> String {
    let lines = rows.into_iter().map(|mut row| {
        for metric in ["validation_accuracy", "validation_loss"] {
            row[metric] = serde_json::Value::Null;
        }
        row["seal"] = json!(record::digest_of(&row).unwrap());
        format!("{row}\n")
    });
    lines.collect()
}
