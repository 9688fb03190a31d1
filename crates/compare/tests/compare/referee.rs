//! Groups on which a verdict was once wrong or misleading.

use compare::statistics::Spread;
use compare::{CompareError, Comparison, Contrast, Group, Options, Shows, Test, Verdict};
use record::Record;

use crate::made::{diverged, group, right_on};

/// A run with this accuracy on 10,000 test examples.
fn run(name: &str, seed: u64, accuracy: f64) -> Record {
    let mut record = right_on(name, seed, (1000.0 * accuracy) as usize);
    record.result.data.test.examples = 10_000;
    let test = record.result.test.as_mut().unwrap();
    (test.accuracy, test.loss) = (accuracy, 1.0 - accuracy);
    record.sealed()
}

fn runs(name: &str, accuracies: &[(u64, f64)]) -> Group {
    let runs = accuracies.iter();
    group(
        name,
        runs.map(|&(seed, accuracy)| run(name, seed, accuracy)),
    )
}

fn compared(baseline: &Group, group: &Group, options: &Options) -> Comparison {
    Comparison::of(vec![baseline.clone(), group.clone()], options).unwrap()
}

fn contrast(baseline: &Group, group: &Group) -> Contrast {
    compared(baseline, group, &Options::default())
        .contrasts
        .remove(0)
}

/// Ten runs each, a point apart, with `common` seeds in both.
#[test]
fn two_common_seeds_do_not_discard_sixteen_runs() {
    let baseline = [
        0.9609, 0.9574, 0.9579, 0.9478, 0.969, 0.9657, 0.9584, 0.9639, 0.9614, 0.9572,
    ];
    let others = [
        0.9749, 0.9684, 0.9684, 0.966, 0.9723, 0.9695, 0.9727, 0.967, 0.9706, 0.9655,
    ];
    let of = |name, first: u64, values: &[f64]| {
        let values: Vec<_> = (first..).zip(values.iter().copied()).collect();
        runs(name, &values)
    };
    let a = of("a", 0, &baseline);
    let mut found = (1..=8).map(|common| {
        let found = contrast(&a, &of("b", 10 - common, &others));
        let is_paired = matches!(found.test, Test::PairedSeeds { .. });
        (common, is_paired, found.verdict)
    });
    assert!(found.all(|(common, is_paired, verdict)| {
        is_paired == (common >= 8) && (is_paired || verdict == Verdict::Better)
    }));
}

#[test]
fn the_verdict_is_about_the_means_in_the_table() {
    let a = runs("a", &[(0, 0.98), (1, 0.981), (2, 0.9), (3, 0.9), (4, 0.9)]);
    let b = runs(
        "b",
        &[(0, 0.97), (1, 0.9712), (10, 0.99), (11, 0.99), (12, 0.99)],
    );
    let comparison = compared(&a, &b, &Options::default());
    let [first, second] = &comparison.groups[..] else {
        panic!("two groups");
    };
    let found = &comparison.contrasts[0];
    let in_table = second.mean.unwrap() - first.mean.unwrap();
    assert!((found.difference.unwrap() - in_table).abs() < 1e-12);
    assert!((in_table - 0.05004).abs() < 1e-9);
    assert_ne!(found.verdict, Verdict::Worse);
}

#[test]
fn two_runs_give_no_certainty() {
    let two = runs("two", &[(0, 0.9803), (1, 0.9802)]);
    let ten = [
        0.9772, 0.9787, 0.9791, 0.9768, 0.9795, 0.978, 0.9809, 0.9783, 0.9774, 0.979,
    ];
    let ten: Vec<_> = (10..).zip(ten).collect();
    let found = contrast(&two, &runs("ten", &ten));
    assert_eq!(found.verdict, Verdict::Undecided);
    assert!(found.p.unwrap() > 0.05, "{found:?}");
}

#[test]
fn runs_that_diverge_are_counted_and_tested() {
    let sound = [0.97, 0.971, 0.972, 0.973, 0.974];
    let sound = runs("sound", &(0..).zip(sound).collect::<Vec<_>>());
    let dead = group("dead", (0..5).map(|seed| diverged("dead", seed)));
    let found = contrast(&sound, &dead);
    // Fisher's exact test of 5 of 5 against 0 of 5: 2 of 252 tables.
    assert!((found.failures.unwrap().p - 2.0 / 252.0).abs() < 1e-12);
    assert_eq!(found.verdict, Verdict::Worse);
    assert_eq!(contrast(&dead, &sound).verdict, Verdict::Better);
    let mut records = vec![run("nearly", 0, 0.5)];
    records.extend((1..5).map(|seed| diverged("nearly", seed)));
    let comparison = compared(&sound, &group("nearly", records), &Options::default());
    assert_eq!(comparison.contrasts[0].verdict, Verdict::Worse);
    let text = comparison.text();
    for said in [
        "4 of the 5 runs of nearly and 0 of the 5 runs of sound; Fisher's exact test p = 0.0476.",
        "Its runs fail more often.",
        "Note: nearly: 4 of 5 diverged.",
    ] {
        assert!(text.contains(said), "{text}");
    }
}

