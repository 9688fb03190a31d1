#![cfg(unix)]

use std::process::Stdio;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::hearth::Folder;

#[test]
fn a_signal_ends_the_run_and_keeps_the_finished_epochs() {
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let folder = Folder::new();
        let child = folder
            .command(&["run", "small.json", "--set", "training.epochs=100000"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let run = folder
            .path()
            .join("results/small+training.epochs=100000/flex-seed0");
        let started = Instant::now();
        let lines = || std::fs::read_to_string(run.join("metrics.jsonl")).unwrap_or_default();
        while lines().lines().count() < 3 {
            assert!(started.elapsed() < Duration::from_secs(60), "no epochs");
            std::thread::sleep(Duration::from_millis(20));
        }
        kill(Pid::from_raw(child.id() as i32), signal).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(75));
        let said = String::from_utf8(output.stderr).unwrap();
        let last = said.lines().last().unwrap();
        assert!(last.starts_with("hearth: interrupted in epoch "), "{last}");
        assert!(!run.join("result.json").exists());
        for line in lines().lines() {
            serde_json::from_str::<serde_json::Value>(line).unwrap();
        }
    }
}
