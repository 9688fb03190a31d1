//! The event files that TensorBoard reads.

use std::path::PathBuf;

use crate::hearth::Folder;

fn file(folder: &Folder, place: &str) -> PathBuf {
    let run = folder.path().join("results/small/flex-seed0/tb");
    run.join(place).join("events.out.tfevents.hearth")
}

/// The number of events in a file, each framed by its length.
fn events(folder: &Folder, place: &str) -> usize {
    let bytes = std::fs::read(file(folder, place)).unwrap();
    let (mut at, mut count) = (0, 0);
    while at < bytes.len() {
        let length = u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap());
        at += 16 + usize::try_from(length).unwrap();
        count += 1;
    }
    assert_eq!(at, bytes.len(), "a frame is cut off");
    count
}

#[test]
fn curves_grow_and_begin_again_with_the_run() {
    let folder = Folder::new();
    let run = [
        "run",
        "small.json",
        "--set",
        "training.epochs=3",
        "--name",
        "small",
    ];
    let until = [&run[..], &["--until-epoch", "2"]].concat();
    folder.succeed(&until);
    assert_eq!(
        (events(&folder, "train"), events(&folder, "validation")),
        (3, 3)
    );
    assert!(!file(&folder, "").exists());
    folder.succeed(&run);
    // The version, then an event for each epoch; for the config the version, start, test and end.
    assert_eq!(
        (events(&folder, "train"), events(&folder, "validation")),
        (4, 4)
    );
    assert_eq!(events(&folder, ""), 4);
    let log = folder.read("results/small/flex-seed0/metrics.jsonl");
    assert_eq!(log.matches("\"learning_rate\":0.003").count(), 3, "{log}");
    // Without them, those of the earlier run go.
    folder.succeed(&[&run[..], &["--overwrite", "--no-tensorboard"]].concat());
    assert!(!folder.path().join("results/small/flex-seed0/tb").exists());
    let mut off = folder.command(&[&run[..], &["--overwrite"]].concat());
    assert!(
        off.env("HEARTH_NO_TENSORBOARD", "1")
            .output()
            .unwrap()
            .status
            .success()
    );
    assert!(!folder.path().join("results/small/flex-seed0/tb").exists());
}

#[cfg(unix)]
#[test]
fn a_link_in_their_place_is_not_followed() {
    let folder = Folder::new();
    folder.write("elsewhere/train/events.out.tfevents.hearth", "mine");
    folder.write("results/small/flex-seed0/note.txt", "");
    let elsewhere = folder.path().join("elsewhere");
    let link = folder.path().join("results/small/flex-seed0/tb");
    std::os::unix::fs::symlink(elsewhere, link).unwrap();
    let done = folder.hearth(&["run", "small.json"]);
    assert_eq!(done.code, Some(65), "{done:?}");
    assert!(done.err.contains("flex-seed0/tb: "), "{done:?}");
    assert_eq!(
        folder.read("elsewhere/train/events.out.tfevents.hearth"),
        "mine"
    );
}
