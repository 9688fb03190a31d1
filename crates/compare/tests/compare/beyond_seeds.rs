//! Verdicts that allow for more than seeds: looks, test examples, a choice; and where a spread comes from.

use std::collections::BTreeMap;
use std::path::Path;

use compare::statistics::{ALPHA, level_of_looks, planned_looks};
use compare::{
    BySeed, ChangedKey, Comparison, Explanation, Flips, Method, Options, Over, SpreadBySource,
    TestSetUse, Verdict,
};
use record::{Looks, Record};
use serde_json::{Value, json};

use crate::made::{EXAMPLES, accuracies, group, record, right_on, write};

fn looks() -> Looks {
    let after = planned_looks(30);
    Looks {
        level: level_of_looks(&after),
        after,
    }
}

fn compared(baseline: compare::Group, other: compare::Group, options: &Options) -> Comparison {
    Comparison::of(vec![baseline, other], options).unwrap()
}

/// p = 0.024: significant at one look, not at the first of four.
const SLIGHTLY: ([usize; 5], [usize; 5]) = ([900, 905, 910, 895, 900], [906, 916, 914, 903, 901]);

#[test]
fn a_planned_look_is_stricter_whoever_planned_it() {
    let (baseline, better) = (
        accuracies("a", 0, &SLIGHTLY.0),
        accuracies("b", 0, &SLIGHTLY.1),
    );
    let plain = compared(baseline.clone(), better.clone(), &Options::default());
    let found = &plain.contrasts[0];
    assert_eq!(found.verdict, Verdict::Better, "{found:?}");
    let options = Options {
        looks: Some(looks()),
        ..Options::default()
    };
    let planned = compared(baseline.clone(), better.clone(), &options);
    // As a later comparison finds it, from the records.
    let mut recorded = better;
    for run in &mut recorded.runs {
        run.record.run.looks = Some(looks());
    }
    let recorded = compared(baseline, recorded, &Options::default());
    for found in [&planned, &recorded] {
        let contrast = &found.contrasts[0];
        assert_eq!(contrast.verdict, Verdict::Undecided);
        let (p, counted) = (contrast.p.unwrap(), contrast.p_holm.unwrap());
        assert!((counted / p - ALPHA / looks().level).abs() < 1e-9);
        let around = contrast.interval_95.unwrap();
        assert!(around.low < 0.0 && around.high > 0.0, "{around:?}");
        let text = found.text();
        assert!(
            text.contains("looks planned after 5, 10, 20 and 30 seeds"),
            "{text}"
        );
        assert!(
            text.contains("The next planned look is after 10 seeds each."),
            "{text}"
        );
    }
}

#[test]
fn a_chosen_group_counts_for_all_candidates() {
    let options = Options {
        chosen_from: 25,
        ..Options::default()
    };
    let found = compared(
        accuracies("a", 0, &SLIGHTLY.0),
        accuracies("b", 0, &SLIGHTLY.1),
        &options,
    );
    let contrast = &found.contrasts[0];
    assert_eq!(contrast.verdict, Verdict::Undecided);
    assert!((contrast.p_holm.unwrap() / contrast.p.unwrap() - 25.0).abs() < 1e-9);
    assert!(
        found
            .text()
            .contains("With the choice among 25 candidates: ")
    );
}

/// All seeds agree, so that seeds leave no doubt, on few examples, so that other examples may.
#[test]
fn another_test_set_may_give_another_verdict() {
    let one = group(
        "a",
        (0..6).map(|seed| right_on("a", seed, 900 + seed as usize % 2)),
    );
    let other = group(
        "b",
        (0..6).map(|seed| right_on("b", seed, 904 + seed as usize % 3)),
    );
    let seeds = compared(one.clone(), other.clone(), &Options::default());
    assert_eq!(seeds.contrasts[0].verdict, Verdict::Better);
    let both = Options {
        over: Over::SeedsAndExamples,
        ..Options::default()
    };
    let found = compared(one.clone(), other.clone(), &both);
    assert_eq!(
        found.contrasts[0].verdict,
        Verdict::Undecided,
        "{}",
        found.text()
    );
    let difference = |found: &Comparison| found.contrasts[0].difference.unwrap();
    assert!((difference(&found) - difference(&seeds)).abs() < 1e-12);
    assert!(
        found
            .text()
            .contains("over 6 seeds and 1,000 test examples"),
        "{}",
        found.text()
    );
    let json: Value = serde_json::from_str(&found.json()).unwrap();
    assert_eq!(json["contrasts"][0]["test"]["kind"], "seeds_and_examples");
    // Runs without a common seed.
    let unpaired = group(
        "c",
        (10..16).map(|seed| right_on("c", seed, 904 + seed as usize % 3)),
    );
    let found = compared(one.clone(), unpaired, &both);
    assert!(
        found.text().contains("over 6 and 6 unpaired runs"),
        "{}",
        found.text()
    );
    // The same results stay the same results.
    let mut same = one.clone();
    same.name = "d".to_owned();
    for run in &mut same.runs {
        run.path = Path::new("elsewhere").join(&run.path);
        run.place.clone_from(&run.path);
    }
    assert_eq!(
        compared(one.clone(), same, &both).contrasts[0].verdict,
        Verdict::Equivalent
    );
    let loss = Options {
        metric: "test.loss".parse().unwrap(),
        ..both
    };
    let refused = Comparison::of(vec![one, other], &loss)
        .unwrap_err()
        .to_string();
    assert!(
        refused.contains("--over seeds,examples: ") && refused.contains("test.loss"),
        "{refused}"
    );
}

