//! Replays the seeds and findings of the fuzzer; see `fuzz/README.md`.

#[path = "../../../fuzz/src/config.rs"]
mod config;
#[path = "../../../fuzz/src/replay.rs"]
mod replay;
#[path = "../../../fuzz/src/sentence.rs"]
mod sentence;
#[path = "../../../fuzz/src/sweep.rs"]
mod sweep;

#[test]
fn config_inputs() {
    replay::all("config", config::check);
}

#[test]
fn sweep_inputs() {
    replay::all("sweep", sweep::check);
}
