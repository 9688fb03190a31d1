//! A collected sweep, and the page that shows it.

use std::fs;
use std::path::Path;

use record::digest_of;
use report::{Report, ReportError};
use serde_json::{Map, Value};
use tempfile::TempDir;

use super::sentence;

thread_local! {
    /// One folder for all inputs, removed when the test ends.
    static FOLDER: TempDir = tempfile::tempdir().expect("a temporary folder");
}

/// Checks that a file is refused with a one-line error, or shown without anything of it but text.
pub fn check(data: &[u8]) {
    FOLDER.with(|folder| {
        let path = folder.path().join("fuzzed.jsonl");
        shown(&path, data);
        // Mutations cannot guess the seals.
        if let Some(sealed) = str::from_utf8(data).ok().and_then(sealed) {
            shown(&path, sealed.as_bytes());
        }
    });
}

fn shown(path: &Path, data: &[u8]) {
    fs::write(path, data).expect("a writable folder");
    let sources = [path.to_owned()];
    match Report::read(&sources, &mut |_| Err("no pictures".to_owned())) {
        Ok(report) => {
            let page = report.html();
            assert!(!page.contains("<script") && !page.contains("<img"));
        }
        Err(ReportError::Nothing { unreadable, .. }) => {
            unreadable.iter().for_each(|line| sentence::check(line));
        }
        Err(error) => sentence::check(&error.to_string()),
    }
}

/// The lines with the seals of their content; `None` if one is no object.
fn sealed(text: &str) -> Option<String> {
    let lines = text.lines().map(|line| {
        let mut row: Map<String, Value> = serde_json::from_str(line).ok()?;
        row.remove("seal");
        let seal = digest_of(&row).ok()?;
        row.insert("seal".to_owned(), seal.into());
        Some(format!("{}\n", Value::Object(row)))
    });
    lines.collect()
}
