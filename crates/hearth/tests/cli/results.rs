use crate::hearth::{CONFIG, Folder};

#[test]
fn a_run_leaves_a_folder_that_explains_itself() {
    let folder = Folder::new();
    let done = folder.succeed(&["run", "small.json"]);
    assert!(done.out.contains("small"), "{done:?}");
    // Not on a terminal: a line per epoch with both splits, then what is remarkable.
    let epochs = done
        .err
        .lines()
        .filter(|line| !line.starts_with("hearth: "));
    let epochs: Vec<&str> = epochs.collect();
    assert_eq!(epochs.len(), 2, "{done:?}");
    assert!(
        epochs
            .iter()
            .all(|line| line.contains("train loss") && line.contains("validation loss"))
    );

    let record = folder.record("small/flex-seed0");
    assert_eq!(record["schema_version"], 4);
    assert_eq!(record["experiment"], "small");
    assert_eq!(
        record["config"]["optimizer"]["adam"]["epsilon"], 1e-7,
        "defaults are filled in"
    );
    let result = &record["result"];
    assert_eq!(result["status"], "completed");
    assert_eq!(result["parameters"], 785 * 32 + 33 * 16 + 17 * 10);
    assert_eq!(result["data"]["source"], "synthetic digits");
    assert_eq!(result["data"]["train"]["examples"], 400);
    assert_eq!(result["data"]["validation"]["examples"], 100);
    assert!(
        result["test"]["correct"]
            .as_str()
            .unwrap()
            .starts_with("100:")
    );
    assert_eq!(record["run"]["backend"], "flex");
    assert_eq!(record["run"]["versions"]["burn"], "0.22.1");
    assert!(
        record["run"]["versions"]["rustc"]
            .as_str()
            .unwrap()
            .starts_with("rustc 1.")
    );
    assert!(record["run"]["peak_memory_bytes"].as_u64().unwrap() > 1 << 20);

    let metrics = folder.read("results/small/flex-seed0/metrics.jsonl");
    let lines: Vec<serde_json::Value> = metrics
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    for (line, epoch) in lines.iter().zip(result["epochs"].as_array().unwrap()) {
        assert_eq!(line["train"], epoch["train"]);
        assert_eq!(line["validation"], epoch["validation"]);
        assert!(line["train_s"].as_f64().unwrap() > 0.0);
    }
    let config: serde_json::Value =
        serde_json::from_str(&folder.read("results/small/flex-seed0/config.json")).unwrap();
    assert_eq!(config, record["config"]);
}

#[test]
fn the_weights_are_a_safetensors_file_with_the_models_names() {
    let folder = Folder::new();
    folder.succeed(&["run", "small.json"]);
    let bytes = std::fs::read(
        folder
            .path()
            .join("results/small/flex-seed0/model.safetensors"),
    )
    .unwrap();
    let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let mut shapes: Vec<(String, Vec<usize>)> = tensors
        .tensors()
        .into_iter()
        .map(|(name, view)| (name, view.shape().to_vec()))
        .collect();
    shapes.sort();
    let expected = [
        ("hidden.0.bias", vec![32]),
        ("hidden.0.weight", vec![784, 32]),
        ("hidden.1.bias", vec![16]),
        ("hidden.1.weight", vec![32, 16]),
        ("output.bias", vec![10]),
        ("output.weight", vec![16, 10]),
    ];
    assert_eq!(
        shapes,
        expected.map(|(name, shape)| (name.to_owned(), shape))
    );
}

#[test]
fn the_same_seed_gives_the_same_bytes_for_any_number_of_threads() {
    let folder = Folder::new();
    // Large enough for matrix products that do split themselves.
    let big = [
        "--set",
        "model.dropout_mlp.hidden=[256,128]",
        "--set",
        "training.batch_size=200",
    ];
    for backend in ["flex", "ndarray"] {
        let mut results = Vec::new();
        for (out, threads) in [("one", "1"), ("two", "2"), ("again", "2")] {
            let mut arguments = vec![
                "run",
                "small.json",
                "--backend",
                backend,
                "--out",
                out,
                "--threads",
                threads,
            ];
            arguments.extend(big);
            folder.succeed(&arguments);
            let name = "small+model.dropout_mlp.hidden=256_128+training.batch_size=200";
            let run = format!("{out}/{name}/{backend}-seed0/result.json");
            let record: serde_json::Value = serde_json::from_str(&folder.read(&run)).unwrap();
            results.push((record["digest"].clone(), record["result"].to_string()));
        }
        assert_eq!(results[0], results[1], "{backend}");
        assert_eq!(results[1], results[2], "{backend}");
    }
}

