//! Where commands write, and what they call a run.

use crate::hearth::{CONFIG, Folder};

const RUN: &str = "results/small/flex-seed0";

fn folder() -> Folder {
    let folder = Folder::new();
    folder.succeed(&["run", "small.json"]);
    folder
}

#[test]
fn a_run_has_several_names() {
    let folder = folder();
    let result = format!("{RUN}/result.json");
    for run in [
        RUN,
        &result,
        "results/small",
        "results/*/flex-seed0",
        "results/sm*",
    ] {
        folder.succeed(&["verify", run]);
        folder.succeed(&["export", run, "--to", "w.safetensors"]);
    }
    folder.succeed(&["run", "small.json", "--seeds", "1"]);
    for (run, said) in [
        (
            "results/small",
            "results/small: holds 2 runs; name one of them: results/small/flex-seed0, results/small/flex-seed1",
        ),
        ("results", "results: no finished run in it"),
        ("small", "small: not found, did you mean results/small?"),
        (
            "results/none",
            "results/none: not found; name a result.json",
        ),
        ("small.json", "small.json: not a result"),
    ] {
        for command in ["verify", "evaluate"] {
            let refused = folder.hearth(&[command, run]);
            assert_eq!(refused.code, Some(2), "{refused:?}");
            assert!(refused.err.contains(said), "{refused:?}");
            assert_eq!(refused.err.lines().count(), 1, "{refused:?}");
        }
    }
}

#[test]
fn a_config_may_be_a_pattern_and_a_bad_one_stops_no_other() {
    let folder = Folder::new();
    folder.write("configs/a.json", CONFIG);
    folder.write("configs/b.json", CONFIG.replace("48", "50"));
    let done = folder.succeed(&["run", "configs/*.json"]);
    assert_eq!(done.out.lines().count(), 3, "{done:?}");
    folder.write("configs/0.json", "{");
    folder.write("configs/c.json", CONFIG.replace("48", "0"));
    let checked = folder.hearth(&["check", "configs/*.json"]);
    assert_eq!(
        (checked.code, checked.out.lines().count()),
        (Some(2), 2),
        "{checked:?}"
    );
    assert_eq!(checked.err.lines().count(), 2, "{checked:?}");
    let run = folder.hearth(&["run", "configs/*.json", "--out", "other"]);
    assert_eq!((run.code, run.out.lines().count()), (Some(2), 3), "{run:?}");
    let page = folder.succeed(&["report", "results/[ab]", "-o", "-"]).out;
    assert!(page.contains("2 runs of 2 experiments"));
    let one = folder.hearth(&["diff", "results/a"]);
    assert_eq!(one.code, Some(2), "{one:?}");
    assert!(one.err.contains("at least two groups"), "{one:?}");
    let both = folder.succeed(&["diff", "results/[ab]"]);
    assert!(both.out.contains("training.batch_size"), "{both:?}");
    let none = folder.hearth(&["check", "none/*.json"]);
    assert_eq!(none.code, Some(2), "{none:?}");
    assert!(
        none.err.contains("none/*.json: nothing matches"),
        "{none:?}"
    );
}

#[test]
fn a_damaged_folder_stops_no_other_run() {
    let folder = folder();
    folder.write(&format!("{RUN}/result.json"), "{");
    folder.write("b.json", CONFIG.replace("48", "50"));
    let done = folder.hearth(&["run", "small.json", "b.json", "--seeds", "0,1"]);
    assert_eq!(done.code, Some(65), "{done:?}");
    let rows: Vec<&str> = done.out.lines().skip(1).collect();
    assert!(
        rows[0].starts_with("small") && rows[0].contains(" 1 "),
        "{rows:?}"
    );
    // A run of `b` that learnt nothing counts for no mean, and the mean of one is that one.
    assert!(
        rows[1].starts_with("b ") && rows[2].starts_with("b ") && rows.len() == 3,
        "{rows:?}"
    );
}

#[test]
fn one_data_set_or_config_does_not_hide_another() {
    let folder = Folder::new();
    let fetched = folder.hearth(&["data", "fetch"]);
    assert_eq!(fetched.code, Some(69), "{fetched:?}");
    assert_eq!(fetched.err.lines().count(), 2, "{fetched:?}");
    folder.write("bad.json", "{");
    let checked = folder.hearth(&["gradcheck", "bad.json", "small.json"]);
    assert_eq!(checked.code, Some(2), "{checked:?}");
    assert!(checked.out.matches("passes").count() == 6, "{checked:?}");
}

