//! Passes the versions and the commit of this build to the program, for the provenance in results.

use std::path::Path;
use std::process::Command;

/// Only changes to sources make a build dirty, not changes to results or notes.
const SOURCES_STATUS: [&str; 7] = [
    "status",
    "--porcelain",
    "--",
    ":/crates",
    ":/models",
    ":/Cargo.toml",
    ":/Cargo.lock",
];

fn main() {
    let root = Path::new("../..");
    for input in ["Cargo.lock", "crates", "models", ".git/HEAD", ".git/index"] {
        println!("cargo::rerun-if-changed={}", root.join(input).display());
    }

    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let rustc = output(Command::new(rustc).arg("--version"));
    tell("HEARTH_RUSTC", rustc.as_deref().unwrap_or("unknown"));

    let lock = std::fs::read_to_string(root.join("Cargo.lock")).unwrap_or_default();
    let burn = lock
        .split("name = \"burn\"\nversion = \"")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    tell("HEARTH_BURN", burn.unwrap_or("unknown"));

    if let Some(commit) = output(Command::new("git").args(["rev-parse", "HEAD"])) {
        tell("HEARTH_COMMIT", &commit);
        let changes = output(Command::new("git").args(SOURCES_STATUS));
        let dirty = changes.is_none_or(|changes| !changes.is_empty());
        tell("HEARTH_DIRTY", &dirty.to_string());
    }
}

fn tell(variable: &str, value: &str) {
    println!("cargo::rustc-env={variable}={value}");
}

fn output(command: &mut Command) -> Option<String> {
    let output = command.output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