#[test]
fn backends_and_seeds_differ_as_they_should() {
    let folder = Folder::new();
    folder.succeed(&["run", "small.json", "--seeds", "0..2"]);
    folder.succeed(&["run", "small.json", "--backend", "ndarray"]);
    let loss = |run: &str| {
        folder.record(run)["result"]["epochs"][0]["train"]["loss"]
            .as_f64()
            .unwrap()
    };
    let flex = loss("small/flex-seed0");
    let ndarray = loss("small/ndarray-seed0");
    assert!(
        (flex - ndarray).abs() < 1e-4 * flex,
        "{flex}, {ndarray}: only rounding differs"
    );
    assert!((flex - loss("small/flex-seed1")).abs() > 1e-3 * flex);
}

#[test]
fn a_finished_run_is_not_run_again_and_another_config_not_mixed_in() {
    let folder = Folder::new();
    folder.succeed(&["run", "small.json"]);
    let first = folder.read("results/small/flex-seed0/result.json");

    // Prose changes no number.
    folder.write(
        "small.json",
        CONFIG.replacen('{', r#"{ "about": "another text","#, 1),
    );
    let again = folder.succeed(&["run", "small.json"]);
    assert!(
        again.err.contains("already finished in results/") && again.err.contains("skipped"),
        "{again:?}"
    );
    assert_eq!(folder.read("results/small/flex-seed0/result.json"), first);

    folder.write("small.json", CONFIG.replace("0.003", "0.004"));
    let other = folder.hearth(&["run", "small.json"]);
    assert_eq!(other.code, Some(2), "{other:?}");
    assert!(
        other.err.contains("another config") && other.err.contains("--overwrite"),
        "{other:?}"
    );
    assert_eq!(folder.read("results/small/flex-seed0/result.json"), first);

    folder.succeed(&["run", "small.json", "--overwrite"]);
    let record = folder.record("small/flex-seed0");
    assert_eq!(
        record["config"]["optimizer"]["adam"]["learning_rate"],
        0.004
    );
}

#[test]
fn overrides_make_an_experiment_of_their_own() {
    let folder = Folder::new();
    folder.succeed(&[
        "run",
        "small.json",
        "--set",
        "training.epochs=1",
        "--set",
        "optimizer.adam.learning_rate=0.003",
    ]);
    // The second changes nothing, so it is not in the name.
    let record = folder.record("small+training.epochs=1/flex-seed0");
    assert_eq!(record["experiment"], "small+training.epochs=1");
    assert_eq!(record["result"]["epochs"].as_array().unwrap().len(), 1);
}

#[test]
fn an_expectation_that_does_not_hold_fails_with_its_margin() {
    let folder = Folder::new();
    folder.write("hopeful.json", CONFIG.replacen('{', r#"{ "expect": { "test.accuracy": { "at_least": 1.0 }, "test.loss": { "at_most": 100 } },"#, 1));
    for _ in 0..2 {
        // Also when the run is there already.
        let done = folder.hearth(&["run", "hopeful.json"]);
        assert_eq!(done.code, Some(1), "{done:?}");
        assert!(
            done.err.contains("expected at least 1: short by 0."),
            "{done:?}"
        );
        assert!(!done.err.contains("test.loss"), "{done:?}");
    }
    folder.write(
        "modest.json",
        CONFIG.replacen(
            '{',
            r#"{ "expect": { "validation.accuracy": { "at_least": 0.01 } },"#,
            1,
        ),
    );
    folder.succeed(&["run", "modest.json"]);
}

#[test]
fn expectations_are_about_the_config_as_it_is_written() {
    let folder = Folder::new();
    let config = CONFIG.replacen(
        '{',
        r#"{ "expect": { "test.accuracy": { "at_least": 1.0 } },"#,
        1,
    );
    folder.write("hopeful.json", config);
    let shorter = ["run", "hopeful.json", "--set", "training.epochs=1"];
    let done = folder.hearth(&shorter);
    assert_eq!(done.code, Some(0), "{done:?}");
    assert!(
        done.err.contains("expected at least 1: short by 0.")
            && done
                .err
                .contains("(not required, as --set changes the config; --expect requires it)"),
        "{done:?}"
    );
    // Asked for, or set for the changed config itself.
    for more in [
        vec!["--expect"],
        vec!["--set", "expect.test.accuracy.at_least=0.999"],
    ] {
        let done = folder.hearth(&[&shorter[..], &more].concat());
        assert_eq!(done.code, Some(1), "{done:?}");
        assert!(!done.err.contains("not required"), "{done:?}");
    }
    let done = folder.succeed(&["run", "hopeful.json", "--set", "expect=null"]);
    assert!(!done.err.contains("expected"), "{done:?}");
}

#[test]
fn a_run_that_diverges_says_where_and_stays_valid_json() {
    let folder = Folder::new();
    folder.write(
        "wild.json",
        CONFIG.replace(
            r#""adam": { "learning_rate": 0.003 }"#,
            r#""sgd": { "learning_rate": 1e30 }"#,
        ),
    );
    let done = folder.hearth(&["run", "wild.json", "small.json"]);
    assert_eq!(done.code, Some(1), "{done:?}");
    assert!(done.err.contains("diverged in epoch 1, step 2"), "{done:?}");
    let record = folder.record("wild/flex-seed0");
    assert_eq!(record["result"]["status"], "diverged");
    assert_eq!(
        record["result"]["diverged"],
        serde_json::json!({ "epoch": 1, "step": 2 })
    );
    assert!(record["result"].get("test").is_none());
    assert!(!record["result"].to_string().contains("null"));
    // The runs after it go on.
    assert_eq!(
        folder.record("small/flex-seed0")["result"]["status"],
        "completed"
    );
    let list = folder.succeed(&["list"]);
    assert!(
        list.out.contains("diverged") && list.out.contains("completed"),
        "{list:?}"
    );
}

#[test]
fn list_shows_what_is_there() {
    let folder = Folder::new();
    folder.succeed(&["run", "small.json", "--seeds", "0,1"]);
    let table = folder.succeed(&["list"]).out;
    assert_eq!(table.lines().count(), 3, "{table}");
    assert!(
        table.lines().next().unwrap().starts_with("experiment"),
        "{table}"
    );
    let json = folder.succeed(&["list", "--json"]).out;
    let seeds: Vec<serde_json::Value> = json
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["seed"].clone())
        .collect();
    assert_eq!(seeds, [0, 1]);
}

#[test]
fn a_record_that_was_changed_or_is_of_another_version_is_noticed() {
    let folder = Folder::new();
    folder.succeed(&["run", "small.json"]);
    let path = "results/small/flex-seed0/result.json";
    let good = folder.read(path);
    let changed = good.replacen("\"parameters\": 25", "\"parameters\": 26", 1);
    assert_ne!(changed, good);
    let other = good.replacen("\"schema_version\": 4", "\"schema_version\": 1", 1);
    for (text, expected) in [
        (changed, "digest mismatch"),
        (other, "schema 1, this one reads 4"),
        (good[..good.len() / 2].to_owned(), "not a result"),
    ] {
        folder.write(path, &text);
        for arguments in [&["list"][..], &["run", "small.json"][..]] {
            let done = folder.hearth(arguments);
            assert_eq!(done.code, Some(65), "{done:?}");
            assert!(done.err.contains(expected), "{done:?}");
        }
        assert_eq!(folder.read(path), text);
    }
    folder.succeed(&["run", "small.json", "--overwrite"]);
    let again: serde_json::Value = serde_json::from_str(&folder.read(path)).unwrap();
    let good: serde_json::Value = serde_json::from_str(&good).unwrap();
    assert_eq!(again["digest"], good["digest"]);
}
