//! Damaged records give errors that name them, never a number or a panic.

use std::fs;

use compare::Group;
use record::SCHEMA_VERSION;
use serde_json::{Value, json};

use crate::made::{right_on, shown, write};

#[test]
fn truncated_and_flipped_files_are_refused() {
    let results = tempfile::tempdir().unwrap();
    let run = write(results.path(), &right_on("a", 0, 900));
    let file = run.join("result.json");
    let sound = fs::read(&file).unwrap();
    let read = || Group::read(shown(&run));
    let whole = read().unwrap();
    for length in (0..sound.len() - 2).step_by(7) {
        fs::write(&file, &sound[..length]).unwrap();
        let error = read().unwrap_err().to_string();
        assert!(
            error.contains("result.json") && error.contains("--overwrite"),
            "{error}"
        );
        assert_eq!(error.lines().count(), 1, "{error}");
    }
    // No change to the result may go unnoticed; the digest does not cover the rest.
    for index in (0..sound.len()).step_by(5) {
        let mut flipped = sound.clone();
        flipped[index] ^= 1 << (index % 8);
        fs::write(&file, &flipped).unwrap();
        if let Ok(found) = read() {
            assert_eq!(found.runs[0].record.result, whole.runs[0].record.result);
        }
    }
}

#[test]
fn other_versions_and_changed_figures_are_refused() {
    let results = tempfile::tempdir().unwrap();
    let run = write(results.path(), &right_on("a", 0, 900));
    let file = run.join("result.json");
    let sound: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    let refused = |pointer: &str, value: Value| {
        let mut changed = sound.clone();
        *changed.pointer_mut(pointer).unwrap() = value;
        fs::write(&file, changed.to_string()).unwrap();
        Group::read(shown(&run)).unwrap_err().to_string()
    };
    let said = refused("/schema_version", json!(SCHEMA_VERSION + 1));
    assert!(said.contains("another version of hearth"), "{said}");
    assert!(said.ends_with("; rerun it with --overwrite"), "{said}");
    let said = refused("/result/test/accuracy", json!(0.99));
    assert!(said.contains("digest mismatch"), "{said}");
    for (pointer, value) in [
        ("/result/test/accuracy", Value::Null),
        ("/result/epochs", json!({})),
        ("/seed", json!(-1)),
        ("", json!([])),
    ] {
        let said = refused(pointer, value);
        assert!(said.contains("not a result of this version"), "{said}");
    }
}
