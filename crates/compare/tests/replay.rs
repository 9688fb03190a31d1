//! Replays the seeds and findings of the fuzzer; see `fuzz/README.md`.

#[path = "../../../fuzz/src/replay.rs"]
mod replay;
#[path = "../../../fuzz/src/result.rs"]
mod result;
#[path = "../../../fuzz/src/sentence.rs"]
mod sentence;

#[test]
fn result_inputs() {
    replay::all("result", result::check);
}
