//! Commands about what seeds make of a result.

use serde_json::Value;

use crate::hearth::Folder;

/// Learns to above 60 % within a second.
const CONFIG: &str = r#"{
  "data": { "synthetic_digits": { "train_examples": 800, "test_examples": 100, "validation_fraction": 0.2 } },
  "model": { "dropout_mlp": { "hidden": [32, 16], "dropout": 0.1 } },
  "optimizer": { "adam": { "learning_rate": 0.01 } },
  "training": { "epochs": 4, "batch_size": 32 }
}"#;

const SLOW: &str = "results/slow";

/// `small.json`, and `slow.json` with a small learning rate.
fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("small.json", CONFIG);
    folder.write("slow.json", CONFIG.replace("0.01", "0.001"));
    folder
}

#[test]
fn seeds_are_added_until_the_verdict_is_decided() {
    let folder = folder();
    let command = ["run", "slow.json", "small.json", "--until-decided"];
    let done = folder.succeed(&command);
    for look in [
        "after 5 seeds each: small against slow: undecided",
        "after 10 seeds each: small against slow: better",
    ] {
        assert!(done.err.contains(look), "{done:?}");
    }
    assert!(
        done.out
            .contains("looks planned after 5, 10, 20 and 30 seeds"),
        "{done:?}"
    );
    assert!(folder.path().join(SLOW).join("flex-seed9").exists());
    assert!(!folder.path().join(SLOW).join("flex-seed10").exists());
    let looks = &folder.record("slow/flex-seed0")["run"]["looks"];
    assert_eq!(looks["after"], serde_json::json!([5, 10, 20, 30]));
    let level = looks["level"].as_f64().unwrap();
    assert!((0.0150..0.0165).contains(&level), "{level}");
    // A later comparison counts the looks.
    let later = folder.succeed(&["diff", SLOW, "results/small"]);
    assert!(
        later
            .out
            .contains("looks planned after 5, 10, 20 and 30 seeds"),
        "{later:?}"
    );
    // The same command finds the runs and says the same.
    let again = folder.succeed(&command);
    assert_eq!(
        again.err.matches("already finished").count(),
        20,
        "{again:?}"
    );
    let other = folder.hearth(&[&command[..], &["--max-seeds", "20"]].concat());
    assert_eq!(other.code, Some(2), "{other:?}");
    assert!(other.err.contains("give --max-seeds 30"), "{other:?}");
}

#[test]
fn what_is_not_decided_ends_with_the_last_look() {
    let folder = folder();
    folder.write("other.json", CONFIG.replace("[32, 16]", "[32, 17]"));
    let done = folder.succeed(&[
        "run",
        "small.json",
        "other.json",
        "--until-decided",
        "--max-seeds",
        "3",
    ]);
    assert!(done.err.contains("after 3 seeds each: "), "{done:?}");
    assert_eq!(done.out.matches("mean of 3").count(), 2, "{done:?}");
    for (arguments, says) in [
        (
            vec!["run", "small.json", "--until-decided"],
            "compares two configs",
        ),
        (
            vec!["run", "small.json", "small.json", "--until-decided"],
            "the same experiment",
        ),
        (
            vec!["run", "small.json", "--margin", "0.1"],
            "--until-decided",
        ),
        (
            vec![
                "run",
                "small.json",
                "other.json",
                "--until-decided",
                "--seeds",
                "0..3",
            ],
            "--seeds",
        ),
    ] {
        let done = folder.hearth(&arguments);
        assert_eq!(done.code, Some(2), "{done:?}");
        assert!(
            done.err.contains(says) && done.err.lines().count() == 1,
            "{done:?}"
        );
    }
}

