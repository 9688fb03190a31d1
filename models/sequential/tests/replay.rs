//! Replays the seeds and findings of the fuzzer; see `fuzz/README.md`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../../../fuzz/src/network.rs"]
mod network;
#[path = "../../../fuzz/src/replay.rs"]
mod replay;
#[path = "../../../fuzz/src/sentence.rs"]
mod sentence;

#[test]
fn network_inputs() {
    replay::all("network", network::check);
}

#[test]
fn all_seeds_but_two_are_networks() {
    for seed in std::fs::read_dir("../../fuzz/seeds/network").unwrap() {
        let path = seed.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let is_made = network::is_made(&std::fs::read(&path).unwrap());
        assert_eq!(is_made, name != "refused" && name != "names", "{name}");
    }
}

/// Networks of bytes from a generator, so that some of every kind are made without the fuzzer, too.
#[test]
fn networks_of_drawn_bytes() {
    let (mut state, mut made) = (1_u64, 0);
    for _ in 0..200_000 {
        let bytes: Vec<u8> = (0..40)
            .map(|_| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                (state >> 33) as u8
            })
            .collect();
        made += usize::from(network::is_made(&bytes));
    }
    assert!(made > 5_000, "{made} networks");
}
