//! A finished run is what was written: damage anywhere is named by every command that reads runs, and
//! nothing outside of a run's folder is reached through it.

use std::path::Path;

use crate::hearth::{Done, Folder, copy};
use crate::reviews;

const SWEEP: &str = r#"{ "base": "reviews.json", "seeds": [0, 1],
    "grid": { "optimizer.adam.learning_rate": [0.01, 0.02] } }"#;
const EXPERIMENT: &str = "results/reviews+optimizer.adam.learning_rate=0.01";
const OTHER: &str = "results/reviews+optimizer.adam.learning_rate=0.02";

/// A sweep of two members with two seeds each, all finished.
fn swept() -> Folder {
    let folder = Folder::new();
    folder.write("reviews.json", reviews::CONFIG);
    folder.write("sweep.json", SWEEP);
    folder.succeed(&["sweep", "run", "sweep.json"]);
    folder
}

/// A damage and what names it.
type Damage = (&'static str, Box<dyn Fn(&Path)>, &'static str);

/// Damages to the first run.
fn damages() -> Vec<Damage> {
    let edit = |from: &'static str, to: &'static str| {
        move |run: &Path| {
            let path = run.join("result.json");
            let text = std::fs::read_to_string(&path).unwrap();
            assert!(text.contains(from), "{from}");
            std::fs::write(path, text.replacen(from, to, 1)).unwrap();
        }
    };
    let sibling = |run: &Path| run.with_file_name("flex-seed1");
    let lines = |change: fn(&mut Vec<&str>)| {
        move |run: &Path| {
            let path = run.join("vocabulary.txt");
            let text = std::fs::read_to_string(&path).unwrap();
            let mut words: Vec<&str> = text.lines().collect();
            change(&mut words);
            std::fs::write(path, words.join("\n") + "\n").unwrap();
        }
    };
    vec![
        (
            "another run's weights",
            Box::new(move |run| {
                let name = "model.safetensors";
                std::fs::copy(sibling(run).join(name), run.join(name)).unwrap();
            }),
            "model.safetensors: not the file that the run wrote",
        ),
        (
            "no weights",
            Box::new(|run| std::fs::remove_file(run.join("model.safetensors")).unwrap()),
            "model.safetensors: missing",
        ),
        (
            "two words exchanged",
            Box::new(lines(|words| words.swap(10, 20))),
            "vocabulary.txt: not the file that the run wrote",
        ),
        (
            "fewer words",
            Box::new(lines(|words| words.truncate(40))),
            "vocabulary.txt: not the file that the run wrote",
        ),
        (
            "another seed",
            Box::new(edit("\"seed\": 0,", "\"seed\": 7,")),
            "result.json: digest mismatch",
        ),
        (
            "another epsilon",
            Box::new(edit("\"epsilon\": 1e-7", "\"epsilon\": 1e-2")),
            "result.json: digest mismatch",
        ),
        (
            "another time",
            Box::new(edit("\"total_s\": 0.", "\"total_s\": 9.")),
            "result.json: digest mismatch",
        ),
        (
            "another name",
            Box::new(edit(
                "\"experiment\": \"reviews+",
                "\"experiment\": \"Reviews+",
            )),
            "result.json: digest mismatch",
        ),
        (
            "a copy of another seed",
            Box::new(move |run| {
                std::fs::remove_dir_all(run).unwrap();
                copy(&sibling(run), run);
            }),
            "so it is a copy or was renamed",
        ),
        (
            "a copy of another experiment",
            Box::new(move |run| {
                let results = run.parent().unwrap().parent().unwrap();
                let other = Path::new(OTHER).file_name().unwrap();
                std::fs::remove_dir_all(run).unwrap();
                copy(&results.join(other).join("flex-seed0"), run);
            }),
            "so it is a copy or was renamed",
        ),
    ]
}

/// The commands that read a run.
fn reading(run: &str) -> Vec<Vec<&str>> {
    vec![
        vec!["evaluate", run],
        vec!["predict", run],
        vec!["export", run, "--to", "weights.safetensors"],
        vec!["verify", run],
        vec!["diff", EXPERIMENT, OTHER],
        vec!["list"],
        vec!["list", "--json"],
        vec!["sweep", "status", "sweep.json"],
        vec!["sweep", "collect", "sweep.json"],
        vec!["report", "results"],
    ]
}

