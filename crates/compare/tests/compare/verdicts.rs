use compare::statistics::Evidence;
use compare::{Comparison, Contrast, Group, Options, Shows, Test, Timing, Verdict};
use record::Metric;

use crate::made::{EXAMPLES, accuracies, diverged, group, record, right_on};

fn compared(groups: &[&Group], metric: &str) -> Comparison {
    let options = Options {
        metric: metric.parse().unwrap(),
        margin: None,
        ..Options::default()
    };
    Comparison::of(groups.iter().copied().cloned().collect(), &options).unwrap()
}

fn contrast(baseline: &Group, group: &Group) -> Contrast {
    compared(&[baseline, group], "test.accuracy")
        .contrasts
        .remove(0)
}

#[test]
fn seeds_in_both_are_paired() {
    let a = accuracies("a", 0, &[900, 902, 898, 901, 880]);
    let b = accuracies("b", 1, &[950, 944, 952, 931]);
    let found = contrast(&a, &b);
    assert_eq!(found.verdict, Verdict::Better);
    let Test::PairedSeeds {
        pairs,
        left_out,
        permutation,
        superiority,
        ..
    } = found.test
    else {
        panic!("{:?}", found.test);
    };
    assert_eq!((pairs, left_out, superiority), (4, 1, 1.0));
    assert_eq!((permutation.p, permutation.smallest_p), (0.125, 0.125));
    let mean = (48.0 + 46.0 + 51.0 + 51.0) / 4.0 / 1000.0;
    assert!((found.difference.unwrap() - mean).abs() < 1e-12);
}

#[test]
fn seeds_that_do_not_pair_are_tested_as_independent() {
    let a = accuracies("a", 0, &[900, 902, 898]);
    for (first, reason) in [
        (3, "they have no seed in common"),
        (2, "they have only one seed in common"),
    ] {
        let b = accuracies("b", first, &[850, 852, 848, 851]);
        let found = contrast(&a, &b);
        assert_eq!(found.verdict, Verdict::Worse);
        let Test::IndependentSeeds {
            because,
            permutation,
            hedges_g,
            superiority,
            ..
        } = found.test
        else {
            panic!("{:?}", found.test);
        };
        assert_eq!((because.as_str(), superiority), (reason, 0.0));
        assert_eq!(permutation.unwrap().p, 2.0 / 35.0);
        assert!(hedges_g.unwrap() < -10.0);
    }
    // A seed that occurs in two experiments of a pattern.
    let mixed = group("*", [right_on("x", 0, 900), right_on("y", 0, 902)]);
    let Test::IndependentSeeds { because, .. } = contrast(&a, &mixed).test else {
        panic!("paired");
    };
    assert_eq!(because, "a seed occurs in several experiments");
}

#[test]
fn single_runs_are_tested_example_by_example_and_say_so() {
    let a = group("a", [record("a", 0, |example| example >= 60)]);
    let b = group(
        "b",
        [record("b", 1, |example| !(80..100).contains(&example))],
    );
    let comparison = compared(&[&a, &b], "test.accuracy");
    let found = &comparison.contrasts[0];
    let Test::TrainedModels { discordant, .. } = &found.test else {
        panic!("{:?}", found.test);
    };
    assert_eq!(discordant.only_group_correct, 60);
    assert_eq!(discordant.only_baseline_correct, 20);
    assert_eq!(found.verdict, Verdict::Better);
    let text = comparison.text();
    assert!(text.contains("about these two trained models"), "{text}");
    assert!(text.contains("Their seeds also differ: 1 and 0."), "{text}");

    let by_loss = compared(&[&a, &b], "validation.loss");
    assert_eq!(by_loss.contrasts[0].verdict, Verdict::Undecided);
    let text = by_loss.text();
    assert!(
        text.contains("single runs are tested by test.accuracy only"),
        "{text}"
    );
}

#[test]
fn what_cannot_be_tested_is_not_tested() {
    let several = accuracies("several", 0, &[900, 910, 905]);
    let other_set = group(
        "other",
        (0..3).map(|seed| {
            let mut record = right_on("other", seed, 700);
            record.result.data.test.digest = "another".to_owned();
            record.sealed()
        }),
    );
    let nothing_held_out = group(
        "bare",
        (0..3).map(|seed| {
            let mut record = right_on("bare", seed, 700);
            record
                .result
                .epochs
                .iter_mut()
                .for_each(|epoch| epoch.validation = None);
            record.sealed()
        }),
    );
    let single = accuracies("single", 0, &[990]);
    let gone = group("gone", [diverged("gone", 0), diverged("gone", 1)]);
    for (group, metric, said) in [
        (
            &single,
            "test.accuracy",
            "Not tested: 1 seed against 3: no spread to test with; run more seeds.",
        ),
        (
            &other_set,
            "test.accuracy",
            "measured on different test sets",
        ),
        (
            &nothing_held_out,
            "validation.loss",
            "bare has no validation.loss: nothing was held out",
        ),
        (
            &gone,
            "test.accuracy",
            "gone has no test.accuracy: every run diverged",
        ),
    ] {
        let comparison = compared(&[&several, group], metric);
        let found = &comparison.contrasts[0];
        assert_eq!(
            (found.verdict, found.p, found.interval_95),
            (Verdict::Undecided, None, None)
        );
        let text = comparison.text();
        assert!(text.contains(said), "{text}");
    }
}

