use compare::{Comparison, Group, Options, Verdict};
use random::{Purpose, Stream};
use serde_json::Value;

use crate::hearth::{Folder, repository};

/// Six seeds with a small learning rate and six with a good one.
fn folder() -> Folder {
    let folder = Folder::new();
    let slow = "optimizer.adam.learning_rate=0.0001";
    folder.succeed(&["run", "small.json", "--seeds", "0..6"]);
    folder.succeed(&["run", "small.json", "--seeds", "0..6", "--set", slow]);
    folder
}

const SLOW: &str = "results/small+optimizer.adam.learning_rate=0.0001";

#[test]
fn a_difference_gets_a_verdict_and_a_gate() {
    let folder = folder();
    let done = folder.succeed(&["diff", SLOW, "results/small"]);
    for words in [
        "optimizer.adam.learning_rate",
        "better",
        "95 % interval",
        "sign-flip test",
    ] {
        assert!(done.out.contains(words), "{words} in {done:?}");
    }
    folder.succeed(&["diff", SLOW, "results/small", "--fail-on", "not-better"]);
    let gate = ["diff", "results/small", SLOW, "--fail-on", "worse"];
    assert_eq!(folder.hearth(&gate).code, Some(1));
    folder.succeed(&gate[..3]);

    let json = folder
        .succeed(&["diff", SLOW, "results/small", "--json"])
        .out;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["contrasts"][0]["verdict"], "better");
    assert!(
        folder
            .succeed(&["diff", SLOW, "results/small", "--md"])
            .out
            .contains("|---")
    );
    let csv = folder.succeed(&[
        "diff",
        SLOW,
        "results/small",
        "--csv",
        "--metric",
        "test.loss",
    ]);
    assert!(csv.out.contains("test.loss"), "{csv:?}");
}

#[test]
fn what_cannot_be_compared_is_trouble_on_one_line() {
    let folder = folder();
    let run = "results/small/flex-seed0/result.json";
    let good = folder.read(run);
    for (text, says) in [
        (good[..good.len() / 2].to_owned(), "not a result"),
        (
            good.replacen("\"schema_version\": 4", "\"schema_version\": 7", 1),
            "schema 7",
        ),
        (good.replacen("\"seed\": 0", "\"sead\": 0", 1), "sead"),
        (
            good.replacen("\"parameters\": 25", "\"parameters\": 26", 1),
            "digest",
        ),
    ] {
        assert_ne!(text, good);
        folder.write(run, &text);
        let done = folder.hearth(&["diff", "results/small", SLOW]);
        assert_eq!(done.code, Some(65), "{done:?}");
        assert_eq!(done.err.lines().count(), 1, "{done:?}");
        assert!(
            done.err.contains(says) && done.err.contains("result.json"),
            "{says}: {done:?}"
        );
        // A page shows what can be read, and says what cannot.
        let done = folder.hearth(&["report", "results"]);
        assert_eq!(done.code, Some(65), "{done:?}");
        assert!(done.out.contains("wrote report.html"), "{done:?}");
        assert!(done.err.contains(says), "{says}: {done:?}");
    }
    folder.write(run, &good);
    for arguments in [
        &["diff", "results/small"][..],
        &["diff", "results/small", "results/none"],
        &[
            "diff",
            SLOW,
            "results/small/flex-seed1",
            "--metric",
            "test.acuracy",
        ],
    ] {
        let done = folder.hearth(arguments);
        assert_eq!(done.code, Some(2), "{done:?}");
        assert_eq!(done.err.lines().count(), 1, "{done:?}");
    }
}

/// Bytes are cut, changed and put in at many places of a result file.
#[test]
fn mangled_results_are_never_taken_for_others() {
    let folder = Folder::new();
    folder.succeed(&["run", "small.json", "--seeds", "0..2"]);
    let run = "results/small/flex-seed0/result.json";
    let good = folder.read(run).into_bytes();
    let measured: Value = serde_json::from_slice(&good).unwrap();
    let measured = &measured["result"];
    for case in 0..120 {
        let mut mangled = good.clone();
        let place = (case * 7919 + 13) % good.len();
        match case % 4 {
            0 => mangled.truncate(place),
            1 => mangled[place] ^= 1 << (case % 7),
            2 => mangled.insert(place, b"0\"{]-e"[case % 6]),
            _ => drop(mangled.drain(place..good.len().min(place + 1 + case % 40))),
        }
        folder.write(run, &mangled);
        for arguments in [
            &[
                "diff",
                "results/small/flex-seed0",
                "results/small/flex-seed1",
            ][..],
            &["list"],
            &["report", "results"],
        ] {
            let done = folder.hearth(arguments);
            assert!(!done.err.contains("panicked"), "case {case}: {done:?}");
            assert!(
                matches!(done.code, Some(0 | 2 | 65)),
                "case {case}: {done:?}"
            );
            if arguments[0] == "diff" && done.code == Some(0) {
                // Only what is around the measured numbers may differ unnoticed.
                let read: Value = serde_json::from_slice(&mangled).unwrap();
                assert_eq!(read["result"], *measured, "case {case}");
            }
        }
    }
}