/// A run that learnt nothing does not decide by its distance.
#[test]
fn a_run_that_learnt_nothing_is_left_out_of_the_means() {
    let learnt: Vec<_> = (0..).zip([0.97, 0.971, 0.972, 0.973]).collect();
    let sound = runs("sound", &learnt);
    let mut records: Vec<Record> = runs("odd", &learnt)
        .runs
        .into_iter()
        .map(|run| run.record)
        .collect();
    let mut idle = run("odd", 4, 0.5);
    let test = idle.result.test.as_mut().unwrap();
    // Every example gets the answer 1.
    test.confusion = record::Confusion::new(2, (0..1000).map(|example| (example % 2, 1)));
    records.push(idle.sealed());
    let odd = group("odd", records);
    let comparison = compared(&sound, &odd, &Options::default());
    let found = &comparison.contrasts[0];
    assert!(found.difference.unwrap().abs() < 1e-12);
    // The same runs otherwise, but a group with failed runs is not equivalent.
    assert_eq!((found.verdict, found.withheld), (Verdict::Undecided, true));
    assert!(found.has_failed_runs());
    assert_eq!(comparison.groups[1].n, 4);
    let text = comparison.text();
    assert!(
        text.contains("odd: 1 of 5 learnt nothing; the means leave it out"),
        "{text}"
    );
    // Where no run learns, the task is hard, and nothing is left out.
    let idle = |name: &str| {
        let runs = (0..3).map(|seed| {
            let mut record = run(name, seed, 0.5 + 0.001 * seed as f64);
            let test = record.result.test.as_mut().unwrap();
            test.confusion = record::Confusion::new(2, (0..1000).map(|example| (example % 2, 1)));
            record.sealed()
        });
        group(name, runs)
    };
    let found = contrast(&idle("a"), &idle("b"));
    assert_eq!((found.failures, found.difference), (None, Some(0.0)));
}

#[test]
fn what_differs_besides_the_config_is_said() {
    let accuracies: Vec<_> = (0..).zip([0.97, 0.971, 0.972]).collect();
    let a = runs("a", &accuracies);
    let same = compared(&a, &runs("b", &accuracies), &Options::default());
    assert_eq!(same.notes, Vec::<String>::new());
    let mut b = runs("b", &accuracies);
    for run in &mut b.runs {
        run.record.result.data.train.digest = "sha256:0000000011111111".to_owned();
        run.record.run.versions.hearth = "0.9.9".to_owned();
        run.record.run.versions.commit = Some("0123456789abcdef".to_owned());
    }
    b.runs[1].record.run.backend = "wgpu".to_owned();
    let notes = compared(&a, &b, &Options::default()).notes;
    assert_eq!(
        notes,
        [
            "the training data is not the same: train in a, 00000000 in b",
            "the version of hearth is not the same: 0.1.0 in a, 0.9.9 at 01234567 in b",
            "the backend is not the same: flex in a, flex and wgpu in b",
        ]
    );
}

#[test]
fn validation_of_weights_chosen_on_it_is_not_compared_with_that_of_others() {
    let accuracies: Vec<_> = (0..).zip([0.97, 0.971, 0.972]).collect();
    let a = runs("a", &accuracies);
    let mut kept_best = runs("kept-best", &accuracies);
    for run in &mut kept_best.runs {
        run.record.result.best_epoch = Some(2);
    }
    let by = |metric: &str| Options {
        metric: metric.parse().unwrap(),
        margin: None,
        ..Options::default()
    };
    for pair in [[&a, &kept_best], [&kept_best, &a]] {
        let comparison = compared(pair[0], pair[1], &by("validation.accuracy"));
        let found = &comparison.contrasts[0];
        assert_eq!(
            (found.verdict, found.is_tested()),
            (Verdict::Undecided, false)
        );
        let text = comparison.text();
        assert!(
            text.contains("early stopping chose the weights of kept-best"),
            "{text}"
        );
        assert!(compared(pair[0], pair[1], &by("test.accuracy")).contrasts[0].is_tested());
    }
}

