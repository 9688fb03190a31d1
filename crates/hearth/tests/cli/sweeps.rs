//! Sweeps, each member a process.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::hearth::{CONFIG, Folder};

const SWEEP: &str = r#"{
  "base": "small.json",
  "set": { "training.epochs": 1 },
  "grid": { "optimizer": [{ "sgd": {} }, { "adam": {} }], "training.batch_size": [48, 96] },
  "seeds": [0, 1]
}"#;

fn folder(sweep: &str) -> Folder {
    let folder = Folder::new();
    let expecting = CONFIG.replacen(
        '{',
        r#"{ "expect": { "test.accuracy": { "at_least": 0.99 } },"#,
        1,
    );
    folder.write("small.json", expecting);
    folder.write("sweep.json", sweep);
    folder
}

#[test]
fn every_combination_is_run_once_and_collected() {
    let folder = folder(SWEEP);
    let planned = folder.succeed(&["sweep", "plan", "sweep.json"]).out;
    assert_eq!(planned.lines().count(), 5, "{planned}");
    assert!(planned.contains("small+optimizer=adam+training.batch_size=96+training.epochs=1"));
    let status = folder.succeed(&["sweep", "status", "sweep.json"]).out;
    assert!(status.contains("0 of 8 runs are done"), "{status}");

    let done = folder.succeed(&["sweep", "run", "sweep.json", "-j", "2"]);
    assert!(done.out.contains("8 of 8 runs are done"), "{done:?}");
    assert_eq!(done.err.lines().count(), 8, "{done:?}");
    // Nothing is left to do.
    let again = folder.succeed(&["sweep", "run", "sweep.json"]);
    assert_eq!(
        (again.err.as_str(), again.out.as_str()),
        ("", "8 of 8 runs are done\n")
    );

    let json = folder
        .succeed(&["sweep", "collect", "sweep.json", "--json"])
        .out;
    let rows: Vec<Value> = json
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(rows.len(), 4);
    for row in &rows {
        let accuracy = |seed: u32| {
            let run = format!("{}/flex-seed{seed}", row["experiment"].as_str().unwrap());
            let record = folder.record(&run);
            record["result"]["test"]["accuracy"].as_f64().unwrap()
        };
        let (a, b) = (accuracy(0), accuracy(1));
        let mean = row["test_accuracy"]["mean"].as_f64().unwrap();
        let deviation = row["test_accuracy"]["deviation"].as_f64().unwrap();
        assert!((mean - (a + b) / 2.0).abs() < 1e-12);
        assert!((deviation - (a - b).abs() / 2f64.sqrt()).abs() < 1e-12);
        assert_eq!(row["runs"], 2);
    }
    assert_eq!(rows[3]["values"]["training.batch_size"], 96);
    let md = folder
        .succeed(&["sweep", "collect", "sweep.json", "--md"])
        .out;
    assert!(
        md.starts_with("| optimizer | training.batch_size | runs |"),
        "{md}"
    );
    assert_eq!(md.lines().count(), 6);
    let csv = folder
        .succeed(&["sweep", "collect", "sweep.json", "--csv"])
        .out;
    assert!(
        csv.lines().nth(1).unwrap().starts_with("sgd,48,2,0,0."),
        "{csv}"
    );
    // A damaged record is named, and the others are collected.
    let path = format!(
        "results/{}/flex-seed1/result.json",
        rows[1]["experiment"].as_str().unwrap()
    );
    folder.write(
        &path,
        folder
            .read(&path)
            .replacen("\"accuracy\": 0", "\"accuracy\": 1", 1),
    );
    let damaged = folder.hearth(&["sweep", "collect", "sweep.json"]);
    assert_eq!(damaged.code, Some(65), "{damaged:?}");
    let last = damaged.out.lines().last().unwrap();
    assert!(
        last.starts_with("index 3, ") && last.contains(": damaged: ") && last.contains(&path),
        "{damaged:?}"
    );
    let damaged = folder.hearth(&["sweep", "collect", "sweep.json", "--json"]);
    let row: Value = serde_json::from_str(damaged.out.lines().nth(1).unwrap()).unwrap();
    assert_eq!(
        (&row["runs"], &row["damaged"]),
        (&1.into(), &serde_json::json!([3]))
    );
}

