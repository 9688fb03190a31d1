//! A person's own data: images, tables and texts from the first look to a prediction.

mod broken;

use image::{GrayImage, ImageFormat, Luma};
use serde_json::{Value, json};

use crate::hearth::{Folder, copy};

/// An image of a bright bar, upright or flat.
fn bar(is_upright: bool, at: u32) -> GrayImage {
    GrayImage::from_fn(12, 12, |x, y| {
        let place = if is_upright { x } else { y };
        Luma([if place == at { 250 } else { 10 }])
    })
}

fn png(picture: &GrayImage) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn write_images(folder: &Folder) {
    for at in 0..12 {
        folder.write(&format!("bars/flat/{at:02}.png"), png(&bar(false, at)));
        folder.write(&format!("bars/upright/{at:02}.png"), png(&bar(true, at)));
    }
}

/// Rows of two columns of numbers and one of texts. Every fourth row is of the rarer class.
fn table(rows: usize) -> String {
    let mut table = "size,weight,colour,kind\n".to_owned();
    for row in 0..rows {
        let (kind, base) = if row % 4 == 0 {
            ("plum", 3)
        } else {
            ("melon", 20)
        };
        let colour = ["green", "red"][row % 2];
        table += &format!(
            "{},{}.5,{colour},{kind}\n",
            base + row % 3,
            10 * base + row % 7
        );
    }
    table
}

fn lines(count: usize) -> String {
    let line = |index: usize| {
        let (kind, said) = [("ham", "see you at noon"), ("spam", "win a prize now")][index % 2];
        json!({ "mail": format!("{said}, it is the day {index} of the year"), "kind": kind })
    };
    (0..count)
        .map(|index| format!("{}\n", line(index)))
        .collect()
}

#[test]
fn init_says_why_it_writes_no_config() {
    let folder = Folder::new();
    folder.write("fruit.csv", table(80));
    folder.write("three.csv", "x,y,kind\n1,2,a\n2,3,b\n3,4,a\n");
    folder.write("dates.csv", {
        let rows =
            (0..60).map(|row| format!("2024-01-{:02},{},{}\n", row % 28 + 1, row % 3, row % 2));
        "when,x,class\n".to_owned() + &rows.collect::<String>()
    });
    for (arguments, code, problem) in [
        (
            &["init", "fruit.csv", "--to", "absent/fruit.json"][..],
            2,
            "absent: no such folder; create it, or name another file with --to",
        ),
        (
            &["init", "three.csv", "--label", "kind"][..],
            65,
            "three.csv: 3 examples; at least 20 are needed",
        ),
    ] {
        let refused = folder.hearth(arguments);
        assert_eq!(refused.code, Some(code), "{refused:?}");
        assert!(refused.err.contains(problem), "{refused:?}");
    }
    assert!(!folder.path().join("three.json").exists());
    let done = folder.succeed(&["init", "dates.csv"]);
    assert!(
        done.out
            .contains("not read, as values hardly ever repeat or are all missing: `when`"),
        "{done:?}"
    );
    folder.succeed(&["data", "describe", "dates.json"]);
}

#[test]
fn from_a_look_to_a_prediction() {
    let folder = Folder::new();
    write_images(&folder);
    folder.write("fruit.csv", table(80));
    folder.write("mails.jsonl", lines(80));
    for (data, name) in [
        ("bars", "bars"),
        ("fruit.csv", "fruit"),
        ("mails.jsonl", "mails"),
    ] {
        let config = format!("configs/{name}.json");
        std::fs::create_dir_all(folder.path().join("configs")).unwrap();
        let done = folder.succeed(&["init", data, "--to", &config]);
        assert!(done.out.contains("hearth run configs/"), "{done:?}");
        let again = folder.hearth(&["init", data, "--to", &config]);
        assert_eq!(again.code, Some(2), "{again:?}");
        let described = folder.succeed(&["data", "describe", &config, "--json"]);
        let described: Value = serde_json::from_str(&described.out).unwrap();
        assert_eq!(described["name"], name);
        assert!(
            described["classes"][0]["test"].as_u64() > Some(0),
            "{described}"
        );
        let shown = folder.succeed(&["data", "describe", &config]).out;
        assert!(shown.contains("Always answering `"), "{shown}");
        folder.succeed(&[
            "run",
            &config,
            "--seeds",
            "0,1",
            "--set",
            "training.epochs=3",
        ]);
        // All seeds are tested on the same examples.
        let run = format!("results/{name}+training.epochs=3/flex-seed0");
        let record =
            |seed: u64| folder.record(&format!("{name}+training.epochs=3/flex-seed{seed}"));
        let test = |seed: u64| record(seed)["result"]["data"]["test"].clone();
        assert_eq!(test(0), test(1));
        // The data are found again from the run's folder, also when everything is moved.
        folder.succeed(&["evaluate", &run]);
        assert_eq!(record(0)["run"]["config_folder"], "../../../configs");
    }
    let run = |name: &str| format!("results/{name}+training.epochs=3/flex-seed0");
    let answers = |arguments: &[&str]| -> Vec<Value> {
        let done = folder.succeed(arguments);
        done.out
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    };
    let found = answers(&["predict", &run("bars"), "--json", "--image", "bars/flat"]);
    assert_eq!(found.len(), 12);
    assert!(found[0]["probabilities"]["upright"].is_f64());
    let none = folder.hearth(&["predict", &run("bars"), "--image", "absent/*.png"]);
    assert_eq!(none.code, Some(65), "{none:?}");
    assert!(none.out.contains("absent/*.png  -"), "{none:?}");
    let header = table(80).lines().next().unwrap().to_owned();
    folder.write("header.csv", header);
    let none = folder.hearth(&["predict", &run("fruit"), "--csv", "header.csv"]);
    assert_eq!((none.code, none.out.as_str()), (Some(65), ""), "{none:?}");
    assert!(
        none.err.contains("header.csv: no rows below the header"),
        "{none:?}"
    );
    let found = answers(&["predict", &run("fruit"), "--json", "--csv", "fruit.csv"]);
    assert_eq!(found.len(), 80);
    assert_eq!(found[79]["row"], "fruit.csv:81");
    let found = answers(&["predict", &run("mails"), "--json", "--text", "win a prize"]);
    assert_eq!(
        (&found[0]["words"], &found[0]["unknown_words"]),
        (&json!(3), &json!(0))
    );
    folder.write("mail.txt", "see you");
    let found = answers(&[
        "predict",
        &run("mails"),
        "--json",
        "--text-file",
        "mail.txt",
    ]);
    assert_eq!(found[0]["text"], "mail.txt");
}