#[test]
fn flips_are_counted_over_all_seeds() {
    // Right on the first 900, but for two of three runs on the next ten, and one on the ten after that.
    let rights = [900, 910, 920];
    let runs = (0..)
        .zip(rights)
        .map(|(seed, right)| right_on("a", seed, right));
    let found = Flips::of(&group("a", runs)).unwrap();
    assert_eq!(
        (found.always_right, found.always_wrong, found.flipping),
        (900, 80, 20)
    );
    // Of the three pairs, two differ on ten examples and one on twenty.
    assert!((found.disagreement - 40.0 / 3.0 / EXAMPLES as f64).abs() < 1e-12);
    assert_eq!(found.most_divided(3), [900, 901, 902]);
    assert_eq!(found.most_divided(1000).len(), 20);
    let error = Flips::of(&accuracies("b", 0, &[900]))
        .unwrap_err()
        .to_string();
    assert!(error.contains("run more seeds"), "{error}");
}

/// A run of an experiment with some sources pinned.
fn varied(name: &str, seed: u64, correct: usize, pinned: Value) -> Record {
    let mut record = right_on(name, seed, correct);
    record.config["about"] = Value::Null;
    record.config["seeds"] = json!([0]);
    record.signature = format!("{pinned}");
    record.config["pinned_seeds"] = pinned;
    record.sealed()
}

#[test]
fn each_source_has_its_spread() {
    let folder = tempfile::tempdir().unwrap();
    let results = folder.path();
    for (seed, correct) in (0..).zip([900, 910, 920, 890]) {
        write(results, &varied("a", seed, correct, Value::Null));
        let order = json!({ "init": 0, "order": null, "dropout": 0 });
        write(
            results,
            &varied("a+vary=order", seed, 900 + correct / 100, order),
        );
        // Another experiment with a longer name.
        let mut other = right_on("a+training.epochs=5", seed, 100 * seed as usize);
        other.config["training"]["epochs"] = 5.into();
        write(results, &other.sealed());
    }
    let read =
        |name: &str| SpreadBySource::read(&results.join(name), "test.accuracy".parse().unwrap());
    let found = read("a").unwrap();
    let names: Vec<Vec<&str>> = found
        .sources
        .iter()
        .map(|source| source.varies.clone())
        .collect();
    assert_eq!(names, [vec!["init", "order", "dropout"], vec!["order"]]);
    let [all, order] = found.sources.as_slice() else {
        panic!("{found:?}");
    };
    assert_eq!((all.runs, order.runs), (4, 4));
    let (wide, narrow) = (all.deviation.unwrap(), order.deviation.unwrap());
    assert!(wide > narrow);
    let around = all.interval_95.unwrap();
    // SciPy's: 12.91 * sqrt(3 / chi2.ppf(0.975, 3)) and with 0.025.
    assert!(
        (around.low / wide - 0.566_489_546_602_246).abs() < 1e-9,
        "{around:?} {wide}"
    );
    assert!(
        (around.high / wide - 3.728_547_275_827_744).abs() < 1e-9,
        "{around:?} {wide}"
    );
    assert!((order.share.unwrap() - (narrow / wide).powi(2)).abs() < 1e-12);
    assert!(found.text().contains("everything"), "{}", found.text());
    // Without the folder itself, its variations are found.
    std::fs::rename(results.join("a"), results.join("elsewhere")).unwrap();
    let found = read("a").unwrap();
    assert_eq!(found.sources.len(), 1, "{found:?}");
    assert!(read("none").unwrap_err().to_string().contains("not found"));
}