#[test]
fn a_run_may_stand_behind_the_files() {
    let folder = folder();
    image::GrayImage::from_fn(28, 28, |x, _| image::Luma([if x == 14 { 255 } else { 0 }]))
        .save(folder.path().join("one.png"))
        .unwrap();
    let before = folder.succeed(&["predict", RUN, "--image", "one.png", "one.png"]);
    let behind = folder.succeed(&["predict", "--image", "one.png", "one.png", RUN]);
    assert_eq!(before.out, behind.out);
    for files in [&["one.png"][..], &["one.png", "one.png"]] {
        let none = folder.hearth(&[&["predict", "--image"], files].concat());
        assert_eq!(none.code, Some(2), "{none:?}");
        assert!(none.err.contains("no RUN; name a finished run"), "{none:?}");
    }
}

#[test]
fn the_config_of_a_run_belongs_to_its_experiment() {
    let folder = folder();
    let again = folder.succeed(&["run", &format!("{RUN}/config.json")]);
    assert!(
        again
            .err
            .contains("already finished in results/small/flex-seed0"),
        "{again:?}"
    );
}

#[test]
fn other_formats_and_folders_that_do_not_exist_are_refused() {
    let folder = folder();
    for file in ["w.onnx", "w.npz", "W.PT"] {
        let refused = folder.hearth(&["export", RUN, "--to", file]);
        assert_eq!(refused.code, Some(2), "{refused:?}");
        assert!(
            refused.err.contains("export writes safetensors only"),
            "{refused:?}"
        );
        assert!(!folder.path().join(file).exists());
    }
    for command in [["export", RUN, "--to"], ["report", "results", "-o"]] {
        let mut arguments = command.to_vec();
        arguments.push("typo/file");
        let refused = folder.hearth(&arguments);
        assert_eq!(refused.code, Some(74), "{refused:?}");
        assert!(
            refused.err.contains("typo/file: no such folder"),
            "{refused:?}"
        );
        assert!(!folder.path().join("typo").exists());
    }
    let bytes = folder
        .command(&["export", RUN, "--to", "-"])
        .output()
        .unwrap()
        .stdout;
    let model = folder.path().join(RUN).join("model.safetensors");
    assert_eq!(bytes, std::fs::read(model).unwrap());
}

#[test]
fn a_diverged_run_has_no_model() {
    let folder = Folder::new();
    let wild = "optimizer={\"sgd\": {\"learning_rate\": 1e30}}";
    let run = folder.hearth(&["run", "small.json", "--name", "wild", "--set", wild]);
    assert_eq!(run.code, Some(1), "{run:?}");
    for command in ["evaluate", "export"] {
        let mut arguments = vec![command, "results/wild"];
        arguments.extend(["--to", "w"].iter().filter(|_| command == "export"));
        let refused = folder.hearth(&arguments);
        assert_eq!(refused.code, Some(65), "{refused:?}");
        assert!(
            refused.err.contains("the run diverged in epoch 1, step "),
            "{refused:?}"
        );
    }
    assert!(!folder.path().join("w").exists());
    folder.succeed(&["verify", "results/wild"]);
}

#[test]
fn empty_variables_count_as_absent() {
    let folder = Folder::new();
    let mut command = folder.command(&["doctor"]);
    let doctor = command
        .env("HEARTH_DATA_DIR", "")
        .env("HEARTH_MNIST_URL", "");
    let found = crate::hearth::Done::of(doctor);
    assert_eq!(found.code, Some(0), "{found:?}");
    assert!(!found.out.contains("HEARTH_DATA_DIR out"), "{found:?}");
}

#[test]
fn more_threads_than_the_machine_has_are_not_started() {
    let folder = Folder::new();
    let done = folder.succeed(&["run", "small.json", "--threads", "1000000"]);
    assert!(
        done.err
            .contains("--threads 1000000 is more than this machine can use; "),
        "{done:?}"
    );
    let threads = folder.record("small/flex-seed0")["run"]["threads"]
        .as_u64()
        .unwrap();
    assert!(threads <= 4 * std::thread::available_parallelism().unwrap().get() as u64);
}

#[test]
fn an_edited_config_is_told_before_anything_is_trained() {
    let folder = folder();
    let path = format!("{RUN}/result.json");
    let edited = folder.read(&path).replace("\"epochs\": 2", "\"epochs\": 3");
    folder.write(&path, edited);
    let damaged = folder.hearth(&["verify", RUN]);
    assert!(damaged.err.contains("digest mismatch"), "{damaged:?}");
    // Sealed again, it does not have the signature of its config.
    folder.seal(RUN);
    let done = folder.hearth(&["verify", RUN]);
    assert_eq!(done.code, Some(65), "{done:?}");
    assert!(
        done.err.contains("its config was changed after the run"),
        "{done:?}"
    );
    assert!(!done.err.contains("epoch   1"), "{done:?}");
}