fn experiment(data: &Value) -> Value {
    let kind = data.as_object().unwrap().keys().next().unwrap();
    let model = if kind == "texts" {
        json!({ "embedding_classifier": {
            "embedding": 4, "embedding_dropout": 0, "hidden": 4, "hidden_dropout": 0
        } })
    } else {
        json!({ "dropout_mlp": { "hidden": [4], "dropout": 0 } })
    };
    json!({
        "data": data,
        "model": model,
        "optimizer": { "adam": {} },
        "training": { "epochs": 1 }
    })
}

fn fruit(more: Value) -> Value {
    let mut keys = json!({ "train": "fruit.csv", "label": "kind", "test_fraction": 0.25 });
    keys.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    json!({ "table": keys })
}

#[test]
fn a_constant_added_to_test_rows_does_not_change_training() {
    let folder = Folder::new();
    folder.write("fruit.csv", table(80));
    let run = |name: &str, train: &str, test: &str| {
        folder.write("train.csv", train);
        folder.write("test.csv", test);
        let data =
            json!({ "table": { "train": "train.csv", "test": "test.csv", "label": "kind" } });
        folder.write(&format!("{name}.json"), experiment(&data).to_string());
        folder.succeed(&["run", &format!("{name}.json")]);
        let weights = format!("results/{name}/flex-seed0/model.safetensors");
        let record = folder.record(&format!("{name}/flex-seed0"));
        (
            std::fs::read(folder.path().join(weights)).unwrap(),
            record["result"].clone(),
        )
    };
    let shifted = table(20).replace(".5,", "9.5,");
    let (weights, result) = run("plain", &table(80), &table(20));
    let (same_weights, other) = run("shifted", &table(80), &shifted);
    assert_eq!(weights, same_weights);
    assert_eq!(result["epochs"], other["epochs"]);
    assert_eq!(result["data"]["train"], other["data"]["train"]);
    assert_ne!(result["data"]["test"], other["data"]["test"]);
}

#[test]
fn a_moved_project_and_another_path_are_the_same_run() {
    let folder = Folder::new();
    folder.write("a/fruit.csv", table(80));
    folder.write("a/exp.json", experiment(&fruit(json!({}))).to_string());
    folder.succeed(&["run", "a/exp.json"]);
    std::fs::rename(folder.path().join("a"), folder.path().join("b")).unwrap();
    let again = folder.succeed(&["run", "b/exp.json"]);
    assert!(again.err.contains("skipped"), "{again:?}");
    // The same data in another place and form.
    folder.write(
        "b/copy.csv",
        format!("\u{feff}{}", table(80).replace('\n', "\r\n")),
    );
    let set = "data.table.train=copy.csv";
    let again = folder.succeed(&["run", "b/exp.json", "--set", set]);
    assert!(again.err.contains("skipped"), "{again:?}");
    // The same numbers with another name for a class, or for a column, are another run.
    for (old, new) in [("plum", "prune"), ("weight", "mass")] {
        folder.write("b/renamed.csv", table(80).replace(old, new));
        let set = "data.table.train=renamed.csv";
        let out = format!("out-{new}");
        let run = folder.succeed(&["run", "b/exp.json", "--set", set, "--out", &out]);
        assert!(!run.err.contains("skipped"), "{run:?}");
        let other = folder.hearth(&["run", "b/exp.json", "--set", set, "--name", "exp"]);
        assert_eq!(other.code, Some(65), "{other:?}");
    }
    // Other data under the same name.
    folder.write("b/fruit.csv", table(81));
    let other = folder.hearth(&["run", "b/exp.json"]);
    assert_eq!(other.code, Some(65), "{other:?}");
    assert!(other.err.contains("the data differ"), "{other:?}");
    // Results copied without the project find the data where they are told to.
    let from = folder.path().join("results/exp/flex-seed0");
    let to = folder.path().join("elsewhere/run");
    copy(&from, &to);
    folder.write("c/fruit.csv", table(80));
    let lost = folder.hearth(&["evaluate", "elsewhere/run"]);
    assert_eq!(lost.code, Some(65), "{lost:?}");
    assert!(lost.err.contains("--config-dir"), "{lost:?}");
    folder.succeed(&["evaluate", "elsewhere/run", "--config-dir", "c"]);
    folder.succeed(&["verify", "elsewhere/run", "--config-dir", "c"]);
    // An evaluation of the run asks for its own data.
    let other = folder.hearth(&["evaluate", "results/exp/flex-seed0"]);
    assert_eq!(other.code, Some(65), "{other:?}");
    assert_eq!(other.err.lines().count(), 1, "{other:?}");
}
