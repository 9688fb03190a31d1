//! The sentiment classifier, on reviews that hearth makes up and on archives made here.

use std::path::PathBuf;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use crate::hearth::Folder;

/// Small enough for a second: 400 examples, 3 epochs.
pub const CONFIG: &str = r#"{
  "data": { "synthetic_reviews": { "train_examples": 400, "test_examples": 200, "sequence_length": 60, "vocabulary_size": 150, "validate_on_test": true } },
  "model": { "embedding_classifier": { "embedding": 160, "embedding_dropout": 0.3, "hidden": 32, "hidden_dropout": 0.5 } },
  "optimizer": { "adam": { "learning_rate": 0.01 } },
  "training": { "epochs": 3, "batch_size": 64 }
}"#;

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("reviews.json", CONFIG);
    folder
}

#[test]
fn a_run_learns_and_leaves_words_and_token_counts() {
    let folder = folder();
    folder.succeed(&["run", "reviews.json"]);
    let record = folder.record("reviews/flex-seed0");
    let result = &record["result"];
    assert_eq!(result["parameters"], 150 * 160 + 161 * 32 + 33);
    let accuracy = result["test"]["accuracy"].as_f64().unwrap();
    assert!(accuracy > 0.8, "{accuracy}");
    // The test set is the validation set.
    assert_eq!(result["data"]["validation"], result["data"]["test"]);
    let validation = &result["epochs"][2]["validation"];
    assert_eq!(validation["accuracy"], result["test"]["accuracy"]);

    let tokens = result["data"]["train"]["tokens"].as_u64().unwrap();
    assert!((400 * 20..400 * 60).contains(&tokens), "{tokens}");
    let per_s = |figure: &str| record["run"][figure].as_f64().unwrap();
    let ratio = per_s("train_tokens_per_s") / per_s("train_examples_per_s");
    assert!((ratio - tokens as f64 / 400.0).abs() < 1e-6 * ratio);

    let words = folder.read("results/reviews/flex-seed0/vocabulary.txt");
    assert!(
        words.starts_with("<pad>\n<start>\n<unknown>\n<unused>\nthe\n"),
        "{words}"
    );
    assert!(words.lines().count() <= 150);
    let model = folder
        .path()
        .join("results/reviews/flex-seed0/model.safetensors");
    let bytes = std::fs::read(model).unwrap();
    let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    assert_eq!(
        tensors.tensor("embedding.weight").unwrap().shape(),
        [150, 160]
    );
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let folder = folder();
    for threads in ["1", "2"] {
        folder.succeed(&[
            "run",
            "reviews.json",
            "--threads",
            threads,
            "--out",
            threads,
        ]);
    }
    let result = |threads: &str| -> Value {
        let path = format!("{threads}/reviews/flex-seed0/result.json");
        serde_json::from_str::<Value>(&folder.read(&path)).unwrap()["result"].take()
    };
    assert_eq!(result("1"), result("2"));
}

/// Flex has the embedding, the dropout and the maximum as one operation, ndarray composes them of
/// standard ones.
#[test]
fn the_fused_and_the_composed_form_agree() {
    let folder = folder();
    let mut losses = Vec::new();
    for (backend, form) in [("flex", "fused"), ("ndarray", "composed")] {
        folder.succeed(&["run", "reviews.json", "--backend", backend]);
        let record = folder.record(&format!("reviews/{backend}-seed0"));
        assert_eq!(record["run"]["pooled_embedding"], form);
        let loss = &record["result"]["epochs"][0]["train"]["loss"];
        losses.push(loss.as_f64().unwrap());
    }
    assert!((losses[0] - losses[1]).abs() < 1e-5, "{losses:?}");
}

#[test]
fn a_folder_that_held_another_model_keeps_no_words_of_it() {
    let folder = folder();
    folder.succeed(&["run", "reviews.json"]);
    folder.write("reviews.json", crate::hearth::CONFIG);
    folder.succeed(&["run", "reviews.json", "--overwrite"]);
    assert!(
        !folder
            .path()
            .join("results/reviews/flex-seed0/vocabulary.txt")
            .exists()
    );
}