#[test]
fn a_member_that_fails_does_not_stop_the_others() {
    // Weights that are there for no member.
    let sweep = r#"{
      "base": "small.json", "set": { "training.epochs": 1 },
      "grid": { "training.initial_weights": [null, "none.safetensors"] }
    }"#;
    let folder = folder(sweep);
    let done = folder.hearth(&["sweep", "run", "sweep.json"]);
    assert_eq!(done.code, Some(1), "{done:?}");
    assert!(done.out.contains("1 of 2 runs are done"), "{done:?}");
    let last = done.err.lines().last().unwrap();
    assert!(last.contains("failed: none.safetensors"), "{done:?}");
    // A run that diverges is a result.
    let sweep = r#"{ "base": "small.json", "grid": { "optimizer": [{ "sgd": { "learning_rate": 1e30 } }] } }"#;
    folder.write("sweep.json", sweep);
    folder.succeed(&["sweep", "run", "sweep.json"]);
    let status = folder.succeed(&["sweep", "status", "sweep.json"]).out;
    assert!(status.contains("diverged"), "{status}");
    let collected = folder.succeed(&["sweep", "collect", "sweep.json"]).out;
    assert!(collected.contains('-'), "{collected}");
}

#[test]
fn killed_and_started_again_it_ends_as_if_undisturbed() {
    // Slow enough to be killed in the middle.
    let sweep = r#"{
      "base": "small.json", "set": { "training.epochs": 40 },
      "grid": { "training.batch_size": [4, 5, 6, 7] }
    }"#;
    let undisturbed = folder(sweep);
    undisturbed.succeed(&["sweep", "run", "sweep.json", "-j", "2"]);
    let collect = |folder: &Folder| folder.succeed(&["sweep", "collect", "sweep.json"]).out;

    let disturbed = folder(sweep);
    let mut child = disturbed
        .command(&["sweep", "run", "sweep.json", "-j", "2"])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let results = disturbed.path().join("results");
    let started = Instant::now();
    while std::fs::read_dir(&results).map_or(0, Iterator::count) < 2 {
        assert!(started.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    // The members' processes went with it: nothing is written any more.
    std::thread::sleep(Duration::from_millis(500));
    let status = disturbed.succeed(&["sweep", "status", "sweep.json"]).out;
    std::thread::sleep(Duration::from_millis(1000));
    assert_eq!(
        disturbed.succeed(&["sweep", "status", "sweep.json"]).out,
        status
    );

    let again = disturbed.succeed(&["sweep", "run", "sweep.json", "-j", "2"]);
    assert!(again.out.contains("4 of 4"), "{again:?}");
    assert_eq!(collect(&disturbed), collect(&undisturbed));
}

#[cfg(unix)]
#[test]
fn a_signal_is_passed_on_to_the_members() {
    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;

    let folder = folder(
        r#"{
          "base": "small.json", "set": { "training.epochs": 3000 },
          "grid": { "training.batch_size": [24, 96] }
        }"#,
    );
    let arguments = ["sweep", "run", "sweep.json", "-j", "2"];
    let mut child = folder
        .command(&arguments)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let member =
        |batch: u32| format!("small+training.batch_size={batch}+training.epochs=3000/flex-seed0");
    let checkpoints = |batch: u32| {
        let folder = folder.path().join("results").join(member(batch));
        std::fs::read_dir(folder.join("checkpoint")).map_or(0, Iterator::count)
    };
    let started = Instant::now();
    while checkpoints(24) == 0 || checkpoints(96) == 0 {
        assert!(started.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(5));
    }
    kill(Pid::from_raw(child.id() as i32), Signal::SIGTERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(75));
    // They have left, and not before they wrote where they were.
    for batch in [24, 96] {
        let run = folder.path().join("results").join(member(batch));
        assert!(!run.join("lock").exists() && !run.join("result.json").exists());
        assert!(checkpoints(batch) > 0);
    }
    folder.succeed(&arguments);
    for batch in [24, 96] {
        assert_eq!(folder.record(&member(batch))["run"]["resumed"], 1);
    }
}

#[test]
fn wrong_sweeps_are_refused() {
    let folder = Folder::new();
    for (sweep, says) in [
        (
            r#"{ "base": "small.json", "grid": {} }"#,
            "grid: needs a key",
        ),
        (
            r#"{ "base": "small.json", "grid": { "training.epochs": [] } }"#,
            "grid: needs a key",
        ),
        (
            r#"{ "base": "none.json", "grid": { "training.epochs": [1] } }"#,
            "none.json",
        ),
        (
            r#"{ "base": "small.json", "grid": { "training.epoch": [1] } }"#,
            "did you mean",
        ),
        (
            r#"{ "base": "small.json", "grid": { "training.epochs": [0] } }"#,
            "out of range",
        ),
        (
            r#"{ "base": "small.json", "gird": {} }"#,
            "did you mean `grid`?",
        ),
    ] {
        folder.write("sweep.json", sweep);
        for command in ["plan", "run", "status", "collect"] {
            let done = folder.hearth(&["sweep", command, "sweep.json"]);
            assert_eq!(done.code, Some(2), "{sweep}: {done:?}");
            assert_eq!(done.err.lines().count(), 1, "{sweep}: {done:?}");
            assert!(done.err.contains(says), "{sweep}: {done:?}");
        }
    }
}

