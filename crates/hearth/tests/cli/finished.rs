//! What can be done with a finished run: evaluate and predict.

use std::io::Write;
use std::process::{Command, Stdio};

use datasets::{Location, Places};
use image::{GrayImage, ImageFormat};
use record::Outcomes;
use serde_json::Value;

use crate::hearth::{CONFIG, Folder};
use crate::reviews::{self, MEMBERS};

const RUN: &str = "results/small/flex-seed0";

/// The same training of a network whose layers stand in the config.
fn write_network(folder: &Folder) {
    let layers = r#"{ "sequential": [
        { "conv2d": { "filters": 8, "kernel": 3, "stride": 2 } }, "batch_norm", { "activation": "elu" },
        { "residual": [{ "conv2d": { "filters": 8, "kernel": 3, "padding": "same" } }, "layer_norm"] },
        "max_pool2d", "flatten", { "dropout": 0.2 }, { "dense": 16 }, "output" ] }"#;
    let named = r#"{ "dropout_mlp": { "hidden": [32, 16], "dropout": 0.3 } }"#;
    folder.write("network.json", CONFIG.replace(named, layers));
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// A command's output when its standard input is this.
fn fed(mut command: Command, input: &[u8]) -> (Option<i32>, String, String) {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || {
        // Whoever does not read it to its end has said why.
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    (
        output.status.code(),
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

#[test]
fn evaluate_reproduces_the_record() {
    let folder = Folder::new();
    write_network(&folder);
    folder.succeed(&["run", "small.json", "network.json"]);
    let results = ["small", "network"].map(|name| {
        let run = format!("{name}/flex-seed0");
        let record = folder.record(&run);
        (format!("results/{run}"), record["result"].clone())
    });
    let splits = results.iter().flat_map(|(run, result)| {
        let validation = &result["epochs"][1]["validation"];
        [
            (run, "test", &result["test"]),
            (run, "validation", validation),
        ]
    });
    for (run, split, expected) in splits {
        let shown = folder.succeed(&["evaluate", run, "--split", split, "--json"]);
        let shown = json(&shown.out);
        assert_eq!(shown["accuracy"], expected["accuracy"], "{split}");
        assert_eq!(shown["loss"], expected["loss"], "{split}");
        let counts = shown["confusion"].as_array().unwrap();
        let right: u64 = (0..10)
            .map(|class| counts[class][class].as_u64().unwrap())
            .sum();
        let accuracy = right as f64 / shown["examples"].as_f64().unwrap();
        assert_eq!(accuracy, shown["accuracy"].as_f64().unwrap());
    }
    let shown = folder.succeed(&["evaluate", RUN, "--split", "train"]).out;
    assert!(shown.starts_with("400 examples, loss "), "{shown}");
    assert!(
        shown.contains("precision") && shown.contains("class \\ answer"),
        "{shown}"
    );
}

#[test]
fn predictions_for_pictures_are_the_records_bits() {
    let folder = Folder::new();
    write_network(&folder);
    folder.succeed(&["run", "small.json", "network.json"]);
    let data = r#"{ "synthetic_digits": { "train_examples": 500, "test_examples": 100 } }"#;
    let data: datasets::Data = serde_json::from_str(data).unwrap();
    let places = Places {
        published: &Location::Offline,
        config_folder: folder.path(),
    };
    let test = data.load(&places, &mut |_| ()).unwrap().test;
    let names: Vec<String> = (0..100)
        .map(|index| format!("digit-{index:03}.png"))
        .collect();
    for (name, pixels) in names.iter().zip(test.bytes().unwrap().chunks(784)) {
        let picture = GrayImage::from_raw(28, 28, pixels.to_vec()).unwrap();
        let path = folder.path().join(name);
        picture.save_with_format(path, ImageFormat::Png).unwrap();
    }
    for name in ["small", "network"] {
        let run = format!("results/{name}/flex-seed0");
        let mut arguments = vec!["predict", &run, "--json", "--image"];
        arguments.extend(names.iter().map(String::as_str));
        let lines = folder.succeed(&arguments).out;
        let correct: Outcomes = lines
            .lines()
            .zip(test.labels())
            .map(|(line, label)| {
                let line = json(line);
                let class = line["class"].as_str().unwrap();
                let probabilities = line["probabilities"].as_object().unwrap();
                let sum: f64 = probabilities.values().map(|p| p.as_f64().unwrap()).sum();
                assert!((sum - 1.0).abs() < 1e-6, "{sum}");
                let most = probabilities.values().map(|p| p.as_f64().unwrap());
                assert_eq!(probabilities[class].as_f64(), most.reduce(f64::max));
                class == label.to_string()
            })
            .collect();
        let recorded = &folder.record(&format!("{name}/flex-seed0"))["result"]["test"]["correct"];
        assert_eq!(serde_json::to_value(correct).unwrap(), *recorded);
    }

    let shown = folder
        .succeed(&["predict", RUN, "--image", "digit-000.png"])
        .out;
    assert!(
        ["digit-000.png", "probability", "preprocessing"]
            .iter()
            .all(|words| shown.contains(words)),
        "{shown}"
    );
}

#[test]
fn predictions_for_texts_are_the_records_bits() {
    let folder = Folder::new();
    let (done, _) = reviews::run_on(&folder, &reviews::packed(&MEMBERS));
    assert_eq!(done.code, Some(0), "{done:?}");
    // In the order of the data set: by id and label.
    let texts = ["test/neg/0_", "test/pos/0_", "test/neg/1_", "test/pos/1_"].map(|beginning| {
        let mut members = MEMBERS.iter();
        let member = members.find(|(name, _)| name.starts_with(beginning));
        std::str::from_utf8(member.unwrap().1).unwrap()
    });
    let run = "results/imdb/flex-seed0";
    let mut arguments = vec!["predict", run, "--json"];
    arguments.extend(texts.iter().flat_map(|text| ["--text", text]));
    let from_arguments = folder.succeed(&arguments).out;
    let command = folder.command(&["predict", run, "--json"]);
    // A byte order mark is no part of the first word.
    let input = format!("\u{feff}{}\n", texts.join("\n"));
    let (code, from_input, _) = fed(command, input.as_bytes());
    assert_eq!(code, Some(0));
    assert_eq!(from_arguments, from_input);
    let recorded = &folder.record("imdb/flex-seed0")["result"]["test"]["correct"];
    let correct: Outcomes = from_input
        .lines()
        .zip(["negative", "positive"].into_iter().cycle())
        .map(|(line, label)| json(line)["class"] == label)
        .collect();
    assert_eq!(serde_json::to_value(correct).unwrap(), *recorded);

    // As many answers as lines: an empty line is a text, too, of which nothing is known.
    let command = folder.command(&["predict", run, "--json"]);
    let input = format!("{}\n\n{}\n", texts[0], texts[1]);
    let (code, out, err) = fed(command, input.as_bytes());
    assert_eq!(code, Some(65));
    assert_eq!(err, "hearth: ``: no word that the model knows\n");
    let lines: Vec<Value> = out.lines().map(json).collect();
    assert_eq!((lines.len(), &lines[1]["text"]), (3, &Value::from("")));
    assert!(lines[1].get("class").is_none() && lines[2]["words"].as_u64() > Some(0));
}

#[test]
fn the_real_reviews_get_the_records_answers() {
    let Some(data) = std::env::var_os("HEARTH_DATA_DIR") else {
        println!("skipped: HEARTH_DATA_DIR is not set");
        return;
    };
    let folder = Folder::new();
    let config = crate::hearth::repository().join("configs/imdb-embedding.json");
    let mut command = folder.command(&["run", config.to_str().unwrap()]);
    command.args(["--set", "training.epochs=1", "--set", "expect={}"]);
    command.arg("--data-dir").arg(&data);
    assert!(command.output().unwrap().status.success());

    let archive = std::path::Path::new(&data).join("imdb/aclImdb_v1.tar.gz");
    let unzipped = flate2::read::MultiGzDecoder::new(std::fs::File::open(archive).unwrap());
    let mut texts = Vec::new();
    for entry in tar::Archive::new(unzipped).entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().to_str().unwrap().to_owned();
        let Some(name) = name.strip_prefix("aclImdb/test/") else {
            continue;
        };
        let Some((label, Some((id, _)))) = name
            .split_once('/')
            .map(|(label, file)| (label.to_owned(), file.split_once('_')))
        else {
            continue;
        };
        let id: u32 = id.parse().unwrap();
        let mut text = String::new();
        std::io::Read::read_to_string(&mut entry, &mut text).unwrap();
        texts.push((id, label == "pos", text.replace('\n', " ")));
    }
    texts.sort();
    let input: String = texts.iter().flat_map(|(_, _, text)| [text, "\n"]).collect();
    let run = "results/imdb-embedding+training.epochs=1/flex-seed0";
    let command = folder.command(&["predict", run, "--json"]);
    let (code, out, _) = fed(command, input.as_bytes());
    assert_eq!(code, Some(0));
    assert_eq!(out.lines().count(), 25_000);
    let correct: Outcomes = out
        .lines()
        .zip(&texts)
        .map(|(line, (_, positive, _))| (json(line)["class"] == "positive") == *positive)
        .collect();
    let record = folder.record("imdb-embedding+training.epochs=1/flex-seed0");
    let recorded = &record["result"]["test"]["correct"];
    assert_eq!(serde_json::to_value(correct).unwrap(), *recorded);
}

#[test]
fn whatever_is_fed_gets_an_answer_or_one_clear_line() {
    let folder = Folder::new();
    folder.succeed(&["run", "small.json"]);
    folder.write("reviews.json", reviews::CONFIG);
    folder.succeed(&["run", "reviews.json"]);
    folder.write("empty.png", "");
    folder.write("text.png", "no picture");
    let blank = image::GrayImage::from_pixel(60, 60, image::Luma([255]));
    blank.save(folder.path().join("blank.png")).unwrap();
    let photograph = image::RgbImage::from_fn(1200, 900, |x, y| {
        image::Rgb([(x / 5) as u8, (y / 4) as u8, 128])
    });
    let path = folder.path().join("photograph.jpg");
    photograph
        .save_with_format(&path, ImageFormat::Jpeg)
        .unwrap();
    let bytes = std::fs::read(path).unwrap();
    folder.write("cut.jpg", &bytes[..300]);

    let reviews = "results/reviews/flex-seed0";
    for (arguments, code, says) in [
        (&["predict", RUN, "--image", "photograph.jpg"][..], 0, ""),
        (&["predict", RUN, "--image", "empty.png"], 65, "empty.png"),
        (&["predict", RUN, "--image", "text.png"], 65, "no picture"),
        (&["predict", RUN, "--image", "cut.jpg"], 65, "cut.jpg"),
        (&["predict", RUN, "--image", "none.png"], 74, "none.png"),
        (
            &["predict", RUN, "--image", "none*.png"],
            65,
            "no files there",
        ),
        (
            &["predict", RUN, "--image", "blank.png"],
            65,
            "nothing is drawn in it",
        ),
        (&["predict", RUN, "--csv", "blank.png"], 2, "--image"),
        (&["predict", RUN], 2, "--image"),
        (
            &["predict", reviews, "--image", "photograph.jpg"],
            2,
            "--text",
        ),
        (
            &["predict", reviews, "--text", ""],
            65,
            "no word that the model knows",
        ),
        (&["predict", "--text", "a witty plot", reviews], 0, ""),
        (&["predict", reviews, "--text", "- a witty plot"], 0, ""),
        (
            &["predict", reviews, "--text-file", "photograph.jpg"],
            65,
            "not UTF-8",
        ),
        (
            &["predict", reviews, "--text", "\u{1F3AC} \u{202E}!!"],
            65,
            "no word that the model knows",
        ),
        (
            &["predict", "results/none", "--image", "x"],
            2,
            "results/none: not found",
        ),
        (&["evaluate", reviews, "--split", "validation"], 0, ""),
    ] {
        let (found, _, err) = fed(folder.command(arguments), b"");
        assert_eq!(found, Some(code), "{arguments:?}: {err}");
        assert_eq!(
            err.lines().count(),
            usize::from(code != 0),
            "{arguments:?}: {err}"
        );
        assert!(err.contains(says), "{arguments:?}: {err}");
    }
    let command = || folder.command(&["predict", reviews]);
    for (input, says) in [
        (
            &b"good\nb\xffd\n"[..],
            "standard input: line 2 is not UTF-8",
        ),
        (b"", "standard input: no text"),
        (b"\n  \n", "standard input: no text"),
    ] {
        let (code, _, err) = fed(command(), input);
        assert_eq!(code, Some(65), "{err}");
        assert!(err.contains(says) && err.lines().count() == 1, "{err}");
    }
}

#[test]
fn a_run_that_is_not_whole_is_refused() {
    let folder = Folder::new();
    folder.succeed(&["run", "small.json"]);
    folder.write("reviews.json", reviews::CONFIG);
    folder.succeed(&["run", "reviews.json"]);
    let model = format!("{RUN}/model.safetensors");
    let whole = std::fs::read(folder.path().join(&model)).unwrap();
    folder.write(&model, &whole[..whole.len() - 4]);
    let other = "results/reviews/flex-seed0/model.safetensors";
    let other = std::fs::read(folder.path().join(other)).unwrap();
    let refused = |says: &str| {
        let done = folder.hearth(&["evaluate", RUN]);
        assert_eq!(done.code, Some(65), "{done:?}");
        assert_eq!(done.err.lines().count(), 1, "{done:?}");
        assert!(done.err.contains(says), "{done:?}");
    };
    refused("model.safetensors: not the file that the run wrote");
    folder.seal(RUN);
    refused("not a safetensors file");
    folder.write(&model, other);
    folder.seal(RUN);
    refused("no tensor `hidden.0.weight`");
    std::fs::remove_file(folder.path().join(&model)).unwrap();
    refused("model.safetensors");
    // More words than the model has vectors for.
    let words = "results/reviews/flex-seed0/vocabulary.txt";
    let more: String = (0..200).map(|number| format!("word{number}\n")).collect();
    folder.write(words, folder.read(words) + &more);
    folder.seal("results/reviews/flex-seed0");
    let done = folder.hearth(&["predict", "results/reviews/flex-seed0", "--text", "word199"]);
    assert_eq!(done.code, Some(65), "{done:?}");
    assert!(
        done.err.contains("the model has 150") && done.err.lines().count() == 1,
        "{done:?}"
    );
    // A config that is not the run's.
    folder.write(&model, whole);
    let record = folder.read("results/small/flex-seed0/result.json");
    let changed = record.replace("\"test_examples\": 100", "\"test_examples\": 101");
    folder.write("results/small/flex-seed0/result.json", changed);
    folder.seal(RUN);
    refused("its config was changed after the run");
}

#[test]
fn every_input_gets_an_answer_in_order() {
    let folder = Folder::new();
    folder.succeed(&["run", "small.json"]);
    let digit = image::GrayImage::from_fn(90, 90, |x, y| {
        image::Luma([if x.abs_diff(45) < 5 && y > 15 && y < 75 {
            20
        } else {
            240
        }])
    });
    for name in ["scans/b.png", "scans/a.png", "one.png"] {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        digit.save(path).unwrap();
    }
    folder.write("scans/.DS_Store", "x");
    folder.write("bad.png", "no picture");
    let images = ["--image", "one.png", "bad.png", "scans", "sca*/b.png"];
    let predict = |more: &[&str]| folder.hearth(&[&["predict", RUN], more, &images[..]].concat());

    let done = predict(&["--json"]);
    assert_eq!(done.code, Some(65), "{done:?}");
    let lines: Vec<Value> = done.out.lines().map(json).collect();
    let names: Vec<&str> = lines
        .iter()
        .map(|line| line["image"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "one.png",
            "bad.png",
            "scans/a.png",
            "scans/b.png",
            "scans/b.png"
        ]
    );
    assert_eq!(lines[0]["class"], lines[4]["class"]);
    assert!(lines[1]["error"].as_str().unwrap().contains("no picture"));
    assert!(lines[1].get("class").is_none());
    let steps = lines[0]["steps"].as_array().unwrap();
    assert_eq!(steps[0], "inverted (dark on light)");
    assert_eq!(done.err.lines().count(), 1, "{done:?}");

    let done = predict(&["--top", "--json"]);
    let first = json(done.out.lines().next().unwrap());
    assert_eq!(first["top"].as_array().unwrap().len(), 3);
    assert_eq!(first["top"][0]["class"], first["class"]);
    let done = predict(&["--as-csv", "--top", "2"]);
    let header = "input,class,probability,class 2,probability 2,preprocessing";
    assert_eq!(done.out.lines().next(), Some(header));
    assert!(
        done.out.contains("bad.png,,,,,not answered"),
        "{}",
        done.out
    );

    // A picture as it is: dark on light, which the model never saw.
    let done = folder.succeed(&["predict", RUN, "--json", "--as-is", "--image", "one.png"]);
    assert_eq!(
        json(&done.out)["steps"],
        serde_json::json!(["90 x 90 to 28 x 28"])
    );
}
