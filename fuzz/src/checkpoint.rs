//! Checkpoints: a JSON file and a file of tensors, separated by a zero byte in the input.

use std::fs;

use record::{CHECKPOINT_VERSION, Found, RunFolder, Tensors, digest_of, sha256};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::sentence;

thread_local! {
    /// One folder for all inputs, removed when the test ends.
    static FOLDER: TempDir = tempfile::tempdir().expect("a temporary folder");
}

/// Checks that a checkpoint is refused with a one-line error, or is read back as written.
pub fn check(data: &[u8]) {
    let zero = data.iter().position(|&byte| byte == 0);
    let (text, tensors) = data.split_at(zero.unwrap_or(data.len()));
    let tensors = tensors.get(1..).unwrap_or_default();
    for error in read(text, tensors).damaged {
        sentence::check(&error.to_string());
    }
    // Then as a state with correct hashes, which mutations cannot guess.
    let Ok(state) = serde_json::from_slice::<Value>(text) else {
        return;
    };
    let hash = sha256(tensors);
    let sealed = json!({
        "checkpoint_version": CHECKPOINT_VERSION,
        "state": state,
        "tensors": hash,
        "digest": digest_of(&(&state, &hash)).expect("JSON"),
    });
    let found = read(sealed.to_string().as_bytes(), tensors).checkpoint;
    match (found, Tensors::from_bytes(tensors)) {
        (Some((found, read)), Ok(tensors)) => {
            assert_eq!((found, read.to_bytes()), (state, tensors.to_bytes()));
        }
        (found, tensors) => assert!(found.is_none() && tensors.is_err()),
    }
}

fn read(text: &[u8], tensors: &[u8]) -> Found<Value> {
    let folder = FOLDER.with(|folder| folder.path().to_owned());
    let checkpoints = RunFolder::at(folder).checkpoints();
    let file = checkpoints.path().join("step-000000000001.json");
    fs::create_dir_all(checkpoints.path()).expect("a writable folder");
    fs::write(file.with_extension("safetensors"), tensors).expect("a writable folder");
    fs::write(file, text).expect("a writable folder");
    match checkpoints.read() {
        Ok(found) => found,
        Err(error) => Found {
            checkpoint: None,
            damaged: vec![error],
        },
    }
}