/// Two reviews of each kind.
pub const MEMBERS: [(&str, &[u8]); 9] = [
    ("train/pos/0_9.txt", b"A good film."),
    ("train/pos/1_8.txt", b"Good, very good!"),
    ("train/neg/0_2.txt", b"A bad film."),
    ("train/neg/1_1.txt", b"Bad<br />and long."),
    ("test/pos/0_10.txt", b"Good."),
    ("test/pos/1_7.txt", b"A very good film"),
    ("test/neg/0_1.txt", b"Bad."),
    ("test/neg/1_4.txt", b"A long film"),
    ("train/unsup/0_0.txt", b"\xff: not read"),
];

pub fn packed(members: &[(&str, &[u8])]) -> Vec<u8> {
    let encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let mut archive = tar::Builder::new(encoder);
    for (name, content) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        let path = format!("aclImdb/{name}");
        archive.append_data(&mut header, path, *content).unwrap();
    }
    archive.into_inner().unwrap().finish().unwrap()
}

/// The members, one of them as given.
fn with(name: &str, content: &'static [u8]) -> Vec<u8> {
    let members = MEMBERS.map(|(other, old)| {
        if other == name {
            (other, content)
        } else {
            (other, old)
        }
    });
    packed(&members)
}

fn without(beginning: &str) -> Vec<u8> {
    let mut members = MEMBERS.to_vec();
    members.retain(|(name, _)| !name.starts_with(beginning));
    packed(&members)
}

const IMDB: &str = r#"{
  "data": { "imdb": { "sequence_length": 6, "vocabulary_size": 20 } },
  "model": { "embedding_classifier": { "embedding": 8, "embedding_dropout": 0.3, "hidden": 4, "hidden_dropout": 0.5 } },
  "optimizer": { "adam": {} },
  "training": { "epochs": 1 }
}"#;

/// Runs on an archive, and gives what is in the cache then.
pub fn run_on(folder: &Folder, archive: &[u8]) -> (crate::hearth::Done, Vec<PathBuf>) {
    folder.write("imdb.json", IMDB);
    folder.write("data/imdb/aclImdb_v1.tar.gz", archive);
    let done = folder.hearth(&["run", "imdb.json", "--data-dir", "data", "--overwrite"]);
    let encoded = folder.path().join("cache/hearth/imdb/encoded");
    let files = std::fs::read_dir(encoded).map_or(Vec::new(), |files| {
        files.map(|file| file.unwrap().path()).collect()
    });
    (done, files)
}

#[test]
fn an_archive_is_encoded_once_and_damage_to_that_is_mended() {
    let folder = Folder::new();
    let (done, files) = run_on(&folder, &packed(&MEMBERS));
    assert_eq!((done.code, files.len()), (Some(0), 1), "{done:?}");
    let digest = || folder.record("imdb/flex-seed0")["digest"].clone();
    let first = digest();
    let encoded = std::fs::read(&files[0]).unwrap();
    let mut damaged = encoded.clone();
    damaged[40] ^= 1;
    std::fs::write(&files[0], damaged).unwrap();
    let (done, files) = run_on(&folder, &packed(&MEMBERS));
    assert_eq!((done.code, files.len()), (Some(0), 1), "{done:?}");
    assert_eq!(digest(), first);
    assert_eq!(std::fs::read(&files[0]).unwrap(), encoded);
}

#[test]
fn wrong_archives_are_refused_and_nothing_is_cached() {
    let whole = packed(&MEMBERS);
    for (archive, says) in [
        (whole[..whole.len() / 2].to_vec(), "truncated"),
        (b"<html>not found</html>".to_vec(), "invalid gzip header"),
        (without("train/neg/0"), "train/neg: review 0 is missing"),
        (without("test/pos"), "no reviews in test/pos"),
        (
            with("test/neg/1_4.txt", b"caf\xe9"),
            "test/neg/1_4.txt: not UTF-8",
        ),
    ] {
        let folder = Folder::new();
        let (done, files) = run_on(&folder, &archive);
        assert_eq!(done.code, Some(65), "{done:?}");
        assert_eq!(done.err.lines().count(), 1, "{done:?}");
        assert!(done.err.contains(says), "{done:?}");
        assert!(
            done.err.contains("data/imdb/aclImdb_v1.tar.gz: "),
            "{done:?}"
        );
        assert!(files.is_empty() && !folder.path().join("results").exists());
    }
}