/// With one source left, the runs differ in what it decides and in nothing else.
#[test]
fn one_source_of_randomness_varies_alone() {
    let folder = folder();
    folder.succeed(&[
        "run",
        "small.json",
        "--vary",
        "init,order,dropout",
        "--seeds",
        "0..3",
    ]);
    folder.succeed(&["run", "small.json", "--seeds", "0..3"]);
    let digest = |experiment: &str, seed: u64| {
        folder.record(&format!("{experiment}/flex-seed{seed}"))["result"].clone()
    };
    for source in ["init", "order", "dropout"] {
        let varied = format!("small+vary={source}");
        // The first seed is that of the pinned sources, so that run is the one with nothing pinned.
        assert_eq!(digest(&varied, 0), digest("small", 0), "{source}");
        assert_ne!(digest(&varied, 1), digest("small", 1), "{source}");
        assert_ne!(digest(&varied, 1), digest(&varied, 2), "{source}");
    }
    let done = folder.succeed(&["spread", "results/small"]);
    for source in ["everything", "init", "order", "dropout"] {
        assert!(done.out.contains(source), "{done:?}");
    }
    let json = folder.succeed(&["spread", "results/small", "--json"]).out;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["sources"].as_array().unwrap().len(), 4);
    assert_eq!(json["sources"][0]["share"], 1.0);
    // A pinned source is set by the config, too.
    folder.succeed(&[
        "run",
        "small.json",
        "--set",
        "pinned_seeds.order=0",
        "--seeds",
        "1",
    ]);
    let refused = folder.hearth(&["run", "small.json", "--vary", "split"]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.err.contains("has its own test set"), "{refused:?}");
    folder.write(
        "plain.json",
        CONFIG.replace("\"dropout\": 0.1", "\"dropout\": 0"),
    );
    let without = folder.hearth(&["run", "slow.json", "--vary", "drop"]);
    assert!(
        without.err.contains("init, order, dropout, split"),
        "{without:?}"
    );
}

#[test]
fn a_split_varies_with_own_data() {
    let folder = Folder::new();
    let rows: String = (0..120)
        .map(|row| {
            let x = f64::from(row * 37 % 100) / 100.0;
            let label = if x + f64::from(row % 7) / 10.0 > 0.8 {
                "a"
            } else {
                "b"
            };
            format!("{x},{},{label}\n", row % 5)
        })
        .collect();
    folder.write("rows.csv", format!("x,y,label\n{rows}"));
    folder.write(
        "own.json",
        r#"{
            "data": { "table": { "train": "rows.csv", "label": "label", "test_fraction": 0.25 } },
            "model": { "hidden_mlp": { "hidden": [8] } },
            "optimizer": "adam",
            "training": { "epochs": 3 }
        }"#,
    );
    folder.succeed(&["run", "own.json", "--vary", "split,init", "--seeds", "0..3"]);
    let done = folder.succeed(&["spread", "results/own", "--metric", "test.loss"]);
    assert!(
        done.out.contains("split") && done.out.contains("init"),
        "{done:?}"
    );
    let splits = folder
        .path()
        .join("results/own+data.table.split_seed=2/flex-seed0");
    assert!(splits.exists(), "{done:?}");
}

#[test]
fn changes_are_told_apart() {
    let folder = folder();
    folder.write(
        "both.json",
        CONFIG
            .replace("0.01", "0.001")
            .replace("\"dropout\": 0.1", "\"dropout\": 0"),
    );
    let command = ["explain", "both.json", "small.json", "--seeds", "0..3"];
    let done = folder.succeed(&command);
    for words in [
        "small against both: test accuracy",
        "model.dropout_mlp.dropout",
        "optimizer.adam.learning_rate",
        "Shapley value, 4 configs",
    ] {
        assert!(done.out.contains(words), "{words}: {done:?}");
    }
    let again = folder.succeed(&command);
    assert_eq!(again.out, done.out);
    assert_eq!(
        again.err.matches("already finished").count(),
        12,
        "{again:?}"
    );
    let json = folder.succeed(&[&command[..], &["--json"]].concat()).out;
    let json: Value = serde_json::from_str(&json).unwrap();
    let shares = json["contributions"].as_array().unwrap().iter();
    let sum: f64 = shares.map(|one| one["difference"].as_f64().unwrap()).sum();
    assert!((sum - json["difference"].as_f64().unwrap()).abs() < 1e-12);
    let same = folder.hearth(&["explain", "small.json", "small.json"]);
    assert_eq!(same.code, Some(2), "{same:?}");
}

