//! Writes `seeds`: valid files as hearth writes them, and files that it must refuse. Run with
//! `cargo run --example seeds`.

use std::error::Error;
use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;

use datasets::Encoding;
use datasets::sources::synthetic_reviews;
use datasets::text::encoded_file;
use flate2::Compression;
use flate2::write::GzEncoder;
use image::{DynamicImage, GrayImage, ImageFormat, Luma, Rgba, RgbaImage};
use record::{Outcomes, Record, Tensors};
use serde_json::Value;
use tar::{Builder, EntryType, Header};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

fn main() -> Outcome {
    configs()?;
    sweeps()?;
    collected()?;
    idx()?;
    archives()?;
    pictures()?;
    results()?;
    tensors()?;
    tables()?;
    lines()?;
    npz()?;
    networks()?;
    reviews()
}

/// A byte with the mode, then the file.
fn with_mode(mode: u8, file: &[u8]) -> Vec<u8> {
    [&[mode], file].concat()
}

fn tables() -> Outcome {
    let mut table = "a,b,y\n".to_owned();
    for row in 0..20 {
        let (b, y) = [("red", "x"), ("blue", "z")][row % 2];
        table += &format!("{}.5,{b},{y}\n", row * row);
    }
    let quoted = table
        .replace("red", "\"re\"\"d, or\r\nso\"")
        .replace('\n', "\r\n");
    let missing = table.replace("4.5", "NA").replace("blue", "");
    for (mode, name, file) in [
        (0, "plain", table.as_bytes()),
        (0, "quoted", quoted.as_bytes()),
        (0, "semicolons", table.replace(',', ";").as_bytes()),
        (1, "tabs", table.replace(',', "\t").as_bytes()),
        (2, "gz", &gzip(table.as_bytes())?),
        (4, "missing-mean", missing.as_bytes()),
        (8, "missing-drop", missing.as_bytes()),
        (0, "mark", format!("\u{feff}{table}").as_bytes()),
    ] {
        write("table", name, with_mode(mode, file))?;
    }
    Ok(())
}

/// The bytes that `network.rs` reads: the data, the number of layers, and each layer with its settings.
fn networks() -> Outcome {
    let images = [
        &[0, 7, 1, 4, 3, 3, 1, 1, 1, 0, 9, 12, 3][..],
        &[13, 1, 1, 4, 3, 2, 1, 1, 1, 0, 3, 2, 2, 2, 1, 7, 0, 12],
    ];
    for (name, bytes) in [
        ("images", &images.concat()[..]),
        (
            "global",
            &[5, 5, 1, 5, 2, 2, 2, 1, 0, 1, 4, 3, 3, 2, 1, 10, 12, 7, 6],
        ),
        ("features", &[1, 5, 0, 9, 10, 12, 2, 11, 60, 13, 1, 0, 9]),
        ("sequence", &[2, 4, 2, 4, 3, 2, 1, 9, 12, 4, 5]),
        (
            "tokens",
            &[
                4, 5, 8, 6, 11, 50, 2, 6, 3, 1, 1, 13, 2, 2, 6, 3, 1, 1, 10, 6,
            ],
        ),
        ("words", &[9, 3, 8, 6, 11, 50, 5]),
        ("pixel", &[3, 3, 13, 1, 13, 1, 13, 1, 12, 1, 9, 7]),
        ("refused", &[0, 3, 7, 3, 2, 2, 1, 0, 15]),
        ("names", &[1, 2, 14, 4, 14, 5]),
    ] {
        write("network", name, bytes)?;
    }
    Ok(())
}

fn lines() -> Outcome {
    let mut lines = String::new();
    for row in 0..12 {
        let label = ["\"ham\"", "\"spam\"", "3", "true"][row % 4];
        lines += &format!("{{\"text\": \"win a \\u0062ig prize {row}\", \"label\": {label}}}\n");
    }
    for (mode, name, file) in [
        (0, "plain", lines.as_bytes()),
        (0, "windows", lines.replace('\n', "\r\n\r\n").as_bytes()),
        (1, "gz", &gzip(lines.as_bytes())?),
        (0, "mark", format!("\u{feff}{lines}").as_bytes()),
    ] {
        write("lines", name, with_mode(mode, file))?;
    }
    Ok(())
}

fn npz() -> Outcome {
    use npyz::WriterBuilder;
    let mut file = Cursor::new(Vec::new());
    let mut writer = npyz::npz::NpzWriter::new(&mut file);
    for (name, shape) in [
        ("x_train", &[2, 28, 28][..]),
        ("y_train", &[2]),
        ("x_test", &[1, 28, 28]),
        ("y_test", &[1]),
    ] {
        let array = writer.array(name, Default::default())?;
        let mut array = array.default_dtype().shape(shape).begin_nd()?;
        array.extend((0..shape.iter().product::<u64>()).map(|index| (index % 10) as u8))?;
        array.finish()?;
    }
    drop(writer);
    write("npz", "small", file.into_inner())
}

