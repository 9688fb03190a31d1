//! The records behind the README's table.

use std::fs;

use compare::{Comparison, Contrast, Group, Options, Test, Verdict};
use serde_json::Value;

use crate::made::shown;

/// The verdicts of the report on the reference runs are those of `golden/reference.py`, which reads the
/// records and uses SciPy.
#[test]
fn the_verdicts_on_the_reference_runs_are_scipys() {
    let golden = include_str!("../../golden/reference.json");
    let golden: Vec<Value> = serde_json::from_str(golden).unwrap();
    let mut names: Vec<&str> = golden
        .iter()
        .flat_map(|pair| [&pair["baseline"], &pair["group"]])
        .map(|name| name.as_str().unwrap())
        .collect();
    names.sort_unstable();
    names.dedup();
    let groups = names
        .iter()
        .map(|name| format!("../../results/reference/{name}"));
    let groups: Vec<Group> = groups.map(|folder| Group::read(folder).unwrap()).collect();
    let groups: Vec<&Group> = groups.iter().collect();
    let found = Contrast::all_pairs(&groups, &Options::default()).unwrap();
    assert_eq!(found.len(), golden.len());
    for (found, golden) in found.iter().zip(&golden) {
        let what = format!("{} against {}", found.group, found.baseline);
        assert_eq!(golden["baseline"], found.baseline.as_str());
        assert_eq!(golden["group"], found.group.as_str());
        assert_eq!(golden["verdict"], found.verdict.name(), "{what}");
        for (name, number) in [
            ("difference", found.difference),
            ("p", found.p_holm),
            ("equivalence", found.p_equivalence),
        ] {
            let (number, expected) = (number.unwrap(), golden[name].as_f64().unwrap());
            let error = (number - expected).abs();
            assert!(
                error <= 1e-9 * expected.abs() || error < 1e-12,
                "{what}, {name}: {number}, not {expected}"
            );
        }
    }
}

#[test]
fn every_two_reference_experiments_compare() {
    let folders = fs::read_dir("../../results/reference")
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut groups = Vec::new();
    for experiment in folders.filter(|path| !path.ends_with("sweeps")) {
        groups.push(Group::read(shown(&experiment)).unwrap());
    }
    assert!(groups.len() >= 11);
    let named = |name: &str| {
        groups
            .iter()
            .find(|group| group.name == name)
            .unwrap()
            .clone()
    };
    for a in &groups {
        for b in groups.iter().filter(|b| b.name != a.name) {
            for metric in ["test.accuracy", "test.plain_loss", "validation.loss"] {
                let options = Options {
                    metric: metric.parse().unwrap(),
                    margin: None,
                    ..Options::default()
                };
                let found = Comparison::of(vec![a.clone(), b.clone()], &options).unwrap();
                for text in [found.text(), found.markdown(), found.csv(), found.json()] {
                    assert!(!text.contains("NaN") && !text.contains("inf,"), "{text}");
                }
            }
        }
    }
    let pair = vec![named("mnist-dropout-sgd"), named("mnist-dropout-adam")];
    let found = Comparison::of(pair, &Options::default())
        .unwrap()
        .contrasts
        .remove(0);
    assert_eq!(found.verdict, Verdict::Better);
    assert!(matches!(found.test, Test::PairedSeeds { .. }));
}