#[test]
fn a_lost_record_is_named_and_made_again() {
    let folder = swept();
    let run = format!("{EXPERIMENT}/flex-seed0");
    let record = format!("{run}/result.json");
    let digest = || {
        let json: serde_json::Value = serde_json::from_str(&folder.read(&record)).unwrap();
        json["digest"].clone()
    };
    let before = digest();
    std::fs::remove_file(folder.path().join(&record)).unwrap();
    for command in reading(&run) {
        let done = folder.hearth(&command);
        assert_eq!(done.code, Some(65), "{command:?}: {done:?}");
        assert!(
            done.err.contains("result.json: missing"),
            "{command:?}: {done:?}"
        );
    }
    folder.succeed(&["sweep", "run", "sweep.json"]);
    assert_eq!(digest(), before);
    folder.succeed(&["list"]);
}

#[test]
fn damage_is_named_by_every_command_that_reads_runs() {
    let folder = swept();
    let run = format!("{EXPERIMENT}/flex-seed0");
    let name = "reviews+optimizer.adam.learning_rate=0.01";
    let mut commands = reading(&run);
    commands.push(vec!["run", "reviews.json", "--name", name, "--seeds", "0"]);
    let whole = folder.path().join("whole");
    let path = folder.path().join(&run);
    copy(&path, &whole);
    for (what, damage, said) in damages() {
        damage(&path);
        for command in &commands {
            let done = folder.hearth(command);
            assert_eq!(done.code, Some(65), "{what}, {command:?}: {done:?}");
            assert!(done.err.contains(said), "{what}, {command:?}: {done:?}");
            assert!(
                done.err.contains("flex-seed0"),
                "{what}, {command:?}: {done:?}"
            );
        }
        // Collected figures are those of the other runs.
        let collected = folder
            .hearth(&["sweep", "collect", "sweep.json", "--csv"])
            .out;
        let runs = collected.lines().nth(1).unwrap().split(',').nth(1);
        assert_eq!(runs, Some("1"), "{what}: {collected}");
        // A member that is damaged is not taken for done, and not overwritten unasked.
        let swept = folder.hearth(&["sweep", "run", "sweep.json"]);
        assert_eq!(swept.code, Some(1), "{what}: {swept:?}");
        assert!(swept.err.contains(said), "{what}: {swept:?}");
        std::fs::remove_dir_all(&path).unwrap();
        copy(&whole, &path);
        folder.succeed(&["list"]);
    }
    assert!(!folder.path().join("weights.safetensors").exists());
}

#[test]
fn a_record_alone_is_whole_and_has_no_model() {
    let folder = Folder::new();
    folder.succeed(&["run", "small.json", "--seeds", "0,1"]);
    let run = folder.path().join("results/small/flex-seed0");
    for name in ["config.json", "metrics.jsonl", "model.safetensors"] {
        folder.hearth(&["list"]);
        std::fs::remove_file(run.join(name)).unwrap();
    }
    folder.succeed(&["list"]);
    folder.succeed(&["verify", "results/small/flex-seed0"]);
    let refused = folder.hearth(&["evaluate", "results/small/flex-seed0"]);
    assert_eq!(refused.code, Some(65), "{refused:?}");
    assert!(
        refused.err.contains("model.safetensors: missing"),
        "{refused:?}"
    );
}

#[test]
fn a_run_outside_of_results_may_have_any_name() {
    let folder = Folder::new();
    folder.succeed(&["run", "small.json", "--seeds", "0,1"]);
    let run = folder.path().join("results/small/flex-seed0");
    copy(&run, &folder.path().join("best"));
    folder.succeed(&["evaluate", "best"]);
    folder.succeed(&["diff", "best", "results/small/flex-seed1"]);
    // Beside the original it would count twice.
    copy(&run, &folder.path().join("results/small/copy"));
    for command in [&["list"][..], &["report", "results"]] {
        let done = folder.hearth(command);
        assert_eq!(done.code, Some(65), "{done:?}");
        let said = "results/small/copy: holds the run small/flex-seed0";
        assert!(done.err.contains(said), "{done:?}");
    }
    // From within the folder, where its path has no name.
    let mut command = folder.command(&["evaluate", "."]);
    let within = Done::of(command.current_dir(&run));
    assert_eq!(within.code, Some(0), "{within:?}");
    let copied = folder.path().join("results/small/flex-seed3");
    std::fs::rename(folder.path().join("results/small/copy"), &copied).unwrap();
    let mut command = folder.command(&["evaluate", "."]);
    let within = Done::of(command.current_dir(&copied));
    assert_eq!(within.code, Some(65), "{within:?}");
}