#[test]
fn equal_figures_of_two_runs_prove_nothing() {
    let tied = |name: &str, change: u64| {
        let mut group = runs(name, &[(0, 0.97), (1, 0.98)]);
        for run in &mut group.runs {
            run.record.result.epochs[0].train.loss += change as f64 * 1e-6;
        }
        group
    };
    let options = Options {
        margin: Some(0.00001),
        ..Options::default()
    };
    for margin in [options, Options::default()] {
        let found = &compared(&tied("a", 0), &tied("b", 1), &margin).contrasts[0];
        assert_eq!(found.verdict, Verdict::Undecided, "{found:?}");
    }
}

#[test]
fn a_copy_under_another_seed_is_refused() {
    let mut copies = runs("copies", &[(0, 0.9764), (1, 0.9764), (2, 0.97)]);
    let original = copies.runs[0].record.result.clone();
    copies.runs[1].record.result = original;
    let other = runs("other", &[(0, 0.97), (1, 0.971), (2, 0.972)]);
    for groups in [[&copies, &other], [&other, &copies]] {
        let groups = groups.map(Group::clone).to_vec();
        let error = Comparison::of(groups, &Options::default()).unwrap_err();
        let CompareError::Copied { first, second } = &error else {
            panic!("{error}");
        };
        assert!(
            first.ends_with("flex-seed0") && second.ends_with("flex-seed1"),
            "{error}"
        );
    }
}

/// Two experiments whose mean difference is 0.116 points, with a deviation of 0.233: 34 seeds were
/// advised for a difference, and would have shown it in 34 % of cases.
#[test]
fn the_advice_is_the_chance_that_the_verdict_is_decided() {
    let deviation = 0.002_326_585_480_914_0;
    let spread = Spread::paired(&[0.0, deviation * 2f64.sqrt()]).unwrap();
    let chances = spread.chances(34, -0.00116, 0.002, 1.0);
    assert!((chances.difference - 0.34).abs() < 0.02, "{chances:?}");
    assert!((chances.equivalence - 0.66).abs() < 0.02, "{chances:?}");
    let seeds = spread.seeds_to_decide(-0.00116, 0.002, 1.0).unwrap();
    assert!(spread.chances(seeds, -0.00116, 0.002, 1.0).decided() >= 0.8);
    assert!(seeds < 34, "{seeds}");
    // Seen from five seeds.
    let a: Vec<_> = (0..).zip([0.98, 0.98, 0.98, 0.98, 0.98]).collect();
    let b: Vec<_> = (0..)
        .zip([0.9801, 0.9759, 0.9785, 0.9803, 0.9794])
        .collect();
    let advice = contrast(&runs("a", &a), &runs("b", &b))
        .seeds_to_decide
        .unwrap();
    assert_eq!(advice.shows, Shows::Equivalence);
    assert!(
        advice.chance > 0.4 && advice.seeds.unwrap() > 5,
        "{advice:?}"
    );
}

/// That the better of many equal groups is called the best makes none of the others worse.
#[test]
fn all_pairs_are_one_family() {
    let spread = [0.0, 0.001, -0.001, 0.0005, -0.0005];
    let groups: Vec<Group> = (0..4)
        .map(|index| {
            let values = spread.iter().enumerate().map(|(seed, by)| {
                let turned = spread[(seed + index) % spread.len()];
                (
                    seed as u64,
                    0.97 + 0.0012 * index as f64 + by + turned / 3.0,
                )
            });
            runs(&format!("g{index}"), &values.collect::<Vec<_>>())
        })
        .collect();
    let all: Vec<&Group> = groups.iter().collect();
    let pairs = Contrast::all_pairs(&all, &Options::default()).unwrap();
    assert_eq!(pairs.len(), 6);
    let first = Comparison::of(groups.clone(), &Options::default()).unwrap();
    for (pair, alone) in pairs.iter().zip(&first.contrasts) {
        assert_eq!((&pair.group, pair.p), (&alone.group, alone.p));
        assert!(pair.p_holm >= alone.p_holm);
        // What is shown agrees: the interval excludes zero where the corrected p-value is significant.
        let interval = pair.interval_95.unwrap();
        let excludes = interval.low > 0.0 || interval.high < 0.0;
        assert_eq!(excludes, pair.p_holm.unwrap() < 0.05, "{pair:?}");
        let (inner, margin) = (pair.interval_90.unwrap(), pair.margin.unwrap());
        let within = -margin <= inner.low && inner.high <= margin;
        assert_eq!(within, pair.p_equivalence.unwrap() < 0.05, "{pair:?}");
    }
}
