//! What a run is: config, data and seed, whatever it is called and however it is written.

use std::path::Path;

use serde_json::{Value, json};

use crate::hearth::Folder;

const ON_FILES: &str = r#"{
  "data": { "mnist": { "validation_fraction": 0.2 } },
  "model": { "hidden_mlp": { "hidden": [8] } },
  "optimizer": { "sgd": { "learning_rate": 0.1 } },
  "training": { "epochs": 1 }
}"#;

/// Four IDX files of 40 and 20 images in `<folder>/mnist`, with grey levels of their own.
fn write_images(folder: &Path, grey: u8) {
    let folder = folder.join("mnist");
    std::fs::create_dir_all(&folder).unwrap();
    for (name, count) in [("train", 40u32), ("t10k", 20)] {
        let numbers = |numbers: &[u32]| -> Vec<u8> {
            numbers
                .iter()
                .flat_map(|number| number.to_be_bytes())
                .collect()
        };
        let pixels = (0..count * 784).map(|pixel| (pixel % 251) as u8 ^ grey);
        let images: Vec<u8> = numbers(&[2051, count, 28, 28])
            .into_iter()
            .chain(pixels)
            .collect();
        let labels = (0..count).map(|label| (label % 10) as u8);
        let labels: Vec<u8> = numbers(&[2049, count]).into_iter().chain(labels).collect();
        std::fs::write(folder.join(format!("{name}-images-idx3-ubyte")), images).unwrap();
        std::fs::write(folder.join(format!("{name}-labels-idx1-ubyte")), labels).unwrap();
    }
}

fn folder_with_two_data_sets() -> Folder {
    let folder = Folder::new();
    folder.write("exp.json", ON_FILES);
    write_images(&folder.path().join("one"), 0);
    write_images(&folder.path().join("other"), 90);
    folder
}

/// The experiments in the results folder.
fn experiments(folder: &Folder) -> Vec<String> {
    let entries = std::fs::read_dir(folder.path().join("results")).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_finished_run_never_answers_for_other_data() {
    let folder = folder_with_two_data_sets();
    let run = |data: &str, more: &[&str]| {
        let mut arguments = vec!["run", "exp.json", "--data-dir", data];
        arguments.extend(more);
        folder.hearth(&arguments)
    };
    assert_eq!(run("one", &[]).code, Some(0));
    let first = folder.record("exp/flex-seed0")["digest"].clone();

    let refused = run("other", &[]);
    assert_eq!(refused.code, Some(65), "{refused:?}");
    assert!(
        refused
            .err
            .contains("the data differ from the data of the run"),
        "{refused:?}"
    );
    assert_eq!(refused.out, "");
    // Another seed, too: the seeds of a folder are one experiment's.
    let refused = run("other", &["--seeds", "1"]);
    assert_eq!(refused.code, Some(65), "{refused:?}");

    let again = run("one", &[]);
    assert!(again.err.contains("already finished"), "{again:?}");
    // The same files under another path are the same data.
    std::fs::rename(folder.path().join("one"), folder.path().join("moved")).unwrap();
    assert!(run("moved", &[]).err.contains("already finished"));

    // Where there are no data the run is shown, and that they were not compared is said.
    let unread = run("nowhere", &[]);
    assert_eq!(unread.code, Some(0), "{unread:?}");
    assert!(
        unread.err.contains("without checking the data"),
        "{unread:?}"
    );
    assert!(unread.out.contains("exp/flex-seed0"), "{unread:?}");
    assert_eq!(run("nowhere", &["--seeds", "0,1"]).code, Some(65));

    // Replaced in place.
    write_images(&folder.path().join("moved"), 17);
    assert_eq!(run("moved", &[]).code, Some(65));
    assert_eq!(run("moved", &["--overwrite"]).code, Some(0));
    assert_ne!(folder.record("exp/flex-seed0")["digest"], first);
}

#[test]
fn a_sweep_averages_over_one_data_set() {
    let folder = folder_with_two_data_sets();
    let sweep = |seeds: &str| {
        format!(
            r#"{{ "base": "exp.json", "seeds": {seeds},
                  "grid": {{ "optimizer.sgd.learning_rate": [0.2] }} }}"#
        )
    };
    folder.write("sweep.json", sweep("[0]"));
    folder.succeed(&["sweep", "run", "sweep.json", "--data-dir", "one"]);
    folder.write("sweep.json", sweep("[0, 1]"));
    let status = folder.succeed(&["sweep", "status", "sweep.json", "--data-dir", "other"]);
    assert!(status.out.contains("0 of 2 runs are done"), "{status:?}");
    let status = folder.succeed(&["sweep", "status", "sweep.json", "--data-dir", "one"]);
    assert!(status.out.contains("1 of 2 runs are done"), "{status:?}");
    let run = folder.hearth(&["sweep", "run", "sweep.json", "--data-dir", "other"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.err.contains("the data differ"), "{run:?}");

    // Two in one folder all the same, as an earlier version left them.
    let name = "exp+optimizer.sgd.learning_rate=0.2";
    let other = ["--out", "elsewhere", "--data-dir", "other"];
    folder.succeed(&[&["sweep", "run", "sweep.json"][..], &other].concat());
    let results = folder.path().join("results").join(name).join("flex-seed1");
    std::fs::rename(
        folder
            .path()
            .join("elsewhere")
            .join(name)
            .join("flex-seed1"),
        &results,
    )
    .unwrap();
    for data in ["one", "nowhere"] {
        let arguments = [
            "sweep",
            "collect",
            "sweep.json",
            "--json",
            "--data-dir",
            data,
        ];
        let collected = folder.succeed(&arguments);
        let row: Value = serde_json::from_str(&collected.out).unwrap();
        assert_eq!(row["runs"], 1, "{collected:?}");
    }
    let compared = folder.hearth(&["diff", &format!("results/{name}"), "elsewhere"]);
    assert_eq!(compared.code, Some(2), "{compared:?}");
}