fn write(target: &str, name: &str, bytes: impl AsRef<[u8]>) -> Outcome {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("seeds")
        .join(target);
    fs::create_dir_all(&folder)?;
    Ok(fs::write(folder.join(name), bytes)?)
}

/// Configs with keys that the repository's configs lack. Every run includes the latter anyway.
fn configs() -> Outcome {
    let digits = r#"{
  "data": { "synthetic_digits": { "train_examples": 10, "test_examples": 1000000, "validation_fraction": 0.99 } },
  "model": { "hidden_mlp": { "hidden": [], "activation": "tanh", "batch_norm": {} } },
  "optimizer": { "sgd": { "learning_rate": 0.1, "momentum": 0.9, "nesterov": true } },
  "training": { "epochs": 3, "clip_global_norm": 1e-30, "shuffle": false,
    "learning_rate_schedule": { "step": { "factor": 0.5, "epochs": 2 } },
    "early_stopping": {}, "initial_weights": "a/b.safetensors" },
  "seeds": [18446744073709551615, 0],
  "expect": { "validation.loss": { "at_most": 1e308, "at_least": -0.0 } }
}"#;
    write("config", "digits", digits)?;
    let overridden = [
        digits,
        "training.epochs=5",
        "model.hidden_mlp.hidden=[8,9]",
        "training.learning_rate_schedule={\"cosine\":{\"final_learning_rate\":0}}",
        "expect.validation.loss.at_most=2",
        "training.initial_weights=a b",
    ];
    write("config", "overridden", overridden.join("\0"))?;
    let reviews = r#"{"data":{"synthetic_reviews":{"vocabulary_size":1000000,"sequence_length":10000}},"model":{"embedding_classifier":{"embedding":65536}},"optimizer":{"adamw":{}},"training":{"epochs":100000}}"#;
    write("config", "reviews", reviews)?;
    write("config", "deep", "[".repeat(2000))?;
    write("config", "unknown", digits.replace("epochs", "epo\\nchs"))
}

