//! What hearth remarks on runs, and who can be the best.

use serde_json::Value;

use crate::hearth::{CONFIG, Folder};

/// Runs the config with changes and returns what was remarked.
#[track_caller]
fn remarked(changes: &[&str]) -> Vec<String> {
    let folder = Folder::new();
    let mut arguments = vec!["run", "small.json", "--name", "x"];
    for change in changes {
        arguments.extend(["--set", change]);
    }
    let done = folder.succeed(&arguments);
    let record = folder.record("x/flex-seed0");
    let remarks = record["remarks"].as_array().cloned().unwrap_or_default();
    let remarks: Vec<String> = remarks
        .iter()
        .map(|remark| remark.as_str().unwrap().to_owned())
        .collect();
    for remark in &remarks {
        assert!(
            done.err.contains(&format!("hearth: x seed 0: {remark}\n")),
            "{done:?}"
        );
    }
    assert_eq!(
        done.err.matches("hearth: ").count(),
        remarks.len(),
        "{done:?}"
    );
    let listed: Value = serde_json::from_str(&folder.succeed(&["list", "--json"]).out).unwrap();
    assert_eq!(listed["remarks"].as_array().unwrap().len(), remarks.len());
    // A record of an older version has none written in it.
    let path = "results/x/flex-seed0/result.json";
    let mut older: Value = serde_json::from_str(&folder.read(path)).unwrap();
    older.as_object_mut().unwrap().remove("remarks");
    folder.write(path, older.to_string());
    folder.seal("results/x/flex-seed0");
    assert_eq!(
        folder.succeed(&["list", "--json"]).out,
        format!("{listed}\n")
    );
    let page = folder.succeed(&["report", "results", "-o", "-"]).out;
    for remark in &remarks {
        let text = remark.replace('\'', "&#39;");
        assert!(page.contains(&text), "{remark}");
    }
    remarks
}

#[track_caller]
fn says(remarks: &[String], parts: &[&str]) {
    assert_eq!(remarks.len(), parts.len(), "{remarks:?}");
    for (remark, part) in remarks.iter().zip(parts) {
        assert!(remark.contains(part), "{remarks:?}");
    }
}

#[test]
fn a_run_that_learns_is_not_remarked_on() {
    says(&remarked(&["training.epochs=6"]), &[]);
}

#[test]
fn chance_level_and_a_loss_that_blew_up_are_remarked() {
    let wild = [
        "optimizer={\"sgd\": {\"learning_rate\": 100}}",
        "training.epochs=3",
    ];
    let remarks = remarked(&wild);
    assert!(remarks[0].starts_with("learnt nothing: "), "{remarks:?}");
    assert!(
        remarks[1].starts_with("the loss blew up to "),
        "{remarks:?}"
    );
}

#[test]
fn a_loss_that_does_not_fall_is_remarked() {
    let still = [
        "optimizer={\"sgd\": {\"learning_rate\": 1e-20}}",
        "model.dropout_mlp.dropout=0",
        "training.shuffle=false",
    ];
    let remarks = remarked(&still);
    says(
        &remarks[remarks.len() - 1..],
        &["train loss did not fall: "],
    );
}

#[test]
fn weights_past_their_best_epoch_are_remarked() {
    let overfits = [
        "data.synthetic_digits.train_examples=200",
        "training.epochs=60",
        "optimizer.adam.learning_rate=0.02",
        "model.dropout_mlp.dropout=0",
    ];
    let remarks = remarked(&overfits);
    assert!(
        remarks[0].starts_with("validation loss was lowest in epoch "),
        "{remarks:?}"
    );
}

#[test]
fn what_never_acts_is_remarked() {
    let epochs = "training.epochs=6";
    let large = remarked(&[
        epochs,
        "training.batch_size=500",
        "optimizer.adam.learning_rate=0.02",
    ]);
    says(
        &large[large.len() - 1..],
        &["training.batch_size 500 is larger than the 400 training examples"],
    );
    let idle = "training.learning_rate_schedule={\"step\": {\"factor\": 0.5, \"epochs\": 6}}";
    says(&remarked(&[epochs, idle]), &["the schedule never acts: "]);
    let folder = Folder::new();
    let checked = folder.succeed(&["check", "small.json", "--set", epochs, "--set", idle]);
    assert!(
        checked.err.contains("the schedule never acts"),
        "{checked:?}"
    );
}

#[test]
fn the_best_member_is_chosen_on_validation_among_those_that_learnt() {
    let folder = Folder::new();
    let sweep = r#"{ "base": "small.json", "set": { "training.epochs": 8 },
        "grid": { "optimizer.adam.learning_rate": [1e-9, 0.002, 0.006] }, "seeds": [0, 1] }"#;
    folder.write("sweep.json", sweep);
    let none = folder.hearth(&["sweep", "best", "sweep.json"]);
    assert_eq!(none.code, Some(2), "{none:?}");
    assert!(none.err.contains("no member is finished"), "{none:?}");
    folder.succeed(&["sweep", "run", "sweep.json"]);
    let best = folder.succeed(&["sweep", "best", "sweep.json", "--json"]);
    assert!(best.err.contains("learning_rate=1e-9") && best.err.contains("learnt nothing"));
    let best: Value = serde_json::from_str(&best.out).unwrap();
    assert_eq!(best["values"]["optimizer.adam.learning_rate"], 0.006);
    assert_eq!((&best["members"], &best["runs"]), (&3.into(), &2.into()));
    let shown = folder.succeed(&["sweep", "best", "sweep.json"]).out;
    assert!(
        shown.starts_with("best of 3 members by validation accuracy, over 2 seeds"),
        "{shown}"
    );
    assert!(
        shown.contains("test accuracy") && shown.contains("second: "),
        "{shown}"
    );
    let sorted = [
        "sweep",
        "collect",
        "sweep.json",
        "--sort",
        "validation.accuracy",
        "--csv",
    ];
    let sorted = folder.succeed(&sorted).out;
    assert!(
        sorted.lines().nth(1).unwrap().starts_with("0.006,"),
        "{sorted}"
    );
    let on_test = folder.hearth(&["sweep", "best", "sweep.json", "--metric", "test.accuracy"]);
    assert_eq!(on_test.code, Some(2), "{on_test:?}");
    assert!(on_test.err.contains("choose on validation"), "{on_test:?}");

    folder.write(
        "small.json",
        CONFIG.replace(", \"validation_fraction\": 0.2", ""),
    );
    folder.succeed(&["sweep", "run", "sweep.json", "--out", "other"]);
    let none = folder.hearth(&["sweep", "best", "sweep.json", "--out", "other"]);
    assert_eq!(none.code, Some(2), "{none:?}");
    assert!(
        none.err.contains("set the data's validation_fraction"),
        "{none:?}"
    );
}
