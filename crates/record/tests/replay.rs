//! Replays the seeds and findings of the fuzzer; see `fuzz/README.md`.

#[path = "../../../fuzz/src/checkpoint.rs"]
mod checkpoint;
#[path = "../../../fuzz/src/replay.rs"]
mod replay;
#[path = "../../../fuzz/src/sentence.rs"]
mod sentence;
#[path = "../../../fuzz/src/tensors.rs"]
mod tensors;

#[test]
fn checkpoint_inputs() {
    replay::all("checkpoint", checkpoint::check);
}

#[test]
fn tensors_inputs() {
    replay::all("tensors", tensors::check);
}