#[test]
fn identical_results_are_equivalent_without_a_test() {
    let a = accuracies("a", 0, &[900, 910, 905]);
    let same = accuracies("same", 0, &[900, 910, 905]);
    let one = accuracies("one", 0, &[900]);
    for (baseline, group) in [(&a, &same), (&one, &accuracies("copy", 0, &[900]))] {
        let comparison = compared(&[baseline, group], "test.accuracy");
        let found = &comparison.contrasts[0];
        assert_eq!(found.verdict, Verdict::Equivalent, "{found:?}");
        assert_eq!(found.difference, Some(0.0));
        assert!(comparison.text().contains("The results are identical."));
        assert!(!serde_json::to_string(&found).unwrap().contains("NaN"));
    }
}

/// A test set of a thousand examples rounds, so equal accuracies of a few seeds prove nothing.
#[test]
fn equal_accuracies_are_not_identical_results() {
    let a = accuracies("a", 0, &[900, 910]);
    let b = accuracies("b", 2, &[900, 910]);
    assert_eq!(contrast(&a, &b).verdict, Verdict::Undecided);
    // The same accuracies from other models.
    let shifted =
        |seed: u64, correct: usize| record("b", seed, |example| (1..=correct).contains(&example));
    let b = group("b", [shifted(0, 900), shifted(1, 910)]);
    let found = contrast(&a, &b);
    assert_eq!(
        (found.verdict, found.p_equivalence),
        (Verdict::Undecided, None)
    );
}

/// Accuracies change in steps of one example, so two pairs often have the same difference by
/// chance.
#[test]
fn a_constant_difference_has_the_spread_of_rounding() {
    let found = contrast(
        &accuracies("a", 0, &[900, 910]),
        &accuracies("b", 0, &[903, 913]),
    );
    assert_eq!(found.verdict, Verdict::Undecided, "{found:?}");
    let many: Vec<usize> = (0..8).map(|index| 900 + index).collect();
    let more: Vec<usize> = many.iter().map(|correct| correct + 20).collect();
    let found = contrast(&accuracies("a", 0, &many), &accuracies("b", 0, &more));
    assert_eq!(found.verdict, Verdict::Better);
    let Test::PairedSeeds {
        t_test: Some(t_test),
        ..
    } = found.test
    else {
        panic!("{:?}", found.test);
    };
    assert!(t_test.only_rounding);
}

#[test]
fn small_differences_within_the_margin_are_equivalent() {
    let a = accuracies("a", 0, &[900, 902, 898, 901, 899, 900]);
    let b = accuracies("b", 0, &[901, 902, 899, 901, 900, 900]);
    assert_eq!(contrast(&a, &b).verdict, Verdict::Equivalent);
    let strict = Options {
        margin: Some(0.0001),
        ..Options::default()
    };
    let found = Comparison::of(vec![a, b], &strict).unwrap();
    let found = &found.contrasts[0];
    assert_eq!(found.verdict, Verdict::Undecided);
    let needed = found.seeds_to_decide.unwrap();
    assert_eq!(needed.shows, Shows::Difference);
    assert!((7..40).contains(&needed.seeds.unwrap()), "{needed:?}");
}

#[test]
fn a_losss_margin_is_a_part_of_the_baselines() {
    let a = accuracies("a", 0, &[900, 902, 898]);
    let b = accuracies("b", 0, &[800, 803, 797]);
    let comparison = compared(&[&a, &b], "test.loss");
    let found = &comparison.contrasts[0];
    assert!((found.margin.unwrap() - 0.02 * 0.1).abs() < 1e-12);
    assert!((found.difference.unwrap() - 0.1).abs() < 1e-12);
    assert_eq!(found.verdict, Verdict::Worse);
    for margin in [-0.1, f64::NAN, f64::INFINITY] {
        let options = Options {
            metric: Metric::default(),
            margin: Some(margin),
            ..Options::default()
        };
        let error = Comparison::of(vec![a.clone(), b.clone()], &options).unwrap_err();
        assert!(error.to_string().contains("not a margin"), "{error}");
    }
}