#[test]
fn many_changes_are_told_apart_along_a_path() {
    let folder = folder();
    folder.write(
        "far.json",
        r#"{
            "data": { "synthetic_digits": { "train_examples": 800, "test_examples": 100, "validation_fraction": 0.2 } },
            "model": { "dropout_mlp": { "hidden": [24], "dropout": 0.2 } },
            "optimizer": { "sgd": { "learning_rate": 0.1 } },
            "training": { "epochs": 3, "batch_size": 48 }
        }"#,
    );
    let done = folder.succeed(&["explain", "far.json", "small.json", "--json"]);
    let json: Value = serde_json::from_str(&done.out).unwrap();
    assert_eq!(json["method"], "path");
    assert_eq!(json["configs"], 16);
    assert_eq!(json["contributions"].as_array().unwrap().len(), 5);
    // Other test examples do not compare.
    folder.write(
        "more.json",
        CONFIG.replace("\"test_examples\": 100", "\"test_examples\": 90"),
    );
    let refused = folder.hearth(&["explain", "more.json", "small.json"]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(
        refused.err.contains("tested on other examples"),
        "{refused:?}"
    );
}

#[test]
fn flips_are_shown_with_their_pictures() {
    let folder = folder();
    folder.succeed(&["run", "small.json", "--seeds", "0..4"]);
    let done = folder.succeed(&["flips", "results/small", "--most", "2"]);
    for words in [
        "right with every seed",
        "always wrong",
        "No. ",
        "of 4 seeds",
        "@",
    ] {
        assert!(done.out.contains(words), "{words}: {done:?}");
    }
    let json = folder.succeed(&["flips", "results/small", "--json"]).out;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["right"].as_array().unwrap().len(), 100);
    let one = folder.hearth(&["flips", "results/small/flex-seed0"]);
    assert_eq!(one.code, Some(2), "{one:?}");
}

#[test]
fn the_best_of_a_sweep_counts_for_all_members() {
    let folder = folder();
    folder.write(
        "rates.json",
        r#"{ "base": "small.json", "grid": { "optimizer.adam.learning_rate": [0.004, 0.006, 0.008] }, "seeds": [0, 1, 2] }"#,
    );
    folder.succeed(&["sweep", "run", "rates.json"]);
    folder.succeed(&["run", "slow.json", "--seeds", "0..3"]);
    let best = folder.succeed(&["sweep", "best", "rates.json", "--against", SLOW]);
    for words in [
        "The best of 3 is good by chance, too.",
        "the choice among 3 candidates",
        "against slow",
    ] {
        assert!(best.out.contains(words), "{words}: {best:?}");
    }
    let json = folder
        .succeed(&["sweep", "best", "rates.json", "--against", SLOW, "--json"])
        .out;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["against"]["contrasts"][0]["chosen_from"], 3);
    assert!(json["optimism"]["validation"].as_f64().unwrap() >= 0.0);
    let own = folder.hearth(&[
        "sweep",
        "best",
        "rates.json",
        "--against",
        "results/small+optimizer.adam.learning_rate=0.006",
    ]);
    assert_eq!(own.code, Some(2), "{own:?}");
    let sorted = folder.succeed(&["list", "--sort", "test.accuracy"]);
    assert!(
        sorted
            .err
            .contains("12 runs of 4 configs were tested on the same"),
        "{sorted:?}"
    );
    assert_eq!(folder.succeed(&["list"]).err, "");
}
