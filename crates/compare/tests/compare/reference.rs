//! The records behind the README's table.

use std::fs;

use compare::{Comparison, Group, Options, Test, Verdict};

use crate::made::shown;

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