#[test]
fn two_at_once_share_the_work() {
    let folder = Folder::new();
    let slow = CONFIG
        .replace("500", "8000")
        .replace("\"epochs\": 2", "\"epochs\": 8");
    folder.write("small.json", slow);
    let sweep = r#"{ "base": "small.json", "grid": { "training.batch_size": [16, 24, 32, 40] } }"#;
    folder.write("sweep.json", sweep);
    let start = || {
        let mut command = folder.command(&["sweep", "run", "sweep.json"]);
        let command = command
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped());
        command.spawn().unwrap()
    };
    let both = [start(), start()];
    let started = Instant::now();
    let running = loop {
        let status = folder.succeed(&["sweep", "status", "sweep.json"]).out;
        let listed = folder.hearth(&["list"]).out;
        if status.contains(" of 8 ") && listed.contains("running") {
            break status;
        }
        assert!(started.elapsed() < Duration::from_secs(60), "{status}");
    };
    let line = running
        .lines()
        .find(|line| line.contains(" of 8 "))
        .unwrap();
    assert!(
        line.contains("running") && line.contains("process "),
        "{line}"
    );
    for process in both {
        let done: crate::hearth::Done = process.wait_with_output().unwrap().into();
        assert_eq!(done.code, Some(0), "{done:?}");
        assert_eq!(done.out, "4 of 4 runs are done\n");
        assert!(!done.err.contains("failed"), "{done:?}");
    }
}

#[test]
fn nothing_is_started_after_a_failure_if_so_asked() {
    let sweep = r#"{
      "base": "small.json", "set": { "training.epochs": 1 },
      "grid": { "training.initial_weights": ["none.safetensors", "nothing.safetensors", null] }
    }"#;
    let folder = folder(sweep);
    let stopped = folder.hearth(&["sweep", "run", "sweep.json", "--fail-fast"]);
    assert_eq!(stopped.code, Some(1), "{stopped:?}");
    assert_eq!(stopped.out, "0 of 3 runs are done\n");
    assert!(
        stopped
            .err
            .ends_with("hearth: 1 run has failed: no other is started\n"),
        "{stopped:?}"
    );
    // What failed is tried again, and counted anew.
    let stopped = folder.hearth(&["sweep", "run", "sweep.json", "--stop-after", "2"]);
    assert_eq!(stopped.out, "0 of 3 runs are done\n", "{stopped:?}");
    let status = folder.succeed(&["sweep", "status", "sweep.json"]);
    assert_eq!(status.out.matches(" failed ").count(), 2, "{status:?}");
    assert!(
        status.err.contains("seed 0 failed: none.safetensors"),
        "{status:?}"
    );
    let all = folder.hearth(&["sweep", "run", "sweep.json"]);
    assert_eq!(all.out, "1 of 3 runs are done\n", "{all:?}");
    let collected = folder.succeed(&["sweep", "collect", "sweep.json"]).out;
    assert!(collected.contains("\nindex 0, small"), "{collected}");
}

#[test]
fn a_task_is_run_by_its_number() {
    let folder = folder(SWEEP);
    let plan = folder
        .succeed(&["sweep", "plan", "sweep.json", "--json"])
        .out;
    let plan: Vec<Value> = plan
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(plan.len(), 8);
    for (index, run) in plan.iter().enumerate() {
        assert_eq!(
            (run["index"].as_u64(), run["seed"].as_u64()),
            (Some(index as u64), Some(index as u64 % 2))
        );
    }
    // As an engine would, from anywhere in the plan; again, it is done at once.
    let words: Vec<&str> = plan[5]["command"]
        .as_array()
        .unwrap()
        .iter()
        .map(|word| word.as_str().unwrap())
        .collect();
    for _ in 0..2 {
        assert_eq!(folder.succeed(&words[1..]).out, "1 of 1 run is done\n");
    }
    let record: Value = serde_json::from_str(&folder.read(&format!(
        "{}/result.json",
        plan[5]["folder"].as_str().unwrap()
    )))
    .unwrap();
    assert_eq!(record["signature"], plan[5]["signature"]);
    let mut told = folder.command(&["sweep", "exec", "sweep.json", "--per-task", "3"]);
    let told = crate::hearth::Done::of(told.env("LSB_JOBINDEX", "3"));
    assert_eq!(told.out, "2 of 2 runs are done\n", "{told:?}");
    let among = folder.succeed(&[
        "sweep",
        "exec",
        "sweep.json",
        "--index",
        "1",
        "--among",
        "0,5-7",
    ]);
    assert_eq!(
        (among.out.as_str(), among.err.as_str()),
        ("1 of 1 run is done\n", "")
    );

    let digest = folder
        .succeed(&["sweep", "plan", "sweep.json", "--digest"])
        .out;
    let planned = [
        "sweep",
        "exec",
        "sweep.json",
        "--index",
        "0",
        "--plan",
        digest.trim(),
    ];
    folder.succeed(&planned);
    for (arguments, says) in [
        (
            &["--index", "8"][..],
            "--index 8: the sweep has 8 tasks, 0 to 7",
        ),
        (
            &["--index", "4", "--among", "0,5-7"],
            "--index 4: --among names 4 tasks",
        ),
        (
            &["--index", "0", "--among", "x"],
            "`x` is not a list of numbers",
        ),
        (&["--index", "0", "--rung", "1"], "the sweep is not halved"),
        (&[], "which task? give --index; none of HQ_TASK_ID, "),
    ] {
        let refused = folder.hearth(&[&["sweep", "exec", "sweep.json"], arguments].concat());
        assert_eq!(refused.code, Some(2), "{refused:?}");
        assert!(
            refused.err.contains(says) && refused.err.lines().count() == 1,
            "{refused:?}"
        );
    }
    folder.write("sweep.json", SWEEP.replace("[0, 1]", "[0]"));
    let changed = folder.hearth(&planned);
    assert_eq!(changed.code, Some(2), "{changed:?}");
    assert!(
        changed.err.contains("not the sweep that was launched"),
        "{changed:?}"
    );
}

