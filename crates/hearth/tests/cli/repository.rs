//! What is committed beside the code fits the code.

use crate::hearth::{Folder, repository};

#[test]
fn the_committed_schema_is_the_programs() {
    let folder = Folder::new();
    for kind in ["experiment", "sweep"] {
        let printed = folder.succeed(&["schema", kind]).out;
        let path = repository().join(format!("schemas/{kind}.json"));
        let committed = std::fs::read_to_string(path).unwrap();
        assert!(
            committed == printed,
            "renew it: hearth schema {kind} > schemas/{kind}.json"
        );
    }
}

#[test]
fn every_committed_config_is_accepted_and_names_the_schema() {
    let configs = repository().join("configs");
    let mut count = 0;
    for entry in std::fs::read_dir(&configs).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert!(
            configs.join(json["$schema"].as_str().unwrap()).exists(),
            "{}",
            path.display()
        );
        let checked = Folder::new().succeed(&["check", path.to_str().unwrap()]);
        let stem = path.file_stem().unwrap().to_str().unwrap();
        assert!(checked.out.starts_with(stem), "{checked:?}");
        count += 1;
    }
    assert!(count >= 5);
}

#[test]
fn every_committed_sweep_is_accepted_and_names_the_schema() {
    let sweeps = repository().join("configs/sweeps");
    let mut count = 0;
    for entry in std::fs::read_dir(&sweeps).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        let schema = sweeps.join(json["$schema"].as_str().unwrap());
        assert!(schema.exists(), "{}", path.display());
        let planned = Folder::new().succeed(&["sweep", "plan", path.to_str().unwrap()]);
        assert!(planned.out.lines().count() > 3, "{planned:?}");
        count += 1;
    }
    assert!(count >= 5, "{count} sweeps");
}

#[test]
fn the_quickstarts_hold_their_own_expectations() {
    let folder = Folder::new();
    for (name, source) in [
        ("quickstart", "synthetic digits"),
        ("quickstart-reviews", "synthetic reviews"),
    ] {
        let config = repository().join(format!("configs/{name}.json"));
        folder.succeed(&["run", config.to_str().unwrap()]);
        let record = folder.record(&format!("{name}/flex-seed0"));
        assert_eq!(record["result"]["data"]["source"], source);
    }
}

#[test]
fn summary_shows_layers_and_the_notebooks_total() {
    let folder = Folder::new();
    let perceptron = ["Total parameters: 118,282", "(batch, 128)"];
    let classifier = ["2,560,000", "32,896", " 129\n", "(batch, 200, 256)"];
    for (config, layers, parameters, says) in [
        ("mnist-hidden-sgd", 5, 118_282, &perceptron[..]),
        ("mnist-dropout-adam", 7, 118_282, &perceptron[..]),
        ("imdb-embedding", 7, 2_593_025, &classifier[..]),
    ] {
        let path = repository().join(format!("configs/{config}.json"));
        let path = path.to_str().unwrap();
        let shown = folder.succeed(&["summary", path]).out;
        for said in says {
            assert!(shown.contains(said), "no {said:?} in {shown}");
        }
        let json: serde_json::Value =
            serde_json::from_str(&folder.succeed(&["summary", path, "--json"]).out).unwrap();
        assert_eq!(json["layers"].as_array().unwrap().len(), layers);
        assert_eq!(json["parameters"], parameters);
    }
}

/// The figure a summary shows is the figure the trained model has.
#[test]
fn summary_counts_what_the_model_has() {
    let folder = Folder::new();
    folder.write("reviews.json", crate::reviews::CONFIG);
    folder.write("normed.json", crate::controls::NORMED);
    for name in ["small", "reviews", "normed"] {
        let config = format!("{name}.json");
        folder.succeed(&["run", &config]);
        let summary = folder.succeed(&["summary", &config, "--json"]).out;
        let summary: serde_json::Value = serde_json::from_str(&summary).unwrap();
        let record = folder.record(&format!("{name}/flex-seed0"));
        assert_eq!(
            summary["parameters"], record["result"]["parameters"],
            "{name}"
        );
    }
}

#[test]
fn every_command_explains_itself_with_an_example() {
    let folder = Folder::new();
    let help = folder.succeed(&["--help"]).out;
    for command in [
        "init",
        "run",
        "check",
        "summary",
        "list",
        "diff",
        "report",
        "verify",
        "migrate",
        "sweep",
        "evaluate",
        "predict",
        "gradcheck",
        "export",
        "data",
        "doctor",
        "schema",
    ] {
        assert!(help.contains(command), "{help}");
        let help = folder.succeed(&[command, "--help"]).out;
        let examples = ["Example: hearth ", "Examples:\n  hearth "];
        assert!(examples.iter().any(|text| help.contains(text)), "{help}");
    }
}
