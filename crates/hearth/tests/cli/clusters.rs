//! Sweeps on the engines of clusters: real ones, on this machine.
//!
//! A test whose engine is not installed says so. `HEARTH_REQUIRE_CLUSTERS=1`, as in CI, makes that a failure.
#![cfg(target_os = "linux")]

mod hosts;
mod hyperqueue;
mod kubernetes;
mod slurm;

use std::time::{Duration, Instant};

use crate::hearth::{Done, Folder};

/// 24 runs. The first one takes seconds, so that it can be met at work.
fn sweep() -> String {
    let epochs: Vec<String> = (0..RUNS).map(|index| epochs(index).to_string()).collect();
    format!(
        r#"{{ "base": "small.json", "grid": {{ "training.epochs": [{}] }} }}"#,
        epochs.join(", ")
    )
}

const RUNS: usize = 24;

const LONG: usize = 0;

fn epochs(index: usize) -> usize {
    if index == LONG { 4000 } else { 20 + index }
}

/// The run that fails: it cannot write its config, since a folder has its name.
const FAILING: usize = 7;

/// A folder with the sweep, in which one run will fail.
fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("sweep.json", sweep());
    let run = folder.path().join("results").join(experiment(FAILING));
    std::fs::create_dir_all(run.join("flex-seed0/config.json")).unwrap();
    folder
}

/// The experiment of a run.
fn experiment(index: usize) -> String {
    format!("small+training.epochs={}", epochs(index))
}

/// The digest of a run's result.
fn digest(folder: &Folder, index: usize) -> String {
    let record = folder.record(&format!("{}/flex-seed0", experiment(index)));
    record["digest"].as_str().unwrap().to_owned()
}

/// The digest that a run has when nothing disturbs it.
fn undisturbed(index: usize) -> String {
    let folder = Folder::new();
    folder.write("sweep.json", sweep());
    folder.succeed(&["sweep", "exec", "sweep.json", "--index", &index.to_string()]);
    digest(&folder, index)
}

#[track_caller]
fn all_but_the_failing_one_are_done(folder: &Folder) {
    let status = folder.succeed(&["sweep", "status", "sweep.json"]).out;
    assert!(
        status.contains(&format!("{} of {RUNS} runs are done", RUNS - 1)),
        "{status}"
    );
    for index in (0..RUNS).filter(|&index| index != FAILING) {
        let run = folder
            .path()
            .join("results")
            .join(experiment(index))
            .join("flex-seed0");
        let left = std::fs::read_dir(&run).unwrap();
        let names: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
        let is_left = |name: &std::ffi::OsString| {
            let name = name.to_string_lossy();
            name == "lock" || name.starts_with("claim-") || name.starts_with(".partial-")
        };
        assert!(!names.iter().any(is_left), "{run:?}: {names:?}");
    }
}

/// The program with another in the path, which stands for an engine's: it notes its arguments in `called`, one to a
/// line, and says something. Not the real one: what it is given is tested, not what it does.
fn beside(folder: &Folder, engine: &str, says: &str, arguments: &[&str]) -> Done {
    use std::os::unix::fs::PermissionsExt;
    let script = format!("#!/bin/sh\nprintf '%s\\n' \"$@\" > called\necho '{says}'\n");
    folder.write(&format!("bin/{engine}"), script);
    let program = folder.path().join("bin").join(engine);
    std::fs::set_permissions(program, PermissionsExt::from_mode(0o755)).unwrap();
    let path = format!(
        "{}:{}",
        folder.path().join("bin").display(),
        std::env::var("PATH").unwrap()
    );
    Done::of(folder.command(arguments).env("PATH", path))
}

/// Says that a test is skipped; a failure where it must run.
fn skipped(what: &str, why: &str) {
    assert!(
        std::env::var_os("HEARTH_REQUIRE_CLUSTERS").is_none(),
        "{what}: {why}"
    );
    eprintln!("skipped: {what}: {why}");
}

#[track_caller]
fn wait_for<T>(what: &str, seconds: u64, mut look: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(
            started.elapsed() < Duration::from_secs(seconds),
            "no {what}"
        );
        std::thread::sleep(Duration::from_millis(100));
    }
}
