//! Replays the seeds and findings of the fuzzer; see `fuzz/README.md`.

#[path = "../../../fuzz/src/archive.rs"]
mod archive;
#[path = "../../../fuzz/src/encoded.rs"]
mod encoded;
#[path = "../../../fuzz/src/idx.rs"]
mod idx;
#[path = "../../../fuzz/src/lines.rs"]
mod lines;
#[path = "../../../fuzz/src/npz.rs"]
mod npz;
#[path = "../../../fuzz/src/own.rs"]
mod own;
#[path = "../../../fuzz/src/picture.rs"]
mod picture;
#[path = "../../../fuzz/src/replay.rs"]
mod replay;
#[path = "../../../fuzz/src/sentence.rs"]
mod sentence;
#[path = "../../../fuzz/src/table.rs"]
mod table;
#[path = "../../../fuzz/src/vocabulary.rs"]
mod vocabulary;

#[test]
fn archive_inputs() {
    replay::all("archive", archive::check);
}

#[test]
fn encoded_inputs() {
    replay::all("encoded", encoded::check);
}

#[test]
fn idx_inputs() {
    replay::all("idx", idx::check);
}

#[test]
fn lines_inputs() {
    replay::all("lines", lines::check);
}

#[test]
fn npz_inputs() {
    replay::all("npz", npz::check);
}

#[test]
fn table_inputs() {
    replay::all("table", table::check);
}

#[test]
fn picture_inputs() {
    replay::all("picture", picture::check);
}

#[test]
fn vocabulary_inputs() {
    replay::all("vocabulary", vocabulary::check);
}
