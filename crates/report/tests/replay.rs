//! Replays the seeds and findings of the fuzzer; see `fuzz/README.md`.

#[path = "../../../fuzz/src/collected.rs"]
mod collected;
#[path = "../../../fuzz/src/replay.rs"]
mod replay;
#[path = "../../../fuzz/src/sentence.rs"]
mod sentence;

#[test]
fn collected_inputs() {
    replay::all("collected", collected::check);
}