#[test]
fn a_group_with_a_diverged_run_is_never_the_better_one() {
    let sound = accuracies("sound", 0, &[900, 902, 898, 901]);
    let mut better = accuracies("better", 0, &[950, 951, 949, 952]);
    better
        .runs
        .push(group("better", [diverged("better", 4)]).runs.remove(0));
    let found = contrast(&sound, &better);
    assert_eq!((found.verdict, found.withheld), (Verdict::Undecided, true));
    let found = contrast(&better, &sound);
    assert_eq!((found.verdict, found.withheld), (Verdict::Undecided, true));
    // Diverged runs do not keep a group from being worse.
    let mut worse = accuracies("worse", 0, &[850, 851, 849, 852]);
    worse
        .runs
        .push(group("worse", [diverged("worse", 4)]).runs.remove(0));
    let comparison = compared(&[&sound, &worse], "test.accuracy");
    assert_eq!(comparison.contrasts[0].verdict, Verdict::Worse);
    assert_eq!(
        (comparison.groups[1].n, comparison.groups[1].diverged),
        (4, 1)
    );
    assert!(comparison.text().contains("worse: 1 of 5 diverged"));
    assert!(comparison.text().contains("4 of 5"));
}

#[test]
fn several_groups_are_held_against_the_first_with_holms_correction() {
    let a = accuracies("a", 0, &[900, 902, 898]);
    let b = accuracies("b", 0, &[911, 909, 913]);
    let single = accuracies("single", 0, &[990]);
    let c = accuracies("c", 0, &[904, 915, 899]);
    let comparison = compared(&[&a, &b, &single, &c], "test.accuracy");
    let [b, single, c] = &comparison.contrasts[..] else {
        panic!("{} contrasts", comparison.contrasts.len());
    };
    assert_eq!(single.p_holm, None);
    assert!(b.p < c.p);
    assert_eq!(b.p_holm, b.p.map(|p| 2.0 * p));
    assert_eq!(c.p_holm, c.p);
    assert!(comparison.text().contains("Holm's correction for 2 tests"));
}

#[test]
fn speeds_are_compared_on_the_same_machine_only() {
    let timing = |change: fn(&mut record::Provenance)| {
        let a = accuracies("a", 0, &[900, 910]);
        let mut b = accuracies("b", 0, &[900, 910]);
        change(&mut b.runs[1].record.run);
        contrast(&a, &b).timing
    };
    let Timing::Measured { ratio, .. } = timing(|run| run.train_examples_per_s = Some(3000.0))
    else {
        panic!("not measured");
    };
    assert_eq!(ratio, 2.0);
    let refused = |change| match timing(change) {
        Timing::NotComparable { not_comparable } => not_comparable,
        Timing::Measured { .. } => panic!("compared"),
    };
    assert_eq!(
        refused(|run| run.host.cpu = "x".to_owned()),
        "different machines"
    );
    assert_eq!(
        refused(|run| run.backend = "wgpu".to_owned()),
        "different backends"
    );
    assert_eq!(
        refused(|run| run.device = "x".to_owned()),
        "different devices"
    );
    assert_eq!(
        refused(|run| run.threads = 2),
        "different numbers of threads"
    );
}

/// Swapping the groups swaps better and worse, for every kind of evidence.
#[test]
fn the_rule_is_the_same_from_either_side() {
    let p = [None, Some(0.01), Some(0.2)];
    let shares = [0.0, 0.2, 1.0];
    let mut seen = std::collections::BTreeMap::new();
    for gain in [-0.1, 0.0, 0.1] {
        for number in 0..p.len().pow(3) * shares.len().pow(2) {
            let digit = |place: u32| number / 3usize.pow(place) % 3;
            let evidence = Evidence {
                gain,
                p: p[digit(0)],
                p_equivalence: p[digit(1)],
                p_failed: p[digit(2)],
                failed: [shares[digit(3)], shares[digit(4)]],
            };
            let exchanged = Evidence {
                gain: -gain,
                failed: [evidence.failed[1], evidence.failed[0]],
                ..evidence
            };
            // Equal shares have a p-value of 1.
            if evidence.failed[0] == evidence.failed[1] && evidence.p_failed == Some(0.01) {
                continue;
            }
            let mirrored = match evidence.verdict() {
                Verdict::Better => Verdict::Worse,
                Verdict::Worse => Verdict::Better,
                Verdict::Equivalent | Verdict::Undecided => evidence.verdict(),
            };
            assert_eq!(exchanged.verdict(), mirrored, "{evidence:?}");
            assert_eq!(exchanged.is_withheld(), evidence.is_withheld());
            *seen.entry(mirrored.name()).or_insert(0) += 1;
        }
    }
    assert_eq!(seen.len(), 4, "{seen:?}");
    assert_eq!(
        EXAMPLES, 1000,
        "what the numbers of these tests are thousandths of"
    );
}