fn sweeps() -> Outcome {
    let sweep = r#"{ "base": "b.json", "set": { "training.epochs": 2 }, "grid": { "optimizer": [{"sgd": {}}, {"adam": {}}], "model.dropout_mlp.hidden": [[1], [2, 3]] }, "seeds": [1, 2] }"#;
    write("sweep", "sweep", sweep)?;
    let alike =
        r#"{ "base": "b.json", "grid": { "training.initial_weights": ["a b", "a/b", null] } }"#;
    write("sweep", "alike", alike)?;
    write("sweep", "seeds", sweep.replace("[1, 2]", "[1, 1]"))?;
    let values = |key: &str| format!(r#""{key}": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]"#);
    let keys = [
        "training.epochs",
        "training.batch_size",
        "training.l1",
        "training.l2",
    ];
    let grid = keys.map(values).join(", ");
    write(
        "sweep",
        "many",
        format!(r#"{{"base": "b.json", "grid": {{{grid}}}}}"#),
    )?;
    // One member more than 64 bits can count.
    let pairs = (0..64)
        .map(|key| format!("\"{key}\": [1, 2]"))
        .collect::<Vec<_>>();
    write(
        "sweep",
        "endless",
        format!(r#"{{"base": "b.json", "grid": {{{}}}}}"#, pairs.join(", ")),
    )
}

fn collected() -> Outcome {
    let row = |values: &str, figures: &str| {
        format!(
            r#"{{"experiment":"e","values":{values},"runs":3,"diverged":0,"seal":"","validation_accuracy":{figures},"validation_loss":null,"test_accuracy":{figures},"test_loss":{figures}}}"#
        )
    };
    let figures = r#"{"mean":0.5,"deviation":0.1}"#;
    let rows = [
        row(r#"{"a":1,"b":[2]}"#, figures),
        row(r#"{"a":10,"b":[2]}"#, r#"{"mean":0.9,"deviation":null}"#),
        row(r#"{"a":1,"b":"<x>"}"#, "null"),
    ];
    write("collected", "rows", rows.join("\n"))?;
    write("collected", "row", &rows[0])?;
    write("collected", "huge", row(r#"{"a":1e300}"#, r#"{"mean":1e300,"deviation":1e300}"#))
}

fn idx() -> Outcome {
    let numbers = |numbers: &[u32]| -> Vec<u8> {
        numbers
            .iter()
            .flat_map(|number| number.to_be_bytes())
            .collect()
    };
    let labels = [numbers(&[0x0801, 3]), vec![7, 0, 9]].concat();
    let images = [numbers(&[0x0803, 2, 28, 28]), vec![3; 2 * 784]].concat();
    for (mode, name, file) in [
        (0, "images", images.clone()),
        (1, "labels", labels.clone()),
        (2, "images-gz", gzip(&images)?),
        (3, "labels-gz", gzip(&labels)?),
        (4, "images-to-pack", images),
        (5, "labels-to-pack", labels),
        (1, "huge", numbers(&[0x0801, u32::MAX])),
        (
            2,
            "bomb-gz",
            gzip(&[numbers(&[0x0803, 1_000_000, 28, 28]), vec![0; 4 << 20]].concat())?,
        ),
    ] {
        write("idx", name, [&[mode], &file[..]].concat())?;
    }
    Ok(())
}

fn archives() -> Outcome {
    let members = [
        ("train/neg/0_3.txt", "A dull, dull film."),
        ("train/pos/0_9.txt", "It's a good film, a good one."),
        ("test/neg/0_4.txt", ""),
        ("test/pos/0_10.txt", "Très good!<br />"),
    ];
    let whole = tar(&members, |_| {})?;
    write("archive", "whole-gz", [&[0], &gzip(&whole)?[..]].concat())?;
    write("archive", "whole", [&[1], &whole[..]].concat())?;
    write("archive", "in-two-streams", [&[2], &whole[..]].concat())?;
    let odd = [
        ("../../etc/passwd", "x"),
        ("train/pos/../neg/0_1.txt", "x"),
        ("train/pos/4294967296_1.txt", "x"),
    ];
    for (name, change) in [
        ("paths", (|_: &mut Header| {}) as fn(&mut Header)),
        ("links", |header| header.set_entry_type(EntryType::Symlink)),
        ("long-names", |header| {
            header.set_entry_type(EntryType::GNULongName)
        }),
        ("sparse", |header| {
            header.set_entry_type(EntryType::GNUSparse)
        }),
        ("pax", |header| header.set_entry_type(EntryType::XHeader)),
        ("sizes", |header| header.set_size(u64::MAX >> 1)),
    ] {
        let members = if name == "paths" {
            &odd[..]
        } else {
            &members[..1]
        };
        write("archive", name, [&[1], &tar(members, change)?[..]].concat())?;
    }
    let zeros = tar(&[("README", &"\0".repeat(4 << 20)), members[0]], |_| {})?;
    write("archive", "bomb-gz", [&[0], &gzip(&zeros)?[..]].concat())
}

fn tar(members: &[(&str, &str)], change: fn(&mut Header)) -> Outcome<Vec<u8>> {
    let mut builder = Builder::new(Vec::new());
    for (path, content) in members {
        let mut header = Header::new_gnu();
        // Written by hand, since the crate refuses to write malicious paths.
        let path = format!("aclImdb/{path}");
        header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
        header.set_size(content.len() as u64);
        header.set_entry_type(EntryType::Regular);
        change(&mut header);
        header.set_cksum();
        builder.append(&header, content.as_bytes())?;
    }
    Ok(builder.into_inner()?)
}

fn pictures() -> Outcome {
    let bar = GrayImage::from_fn(28, 28, |x, _| {
        Luma([if x.abs_diff(14) < 3 { 250 } else { 3 }])
    });
    let clear = RgbaImage::from_fn(40, 20, |x, _| Rgba([x as u8, 0, 99, (x % 3) as u8 * 127]));
    let mut inverted = bar.clone();
    image::imageops::invert(&mut inverted);
    for (name, picture, format) in [
        (
            "grey.png",
            DynamicImage::from(bar.clone()),
            ImageFormat::Png,
        ),
        ("turned.png", inverted.into(), ImageFormat::Png),
        ("clear.png", clear.clone().into(), ImageFormat::Png),
        (
            "deep.png",
            DynamicImage::from(clear.clone()).to_rgba16().into(),
            ImageFormat::Png,
        ),
        ("grey.jpg", bar.into(), ImageFormat::Jpeg),
        (
            "colours.jpg",
            DynamicImage::from(clear).to_rgb8().into(),
            ImageFormat::Jpeg,
        ),
    ] {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format)?;
        let mut bytes = bytes.into_inner();
        write("picture", name, &bytes)?;
        if name == "colours.jpg" {
            // The frame's header, with the largest possible and the largest accepted size.
            let frame = bytes.windows(2).position(|marker| marker == [0xff, 0xc0]);
            let size = frame.ok_or("no frame")? + 5;
            // The check skips large pictures of other lengths.
            bytes.resize(bytes.len().next_multiple_of(64), 0);
            for (name, side) in [
                ("endless.jpg", 0xffff_u16),
                ("huge.jpg", 2500),
                ("none.jpg", 0),
            ] {
                bytes[size..size + 2].copy_from_slice(&side.to_be_bytes());
                bytes[size + 2..size + 4].copy_from_slice(&side.to_be_bytes());
                write("picture", name, &bytes)?;
            }
        }
    }
    Ok(())
}

/// Two of the reference records, cut to a few epochs and a small test set.
fn results() -> Outcome {
    for (name, run) in [
        ("images", "mnist-l1/flex-seed0"),
        ("reviews", "imdb-embedding/flex-seed1"),
    ] {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../results/reference");
        let json = fs::read(root.join(run).join("result.json"))?;
        let mut record: Record = serde_json::from_slice(&json)?;
        let result = &mut record.result;
        result.epochs.truncate(5);
        let test = result.test.as_mut().ok_or("a finished run")?;
        test.correct = test.correct.iter().take(40).collect::<Outcomes>();
        test.hardest.truncate(1);
        record.run.epochs.truncate(1);
        let record = record.sealed();
        write("result", name, serde_json::to_vec(&record)?)?;
        if name == "images" {
            let mut changed: Value = serde_json::to_value(&record)?;
            changed["result"]["test"]["accuracy"] = 0.99.into();
            write("result", "changed", changed.to_string())?;
            changed["result"]["test"]["confusion"] = vec![format!("{0} {0}", u64::MAX); 2].into();
            write("result", "uncountable", changed.to_string())?;
            let mut changed: Value = serde_json::to_value(&record)?;
            for (seed, losses) in [
                [0.0, 1.7e308, 0.0, 1.7e308, -1.7e308],
                [-1e308, 1.7e308, 1e308, 1.6e308, 5e-324],
            ]
            .into_iter()
            .enumerate()
            {
                changed["seed"] = seed.into();
                for (epoch, loss) in losses.into_iter().enumerate() {
                    changed["result"]["epochs"][epoch]["train"]["loss"] = loss.into();
                    changed["result"]["epochs"][epoch]["train"]["accuracy"] = (-loss).into();
                }
                write("result", &format!("extreme-{seed}"), changed.to_string())?;
            }
            changed["experiment"] = "../../\u{1b}[2J".into();
            changed["run"]["a\nkey"] = Value::Null;
            write("result", "unknown", changed.to_string())?;
        }
    }
    Ok(())
}

fn tensors() -> Outcome {
    let mut tensors = Tensors::default();
    write("tensors", "none", tensors.to_bytes())?;
    tensors.insert("model.b".to_owned(), vec![2], vec![-0.0, f32::NAN]);
    tensors.insert(
        "model.a".to_owned(),
        vec![1, 3],
        vec![1.0, f32::INFINITY, 3.0],
    );
    tensors.insert("state.a".to_owned(), vec![], vec![4.0]);
    tensors.insert("state.none".to_owned(), vec![7, 0], vec![]);
    write("tensors", "some", tensors.to_bytes())?;
    let state = r#"{"epoch":3,"loss":[0.1,1e-300],"seed":18446744073709551615}"#;
    let checkpoint = [state.as_bytes(), &[0], &tensors.to_bytes()].concat();
    write("checkpoint", "state", checkpoint)?;
    write("checkpoint", "other", r#"{"checkpoint_version":2}"#)?;
    for (name, header) in [
        (
            "halves",
            r#"{"a\nb":{"dtype":"F16","shape":[1],"data_offsets":[0,2]}}"#,
        ),
        (
            "large",
            r#"{"a":{"dtype":"F32","shape":[4294967296,4294967296,0],"data_offsets":[0,0]}}"#,
        ),
        (
            "overlap",
            r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
        ),
        (
            "metadata",
            r#"{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
        ),
    ] {
        let length = (header.len() as u64).to_le_bytes();
        write(
            "tensors",
            name,
            [&length, header.as_bytes(), &[0; 4]].concat(),
        )?;
    }
    write("tensors", "endless", u64::MAX.to_le_bytes())
}

fn reviews() -> Outcome {
    for (name, length) in [("whole", 3), ("empty", 0)] {
        let encoding = Encoding {
            vocabulary_size: 12,
            sequence_length: usize::from(length),
        };
        let reviews = synthetic_reviews::reviews(4, 2, &encoding);
        write(
            "encoded",
            name,
            [&[length], &encoded_file::to_bytes(&reviews)[..]].concat(),
        )?;
        let text = reviews.vocabulary.to_text();
        write("vocabulary", "whole", &text)?;
        write("vocabulary", "odd", text + "a\rb\n\u{a0}\nİ\n")?;
    }
    Ok(())
}

fn gzip(bytes: &[u8]) -> Outcome<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}