#[test]
fn splits_differ_in_their_split_seed_alone() {
    let folder = tempfile::tempdir().unwrap();
    for split in 0..3_u64 {
        for seed in 0..2 {
            if split > 0 && seed > 0 {
                continue;
            }
            let name = if split == 0 {
                "a".to_owned()
            } else {
                format!("a+data.table.split_seed={split}")
            };
            let mut record = right_on(&name, seed, 900 + 10 * split as usize + seed as usize);
            record.config["about"] = Value::Null;
            record.config["data"] = json!({ "table": { "split_seed": split } });
            record.config["seeds"] = json!([seed]);
            record.signature = format!("split {split}");
            record.result.data.test.digest = format!("test set {split}");
            write(folder.path(), &record.sealed());
        }
    }
    let found =
        SpreadBySource::read(&folder.path().join("a"), "test.accuracy".parse().unwrap()).unwrap();
    let split = found
        .sources
        .iter()
        .find(|source| source.varies == ["split"])
        .unwrap();
    assert_eq!(split.runs, 3);
    assert!((split.deviation.unwrap() - 0.01).abs() < 1e-12);
    assert_eq!(found.sources[0].runs, 2);
}

#[test]
fn the_best_of_a_test_set_is_best_by_chance_too() {
    let experiments = |count: u64| -> Vec<Record> {
        (0..count)
            .flat_map(|index| {
                let name = format!("a{index}");
                let right = move |seed: u64| 900 + (7 * seed + 5 * index) as usize % 11;
                (0..3)
                    .map(move |seed| right_on(&name, seed, right(seed)))
                    .collect::<Vec<_>>()
            })
            .collect()
    };
    let all = experiments(6);
    let uses = TestSetUse::among(&all);
    assert_eq!(
        (uses[0].runs, uses[0].configs, uses[0].examples),
        (18, 6, EXAMPLES)
    );
    assert!(uses[0].optimism.unwrap() > 0.0);
    let text = uses[0].to_string();
    assert!(
        text.starts_with("18 runs of 6 configs were tested on the same 1,000 test examples"),
        "{text}"
    );
    assert_eq!(TestSetUse::among(&experiments(1)), []);
}

fn key(name: &str) -> ChangedKey {
    ChangedKey {
        key: name.to_owned(),
        from: 1.into(),
        to: 2.into(),
    }
}

fn by_seed(values: &[f64]) -> BySeed {
    (0..)
        .zip(values.iter().copied())
        .collect::<BTreeMap<u64, f64>>()
}

#[test]
fn contributions_add_up_to_the_difference() {
    let metric = "test.accuracy".parse().unwrap();
    // The second change helps only with the first.
    let values = [
        by_seed(&[0.90, 0.91, 0.89]),
        by_seed(&[0.92, 0.93, 0.92]),
        by_seed(&[0.90, 0.91, 0.89]),
        by_seed(&[0.96, 0.97, 0.95, 0.5]),
    ];
    let changes = vec![key("first"), key("second")];
    let found = Explanation::shapley(["a", "b"], metric, changes.clone(), &values).unwrap();
    assert_eq!(
        (found.seeds, found.configs, found.method),
        (3, 4, Method::Shapley)
    );
    let [first, second] = found.contributions.as_slice() else {
        panic!("{found:?}");
    };
    assert!((first.difference + second.difference - found.difference).abs() < 1e-12);
    assert!((second.alone.unwrap()).abs() < 1e-12);
    assert!((second.difference - second.last.unwrap() / 2.0).abs() < 1e-12);
    let around = first.interval_95.unwrap();
    assert!(around.low < first.difference && first.difference < around.high);
    assert!(
        found.text().contains("Shapley value, 4 configs"),
        "{}",
        found.text()
    );

    let path = [values[0].clone(), values[1].clone(), values[3].clone()];
    let found = Explanation::path(["a", "b"], metric, changes.clone(), &path, 5).unwrap();
    assert_eq!((found.configs, found.method), (5, Method::Path));
    let sum: f64 = found.contributions.iter().map(|one| one.difference).sum();
    assert!((sum - found.difference).abs() < 1e-12);
    let none = [by_seed(&[0.9]), BySeed::from([(7, 0.8)])];
    assert_eq!(
        Explanation::shapley(["a", "b"], metric, vec![key("first")], &none),
        None
    );
}

#[test]
fn an_older_record_lacks_a_key_that_is_off() {
    let one = record("a", 0, |example| example < 900);
    let mut other = right_on("b", 0, 905);
    other.config["pinned_seeds"] = Value::Null;
    let found = compared(
        group("a", [one]),
        group("b", [other.sealed()]),
        &Options::default(),
    );
    assert_eq!(found.config, []);
}