#[cfg(unix)]
mod links {
    use std::os::unix::fs::symlink;

    use super::*;

    /// The files of others, which no command may change.
    fn others(folder: &Folder) -> std::path::PathBuf {
        let others = folder.path().join("others");
        std::fs::create_dir(&others).unwrap();
        for name in ["thesis.tex", "a.json", ".bashrc", "step-000000000001.json"] {
            std::fs::write(others.join(name), "precious").unwrap();
        }
        others
    }

    #[test]
    fn a_run_reaches_nothing_through_a_link() {
        for name in [
            "checkpoint",
            "lock",
            "metrics.jsonl",
            "config.json",
            "model.safetensors",
        ] {
            for kind in ["soft", "hard", "dangling"] {
                let folder = Folder::new();
                let others = others(&folder);
                let run = folder.path().join("results/small/flex-seed0");
                std::fs::create_dir_all(&run).unwrap();
                let target = others.join("thesis.tex");
                match (name, kind) {
                    ("checkpoint", "soft") => symlink(&others, run.join(name)).unwrap(),
                    (_, "soft") => symlink(target, run.join(name)).unwrap(),
                    (_, "dangling") => symlink(others.join("new"), run.join(name)).unwrap(),
                    _ => std::fs::hard_link(target, run.join(name)).unwrap(),
                }
                let arguments = ["run", "small.json", "--checkpoint-every", "1"];
                for _ in 0..2 {
                    let done = folder.hearth(&arguments);
                    let is_fine = done.code == Some(0) || done.err.contains(name);
                    assert!(is_fine, "{name}, {kind}: {done:?}");
                }
                let left = std::fs::read_dir(&others).unwrap();
                let left: Vec<String> = left
                    .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap())
                    .collect();
                assert_eq!(left, ["precious"; 4], "{name}, {kind}");
            }
        }
    }

    #[test]
    fn a_finished_run_is_not_read_through_a_link() {
        let folder = Folder::new();
        folder.succeed(&["run", "small.json"]);
        let run = folder.path().join("results/small/flex-seed0");
        for name in ["result.json", "model.safetensors"] {
            let elsewhere = folder.path().join(name);
            std::fs::rename(run.join(name), &elsewhere).unwrap();
            symlink(&elsewhere, run.join(name)).unwrap();
            for command in [&["list"][..], &["evaluate", "results/small/flex-seed0"]] {
                let done = folder.hearth(command);
                assert_eq!(done.code, Some(65), "{name}: {done:?}");
                assert!(done.err.contains("a link, pipe or device"), "{done:?}");
            }
            std::fs::remove_file(run.join(name)).unwrap();
            std::fs::rename(&elsewhere, run.join(name)).unwrap();
        }
    }

    #[test]
    fn a_pipe_in_place_of_a_file_does_not_hang() {
        let folder = Folder::new();
        folder.succeed(&["run", "small.json"]);
        let run = folder.path().join("results/small/flex-seed0");
        for name in ["result.json", "model.safetensors", "lock"] {
            let kept = std::fs::read(run.join(name)).ok();
            let _ = std::fs::remove_file(run.join(name));
            let made = std::process::Command::new("mkfifo")
                .arg(run.join(name))
                .status();
            assert!(made.unwrap().success());
            folder.hearth(&["list"]);
            folder.hearth(&["run", "small.json"]);
            std::fs::remove_file(run.join(name)).unwrap();
            if let Some(kept) = kept {
                std::fs::write(run.join(name), kept).unwrap();
            }
        }
        folder.succeed(&["list"]);
    }
}