/// The digests of the runs that are done, by experiment.
fn digests(folder: &Folder) -> std::collections::BTreeMap<String, String> {
    let experiments = std::fs::read_dir(folder.path().join("results")).unwrap();
    let names = experiments.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let done = names.filter(|name| {
        let run = folder.path().join("results").join(name).join("flex-seed0");
        run.join("result.json").exists()
    });
    done.map(|name| {
        let digest = folder.record(&format!("{name}/flex-seed0"))["digest"].clone();
        (name, digest.as_str().unwrap().to_owned())
    })
    .collect()
}

#[test]
fn what_a_halving_leaves_ends_as_in_the_grid() {
    let grid = r#"{
      "base": "small.json", "set": { "training.epochs": 12 },
      "random": { "samples": 9, "values": { "optimizer.adam.learning_rate": { "log_uniform": [1e-4, 0.1] } } }
    }"#;
    let halving = r#""halving": { "metric": "validation.loss", "from_epochs": 2 }, "base""#;
    let halved = grid.replace("\"base\"", halving);
    let whole = folder(grid);
    whole.succeed(&["sweep", "run", "sweep.json", "-j", "2"]);
    let all = digests(&whole);
    assert_eq!(all.len(), 9);

    let run = folder(&halved);
    // As a cluster does, one task after another; a rung begins when the one before is done.
    let exec = |rung: &str, index: usize| {
        let index = index.to_string();
        run.hearth(&[
            "sweep",
            "exec",
            "sweep.json",
            "--rung",
            rung,
            "--index",
            &index,
        ])
    };
    for index in 0..8 {
        assert_eq!(exec("0", index).code, Some(0));
    }
    let early = exec("1", 0);
    assert_eq!(early.code, Some(69), "{early:?}");
    assert!(
        early
            .err
            .contains("rung 1 begins when all of rung 0 are done, which lacks 1 run"),
        "{early:?}"
    );
    assert!(digests(&run).is_empty());
    let done = run.succeed(&["sweep", "run", "sweep.json"]).out;
    assert!(
        done.starts_with("rung 1 of 3: 9 members until epoch 2\n9 of 9 runs are done\nrung 2"),
        "{done}"
    );
    assert!(
        done.ends_with("\n36 of 108 epochs a seed: 67 % saved; see `hearth sweep best`\n"),
        "{done}"
    );
    let left = digests(&run);
    assert_eq!(left.len(), 1);
    for (name, digest) in &left {
        assert_eq!(digest, &all[name], "{name}");
        assert_eq!(
            run.record(&format!("{name}/flex-seed0"))["run"]["resumed"],
            2
        );
    }
    let status = run.succeed(&["sweep", "status", "sweep.json"]).out;
    assert!(
        status.ends_with("\n1 of 1 run is done; 8 runs are given up\n"),
        "{status}"
    );
    let best = run
        .succeed(&["sweep", "best", "sweep.json", "--metric", "validation.loss"])
        .out;
    assert!(best.contains(left.keys().next().unwrap()), "{best}");

    // Without examples to choose by, nobody is chosen.
    let without = folder(&halved);
    without.write(
        "small.json",
        CONFIG.replace(", \"validation_fraction\": 0.2", ""),
    );
    let refused = without.hearth(&["sweep", "run", "sweep.json"]);
    assert_eq!(refused.code, Some(65), "{refused:?}");
    assert!(
        refused.err.contains("hold out validation examples"),
        "{refused:?}"
    );
}
