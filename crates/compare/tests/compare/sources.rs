use std::fs;

use compare::{Group, Options, compare};

use crate::made::{right_on, shown, write};

fn results() -> tempfile::TempDir {
    let results = tempfile::tempdir().unwrap();
    for seed in 0..3 {
        write(results.path(), &right_on("a", seed, 900 + seed as usize));
        write(results.path(), &right_on("b", seed, 950 + seed as usize));
    }
    results
}

#[test]
fn files_folders_and_patterns_are_read() {
    let results = results();
    let of = |argument: &str| Group::read(shown(&results.path().join(argument))).unwrap();
    for (argument, runs) in [
        ("a", 3),
        ("a/flex-seed1", 1),
        ("a/flex-seed1/result.json", 1),
        ("a/*", 3),
        ("a/flex-seed[01]", 2),
        ("a/*/result.json", 3),
        ("[ab]", 6),
        ("a*", 3),
        // The experiment's folder, its runs, and all files in them.
        ("a/**", 3),
    ] {
        let group = of(argument);
        assert_eq!(group.runs.len(), runs, "{argument}");
        match runs {
            6 => assert_eq!(group.name, group.argument),
            _ => assert_eq!(group.name, "a"),
        }
    }
}

#[test]
fn runs_without_a_result_are_counted_and_left_out() {
    let results = results();
    let begun = results.path().join("a/flex-seed3");
    fs::create_dir(&begun).unwrap();
    fs::write(begun.join("config.json"), "{}").unwrap();
    for pattern in ["a", "a/*", "a/**"] {
        let group = Group::read(shown(&results.path().join(pattern))).unwrap();
        assert_eq!(
            (group.runs.len(), group.unfinished.len()),
            (3, 1),
            "{pattern}"
        );
    }
    let error = Group::read(shown(&begun)).unwrap_err().to_string();
    assert!(
        error.contains("flex-seed3: the run is unfinished; resume it"),
        "{error}"
    );
}

#[test]
fn what_is_no_run_is_refused_with_the_remedy() {
    let results = results();
    let path = results.path();
    fs::create_dir(path.join("empty")).unwrap();
    fs::write(path.join("weights.json"), "{}").unwrap();
    for (argument, said) in [
        ("nowhere", "nowhere: not found; name a result.json"),
        ("no*where", "no*where: nothing matches; `hearth list`"),
        ("a/[", "not a valid pattern: "),
        ("empty", "empty: no finished run in it; name a run's folder"),
        ("emp*", "emp*: no finished run in it"),
        (
            "weights.json",
            "weights.json: not a result; name a file called result.json",
        ),
        ("", ": no finished run in it; name a run's folder"),
    ] {
        let error = Group::read(shown(&path.join(argument)))
            .unwrap_err()
            .to_string();
        assert!(error.contains(said), "{error}");
        assert_eq!(error.lines().count(), 1);
    }
}

#[test]
fn a_run_counts_once() {
    let results = results();
    let path = |name: &str| shown(&results.path().join(name));
    let error = |arguments: &[&str]| {
        let arguments: Vec<String> = arguments.iter().map(|name| path(name)).collect();
        compare(&arguments, &Options::default())
            .unwrap_err()
            .to_string()
    };
    assert!(error(&["a"]).starts_with("a comparison needs at least two groups, got 1"));
    let said = error(&["a", "b/../a/flex-seed1"]);
    assert!(said.contains("give each run to one side only"), "{said}");

    // The same seed on another backend is the same sample, not a second one.
    let mut again = right_on("a", 1, 901);
    again.run.backend = "ndarray".to_owned();
    write(results.path(), &again);
    let said = error(&["a", "b"]);
    assert!(said.contains("seed 1 of a occurs twice"), "{said}");
    let by_backend = [path("a/flex-*"), path("a/ndarray-*")];
    let comparison = compare(&by_backend, &Options::default()).unwrap();
    assert_eq!(comparison.groups[0].name, by_backend[0]);

    let mut other = right_on("c", 0, 900);
    other.result.data.test.digest = "another".to_owned();
    write(results.path(), &other);
    let said = error(&["[bc]", "a/flex-seed0"]);
    assert!(said.contains("runs with different test sets"), "{said}");
}

/// A config is edited and further seeds are run: the name is the same and the experiment is not.
#[test]
fn seeds_of_different_configs_or_data_are_never_pooled() {
    let results = results();
    let mut edited = right_on("a", 1, 901);
    edited.signature = "signature of another config".to_owned();
    let mut other_data = right_on("b", 2, 952);
    other_data.result.data.train.digest = "other".to_owned();
    for (record, differing) in [(edited, "configs"), (other_data, "training data")] {
        write(results.path(), &record);
        let name = &record.experiment;
        for pattern in [name.clone(), format!("{name}/*"), "*".to_owned()] {
            let said = Group::read(shown(&results.path().join(&pattern)));
            let said = said.unwrap_err().to_string();
            let seed = format!("{name}/flex-seed{}", record.seed);
            for part in [
                &*format!("{pattern}: runs of {name} with different {differing}, "),
                "/flex-seed0 and ",
                &seed,
                "; name the runs of one",
            ] {
                assert!(said.contains(part), "{said}");
            }
            assert_eq!(said.lines().count(), 1);
        }
        let single = Group::read(shown(&results.path().join(name).join("flex-seed0")));
        assert_eq!(single.unwrap().runs.len(), 1);
        // The other experiment is sound.
        write(results.path(), &right_on("a", 1, 901));
    }
}

/// Of a thousand runs, only the two are opened.
#[test]
fn reading_two_runs_takes_no_longer_among_many() {
    let results = tempfile::tempdir().unwrap();
    for seed in 0..1000 {
        let folder = results.path().join(format!("a/flex-seed{seed}"));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(record::RunFolder::RESULT), "not read").unwrap();
    }
    for seed in [3, 4] {
        write(results.path(), &right_on("a", seed, 900 + seed as usize));
    }
    let runs = [3, 4].map(|seed| shown(&results.path().join(format!("a/flex-seed{seed}"))));
    // The best of a few tries: other processes may slow one down.
    let took = (0..5).map(|_| {
        let started = std::time::Instant::now();
        compare(&runs, &Options::default()).unwrap().text();
        started.elapsed()
    });
    let took = took.min().unwrap();
    assert!(took.as_millis() < 50, "{took:?}");
}