#[test]
fn one_config_is_one_run_however_it_is_written() {
    let folder = Folder::new();
    let (rate, epochs) = ("optimizer.adam.learning_rate=0.05", "training.epochs=1");
    let expected = "small+optimizer.adam.learning_rate=0.05+training.epochs=1";
    folder.succeed(&["run", "small.json", "--set", rate, "--set", epochs]);
    for overrides in [
        [epochs, rate],
        ["optimizer.adam.learning_rate=5e-2", epochs],
        [epochs, "optimizer.adam.learning_rate=0.050"],
    ] {
        let [one, other] = overrides;
        let again = folder.succeed(&["run", "small.json", "--set", one, "--set", other]);
        assert!(again.err.contains("already finished"), "{again:?}");
    }
    assert_eq!(experiments(&folder), [expected]);
}

#[test]
fn a_finished_run_is_found_by_any_name() {
    let folder = Folder::new();
    folder.succeed(&["run", "small.json", "--name", "first"]);
    assert_eq!(folder.record("first/flex-seed0")["experiment"], "first");
    let again = folder.succeed(&["run", "small.json"]);
    assert!(
        again
            .err
            .contains("already finished in results/first/flex-seed0"),
        "{again:?}"
    );
    assert!(again.out.contains("results/first/flex-seed0"), "{again:?}");
    // Keys that decide nothing make no other run.
    let config = folder.read("small.json");
    let config = config.replacen('{', r#"{ "about": "x", "expect": {},"#, 1);
    folder.write("copied.json", config);
    let again = folder.succeed(&["run", "copied.json", "--set", "training.shuffle=true"]);
    assert!(
        again.err.contains("already finished in results/first"),
        "{again:?}"
    );
    assert_eq!(experiments(&folder), ["first"]);
    for name in ["a/b", "..", "", "x y"] {
        let refused = folder.hearth(&["run", "small.json", "--name", name]);
        assert_eq!(refused.code, Some(2), "{refused:?}");
        assert!(refused.err.contains("--name"), "{refused:?}");
    }
}

#[test]
fn a_key_that_came_later_makes_no_other_run() {
    let folder = Folder::new();
    folder.succeed(&["run", "small.json"]);
    // As a version would have written it that did not have these keys yet.
    let path = folder.path().join("results/small/flex-seed0/result.json");
    let mut record = folder.record("small/flex-seed0");
    for key in ["shuffle", "clip_global_norm", "early_stopping"] {
        let training = record["config"]["training"].as_object_mut().unwrap();
        assert!(training.remove(key).is_some());
    }
    std::fs::write(path, record.to_string()).unwrap();
    folder.seal("results/small/flex-seed0");
    let again = folder.succeed(&["run", "small.json"]);
    assert!(again.err.contains("already finished"), "{again:?}");
    let other = folder.hearth(&["run", "small.json", "--set", "training.shuffle=false"]);
    assert!(!other.err.contains("already finished"), "{other:?}");
}

#[test]
fn seeds_of_different_configs_are_not_put_together() {
    let folder = Folder::new();
    folder.succeed(&["run", "small.json"]);
    let edited = folder.read("small.json").replace("0.003", "0.3");
    folder.write("small.json", &edited);
    let refused = folder.hearth(&["run", "small.json", "--seeds", "1,2"]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(
        refused
            .err
            .contains("results/small/flex-seed0: holds a run with another config"),
        "{refused:?}"
    );
    assert!(!folder.path().join("results/small/flex-seed1").exists());
    // Overwriting some of the seeds would leave the others.
    let partly = folder.hearth(&["run", "small.json", "--seeds", "1", "--overwrite"]);
    assert_eq!(partly.code, Some(2), "{partly:?}");
    folder.succeed(&["run", "small.json", "--seeds", "0,1", "--overwrite"]);
}

#[test]
fn two_configs_of_one_name_are_refused_before_anything_runs() {
    let folder = Folder::new();
    let config = folder.read("small.json");
    folder.write("a/x.json", &config);
    folder.write("b/x.json", config.replace("0.003", "0.3"));
    for more in [&[][..], &["--overwrite"]] {
        let refused = folder.hearth(&[&["run", "a/x.json", "b/x.json"][..], more].concat());
        assert_eq!(refused.code, Some(2), "{refused:?}");
        assert!(refused.err.contains("b/x.json"), "{refused:?}");
        assert!(!folder.path().join("results").exists());
    }
    // The same config twice is one run.
    folder.write("b/x.json", config);
    let twice = folder.succeed(&["run", "a/x.json", "b/x.json"]);
    assert!(twice.err.contains("already finished"), "{twice:?}");
}

#[test]
fn a_name_too_long_for_a_folder_is_cut() {
    let folder = Folder::new();
    let optimizer = json!({ "adam": {
        "learning_rate": 0.0012345678901, "beta_1": 0.912345678901, "beta_2": 0.99912345678901,
        "epsilon": 1.2345678901e-7
    } });
    let grid = json!({
        "optimizer": [optimizer, { "sgd": {} }],
        "training.l1": [0.000012345678901], "training.l2": [0.000012345678901],
        "training.clip_global_norm": [1.2345678901],
        "data.synthetic_digits.validation_fraction": [0.212345678901],
        "model.dropout_mlp.dropout": [0.312345678901]
    });
    let sweep = json!({ "base": "small.json", "set": { "training.epochs": 1 }, "grid": grid });
    folder.write("sweep.json", sweep.to_string());
    let run = folder.succeed(&["sweep", "run", "sweep.json"]);
    assert!(run.out.contains("2 of 2 runs are done"), "{run:?}");
    let names = experiments(&folder);
    assert_eq!(names.len(), 2);
    assert!(names.iter().all(|name| name.len() <= 200), "{names:?}");
    assert!(names.iter().any(|name| name.len() == 200), "{names:?}");
    let again = folder.succeed(&["sweep", "run", "sweep.json"]);
    assert_eq!(
        (again.err.as_str(), again.out.as_str()),
        ("", "2 of 2 runs are done\n")
    );
    assert_eq!(experiments(&folder), names);
}

#[test]
fn an_edited_base_renames_no_member() {
    let folder = Folder::new();
    let sweep = json!({
        "base": "small.json", "set": { "training.epochs": 1 },
        "grid": { "optimizer.adam.learning_rate": [0.001, 0.003] }
    });
    folder.write("sweep.json", sweep.to_string());
    let planned = folder.succeed(&["sweep", "plan", "sweep.json"]).out;
    let base = folder.read("small.json");
    folder.write("small.json", base.replace("0.003", "0.001"));
    assert_eq!(
        folder.succeed(&["sweep", "plan", "sweep.json"]).out,
        planned
    );
}

#[test]
fn records_of_the_version_before_are_migrated() {
    let folder = Folder::new();
    folder.succeed(&["run", "small.json"]);
    let path = folder.path().join("results/small/flex-seed0/result.json");
    let now = folder.record("small/flex-seed0");
    let mut before = now.clone();
    for key in ["files", "seal"] {
        before.as_object_mut().unwrap().remove(key);
    }
    before["schema_version"] = json!(3);
    // The hash of the result alone.
    let run = record::RunFolder::at(folder.path().join("results/small/flex-seed0"));
    let result = run.read().unwrap().unwrap().result;
    before["digest"] = json!(record::digest_of(&result).unwrap());
    std::fs::write(&path, before.to_string()).unwrap();
    let refused = folder.hearth(&["evaluate", "results/small/flex-seed0"]);
    assert_eq!(refused.code, Some(65), "{refused:?}");
    assert!(refused.err.contains("hearth migrate"), "{refused:?}");

    let migrated = folder.succeed(&["migrate"]);
    assert_eq!(migrated.out, "migrated 1 record\n");
    assert_eq!(folder.record("small/flex-seed0"), now);
    assert_eq!(folder.succeed(&["migrate"]).out, "migrated 0 records\n");
    let again = folder.succeed(&["run", "small.json"]);
    assert!(again.err.contains("already finished"), "{again:?}");

    // One that was changed stays as it is.
    before["result"]["parameters"] = json!(7);
    std::fs::write(&path, before.to_string()).unwrap();
    let damaged = folder.hearth(&["migrate", "results"]);
    assert_eq!(damaged.code, Some(65), "{damaged:?}");
    assert!(damaged.err.contains("digest mismatch"), "{damaged:?}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), before.to_string());
}
