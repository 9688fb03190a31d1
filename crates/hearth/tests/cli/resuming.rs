//! Runs that end before their time: by signals, by kills, by each other, by damage and full disks.
#![cfg(unix)]

use std::process::{Child, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::hearth::{Done, Folder};

/// Long enough to be met at work.
const LONG: &str = "training.epochs=2000";
const RUN: &str = "results/small+training.epochs=2000/flex-seed0";
const COMMAND: [&str; 4] = ["run", "small.json", "--set", LONG];

fn start(folder: &Folder) -> Child {
    let mut command = folder.command(&COMMAND);
    command.args(["--checkpoint-every", "1"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    child.spawn().unwrap()
}

/// When a checkpoint is there that was not before.
fn wait_for_another_checkpoint(folder: &Folder) {
    let checkpoints = || -> Vec<String> {
        let entries = std::fs::read_dir(folder.path().join(RUN).join("checkpoint"));
        let names = entries.into_iter().flatten().flatten();
        let mut names: Vec<String> = names
            .map(|entry| entry.file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".json"))
            .collect();
        names.sort();
        names
    };
    let (first, started) = (checkpoints(), Instant::now());
    while checkpoints().last() == first.last() {
        assert!(started.elapsed() < Duration::from_secs(60), "no checkpoint");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn finish(child: Child) -> Done {
    Done::from(child.wait_with_output().unwrap())
}

fn send(child: &Child, signal: Signal) {
    kill(Pid::from_raw(child.id() as i32), signal).unwrap();
}

/// The record of such a run, computed once.
fn undisturbed() -> &'static serde_json::Value {
    static RECORD: OnceLock<serde_json::Value> = OnceLock::new();
    RECORD.get_or_init(|| {
        let folder = Folder::new();
        folder.succeed(&COMMAND);
        folder.record("small+training.epochs=2000/flex-seed0")
    })
}

#[test]
fn signals_leave_a_checkpoint_and_kills_the_last_one() {
    let folder = Folder::new();
    for signal in [
        Signal::SIGINT,
        Signal::SIGTERM,
        Signal::SIGUSR1,
        Signal::SIGHUP,
    ] {
        let child = start(&folder);
        wait_for_another_checkpoint(&folder);
        send(&child, signal);
        let done = finish(child);
        assert_eq!(done.code, Some(75), "{done:?}");
        let last = done.err.lines().last().unwrap();
        assert!(
            last.contains("to resume: ") && last.contains(" 'training.epochs=2000' "),
            "{last}"
        );

        let child = start(&folder);
        wait_for_another_checkpoint(&folder);
        send(&child, Signal::SIGKILL);
        assert_eq!(finish(child).code, None);
    }
    let done = folder.succeed(&COMMAND);
    assert!(
        done.err
            .starts_with("hearth: small+training.epochs=2000 seed 0: resuming "),
        "{done:?}"
    );
    let record = folder.record("small+training.epochs=2000/flex-seed0");
    let expected = undisturbed();
    assert_eq!(record["result"], expected["result"]);
    assert_eq!(record["digest"], expected["digest"]);
    assert_eq!(record["run"]["resumed"], 8);
    // The log is as if nothing had happened.
    let log = folder.read(&format!("{RUN}/metrics.jsonl"));
    assert_eq!(log.lines().count(), 2000);
    for path in ["checkpoint", "lock"] {
        assert!(!folder.path().join(RUN).join(path).exists(), "{path}");
    }
}

#[test]
fn what_a_kill_leaves_beside_a_finished_run_is_removed() {
    let folder = Folder::new();
    folder.succeed(&["run", "small.json"]);
    let run = folder.path().join("results/small/flex-seed0");
    let result = folder.read("results/small/flex-seed0/result.json");
    std::fs::create_dir(run.join("checkpoint")).unwrap();
    for left in ["lock", "checkpoint/step-000000000018.json"] {
        std::fs::write(run.join(left), "").unwrap();
    }
    folder.succeed(&["run", "small.json"]);
    assert!(!run.join("lock").exists() && !run.join("checkpoint").exists());
    assert_eq!(folder.read("results/small/flex-seed0/result.json"), result);
}

#[test]
fn ctrl_c_twice_leaves_at_once() {
    let folder = Folder::new();
    let child = start(&folder);
    wait_for_another_checkpoint(&folder);
    // It cannot take the first one to heart before it is stopped.
    send(&child, Signal::SIGSTOP);
    send(&child, Signal::SIGINT);
    send(&child, Signal::SIGCONT);
    send(&child, Signal::SIGINT);
    assert_eq!(finish(child).code, Some(75));
    folder.succeed(&COMMAND);
}

#[test]
fn two_at_once_do_not_mix() {
    let folder = Folder::new();
    let first = start(&folder);
    wait_for_another_checkpoint(&folder);
    let second = folder.hearth(&COMMAND);
    assert_eq!(second.code, Some(73), "{second:?}");
    let pid = format!("in use by process {} on ", first.id());
    assert!(
        second.err.contains(&pid) && second.err.lines().count() == 1,
        "{second:?}"
    );
    send(&first, Signal::SIGKILL);
    finish(first);
    // What a dead process holds is taken over.
    let left = |name: &str| folder.path().join(RUN).join(name).exists();
    assert!(left("lock") && left("claim-1"));
    folder.succeed(&COMMAND);
    assert!(!left("lock") && !left("claim-1") && !left("claim-2"));
}

#[test]
fn a_damaged_checkpoint_gives_way_to_the_one_before() {
    let folder = Folder::new();
    let child = start(&folder);
    wait_for_another_checkpoint(&folder);
    wait_for_another_checkpoint(&folder);
    wait_for_another_checkpoint(&folder);
    send(&child, Signal::SIGTERM);
    finish(child);
    let checkpoints = folder.path().join(RUN).join("checkpoint");
    let entries = std::fs::read_dir(&checkpoints).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert_eq!(paths.len(), 4, "{paths:?}");
    let last = paths.last().unwrap();
    let mut bytes = std::fs::read(last).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x40;
    std::fs::write(last, bytes).unwrap();

    let done = folder.succeed(&COMMAND);
    let said: Vec<&str> = done.err.lines().take(2).collect();
    let name = last.file_name().unwrap().to_str().unwrap();
    assert!(
        said[0].contains(name) && said[0].contains("digest"),
        "{said:?}"
    );
    assert!(said[1].contains("resuming "), "{said:?}");
    let record = folder.record("small+training.epochs=2000/flex-seed0");
    assert_eq!(record["digest"], undisturbed()["digest"]);
}

#[test]
fn a_folder_that_goes_away_is_noticed() {
    let folder = Folder::new();
    let child = start(&folder);
    wait_for_another_checkpoint(&folder);
    // Not removed: the run may be making files in it.
    std::fs::rename(folder.path().join(RUN), folder.path().join("elsewhere")).unwrap();
    let done = finish(child);
    assert_eq!(done.code, Some(74), "{done:?}");
    let said: Vec<&str> = done
        .err
        .lines()
        .filter(|line| line.starts_with("hearth:"))
        .collect();
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains(RUN), "{said:?}");
}

#[test]
fn where_nothing_can_be_written_one_line_says_so() {
    let folder = Folder::new();
    folder.write("results", "a file");
    let done = folder.hearth(&["run", "small.json"]);
    assert_eq!(done.code, Some(2), "{done:?}");
    assert!(
        done.err.contains("this is a file; name a folder"),
        "{done:?}"
    );
    assert_eq!(done.err.lines().count(), 1, "{done:?}");
    assert_eq!(folder.read("results"), "a file");
    folder.write("outer/results", "a file");
    let within = folder.hearth(&["run", "small.json", "--out", "outer/results/x"]);
    assert_eq!(within.code, Some(74), "{within:?}");
    assert_eq!(within.err.lines().count(), 1, "{within:?}");
}

/// On a file system of 4 MiB, in a namespace of its own: filled while the run writes to it, then
/// emptied.
const FULL_DISK: &str = r#"
set -e
mkdir results
mount -t tmpfs -o size=4m tmpfs results || exit 200
"$@" --checkpoint-every 1 2> full.err &
left=6000
until ls "$RUN"/checkpoint/*.json > /dev/null 2>&1; do
    sleep 0.01
    left=$((left - 1))
    [ $left -gt 0 ]
done
dd if=/dev/zero of=results/filler bs=4k 2> /dev/null || true
code=0
wait $! || code=$?
echo $code > full.code
ls "$RUN/checkpoint" > full.left
rm results/filler
"$@" 2> again.err
cp "$RUN/result.json" again.json
"#;

#[test]
fn a_full_disk_ends_the_run_and_spares_the_last_checkpoint() {
    let folder = Folder::new();
    let hearth = folder.command(&COMMAND);
    let mut command = std::process::Command::new("unshare");
    command.args(["-rm", "sh", "-c", FULL_DISK, "sh"]);
    command.arg(hearth.get_program()).args(hearth.get_args());
    command.current_dir(folder.path()).env("RUN", RUN);
    let done = command.output();
    if !done.as_ref().is_ok_and(|done| done.status.success()) {
        let said = done.map(|done| String::from_utf8_lossy(&done.stderr).into_owned());
        // Not everywhere may a file system be mounted.
        assert!(!folder.path().join("full.code").exists(), "{said:?}");
        eprintln!("skipped: no file system can be mounted here: {said:?}");
        return;
    }
    assert_eq!(folder.read("full.code"), "74\n");
    let said = folder.read("full.err");
    let errors: Vec<&str> = said
        .lines()
        .filter(|line| line.starts_with("hearth:"))
        .collect();
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(errors[0].contains("No space left"), "{errors:?}");
    assert!(folder.read("full.left").contains(".json"));
    assert!(folder.read("again.err").contains("resuming after epoch"));
    let record: serde_json::Value = serde_json::from_str(&folder.read("again.json")).unwrap();
    assert_eq!(record["digest"], undisturbed()["digest"]);
}