#[test]
fn a_run_is_verified_to_the_bit_or_told_where_it_differs() {
    let folder = Folder::new();
    folder.succeed(&["run", "small.json"]);
    let run = "results/small/flex-seed0";
    let done = folder.succeed(&["verify", run]);
    assert!(done.out.contains("bit-exact"), "{done:?}");
    let done = folder.succeed(&["verify", run, "--backend", "ndarray", "--tolerance", "0.02"]);
    assert!(done.out.contains("within tolerance"), "{done:?}");
    let done = folder.hearth(&["verify", run, "--backend", "ndarray", "--tolerance", "0"]);
    assert_eq!(done.code, Some(1), "{done:?}");
    // Whether an epoch differs or only the test set depends on the processor's kernels.
    assert!(done.out.contains("differs: "), "{done:?}");
    assert!(done.out.contains(" was "), "{done:?}");
    assert!(done.out.contains(", now it is "), "{done:?}");
    let done = folder.hearth(&["verify", "results/none"]);
    assert_eq!(done.code, Some(2), "{done:?}");
}

#[test]
fn a_list_is_filtered_and_sorted() {
    let folder = folder();
    let names = |arguments: &[&str]| -> Vec<String> {
        let mut all = vec!["list", "--json"];
        all.extend(arguments);
        let lines = folder.succeed(&all).out;
        let runs = lines
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        runs.map(|run| format!("{} {}", run["experiment"].as_str().unwrap(), run["seed"]))
            .collect()
    };
    assert_eq!(names(&[]).len(), 12);
    assert_eq!(names(&["--experiment", "small"]).len(), 6);
    assert_eq!(
        names(&["--experiment", "small", "--seed", "2"]),
        ["small 2"]
    );
    assert_eq!(names(&["--status", "diverged"]).len(), 0);
    assert_eq!(names(&["--backend", "ndarray"]).len(), 0);
    let sorted = names(&["--sort", "test.accuracy", "--reverse", "--limit", "3"]);
    assert!(
        sorted.iter().all(|name| name.starts_with("small ")),
        "{sorted:?}"
    );
}

#[test]
fn the_committed_results_say_which_optimizer_is_better() {
    let folder = Folder::new();
    let results = repository().join("results/reference");
    let group = |experiment: &str| results.join(experiment).display().to_string();
    let (sgd, adam) = (group("mnist-dropout-sgd"), group("mnist-dropout-adam"));
    let json = folder.succeed(&["diff", &sgd, &adam, "--json"]).out;
    let json: Value = serde_json::from_str(&json).unwrap();
    let contrast = &json["contrasts"][0];
    assert_eq!(contrast["verdict"], "better");
    assert!(contrast["interval_95"].is_object() || contrast["interval_95"].is_array());
}

/// How many of `splits` random halves of a group are said to be better than the other half.
fn false_positives(group: &Group, splits: u32) -> usize {
    let better = |split: &u32| {
        let order = Stream::new(0, Purpose::Shuffle, 0, *split).permutation(group.runs.len());
        let (one, other) = order.split_at(order.len() / 2);
        let half = |places: &[u32]| Group {
            runs: places
                .iter()
                .map(|&place| group.runs[place as usize].clone())
                .collect(),
            ..group.clone()
        };
        let halves = vec![half(one), half(other)];
        let comparison = Comparison::of(halves, &Options::default()).unwrap();
        comparison.contrasts[0].verdict == Verdict::Better
    };
    (0..splits).filter(better).count()
}

#[test]
fn halves_of_an_experiments_seeds_are_not_better_than_each_other() {
    let folder = Folder::new();
    folder.succeed(&["run", "small.json", "--seeds", "0..24"]);
    let runs = folder.path().join("results/small").display().to_string();
    let found = false_positives(&Group::read(&runs).unwrap(), 4000);
    println!("better by chance: {found} of 4000 synthetic splits");
    assert!(found < 200);

    let experiments = repository().join("results/reference/*-*");
    let experiments = glob::glob(&experiments.display().to_string()).unwrap();
    let found: Vec<usize> = experiments
        .map(|path| {
            let group = Group::read(path.unwrap()).unwrap();
            false_positives(&group, 40)
        })
        .collect();
    let (found, splits) = (found.iter().sum::<usize>(), 40 * found.len());
    println!("better by chance: {found} of {splits} splits of the committed results");
    assert!(splits >= 400 && 20 * found < splits);
}
