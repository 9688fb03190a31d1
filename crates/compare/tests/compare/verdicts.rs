use compare::statistics::{Evidence, Interval};
use compare::{Comparison, Contrast, Group, Options, Shows, Test, Timing, Verdict};
use record::Metric;

use crate::made::{EXAMPLES, accuracies, diverged, group, record, right_on};

fn compared(groups: &[&Group], metric: &str) -> Comparison {
    let options = Options {
        metric: metric.parse().unwrap(),
        margin: None,
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
        assert_eq!((because, superiority), (reason, 0.0));
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
fn identical_values_are_equivalent_without_a_test() {
    let a = accuracies("a", 0, &[900, 910, 905]);
    let same = accuracies("same", 0, &[900, 910, 905]);
    let level = accuracies("level", 5, &[900, 900]);
    let one = accuracies("one", 0, &[900]);
    for (baseline, group) in [
        (&a, &same),
        (&level, &accuracies("flat", 9, &[900, 900, 900])),
        (&one, &accuracies("copy", 0, &[900])),
    ] {
        let found = contrast(baseline, group);
        assert_eq!(found.verdict, Verdict::Equivalent, "{found:?}");
        assert_eq!(found.difference, Some(0.0));
        assert!(!serde_json::to_string(&found).unwrap().contains("NaN"));
    }
}

/// Accuracies change in steps of one example, so two pairs often have the same difference by
/// chance.
#[test]
fn a_constant_difference_of_two_pairs_decides_nothing() {
    let found = contrast(
        &accuracies("a", 0, &[900, 910]),
        &accuracies("b", 0, &[920, 930]),
    );
    assert_eq!((found.verdict, found.p), (Verdict::Undecided, Some(0.5)));
    let many: Vec<usize> = (0..8).map(|index| 900 + index).collect();
    let more: Vec<usize> = many.iter().map(|correct| correct + 20).collect();
    let found = contrast(&accuracies("a", 0, &many), &accuracies("b", 0, &more));
    assert_eq!(
        (found.verdict, found.p),
        (Verdict::Better, Some(2.0 / 256.0))
    );
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
    assert!((7..30).contains(&needed.seeds.unwrap()), "{needed:?}");
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
    assert!(
        comparison
            .text()
            .contains("Holm's correction for 2 comparisons")
    );
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
    let gains = [-0.1, -0.001, 0.0, 0.001, 0.1];
    let half_widths = [None, Some(0.0005), Some(0.05)];
    let p = [None, Some(0.01), Some(0.2)];
    for gain in gains {
        for (half, p) in half_widths
            .into_iter()
            .flat_map(|half| p.map(|p| (half, p)))
        {
            for flags in 0..8 {
                let interval = half.map(|half| Interval {
                    low: gain - half,
                    high: gain + half,
                });
                let evidence = Evidence {
                    gain,
                    identical: flags & 1 > 0,
                    interval,
                    p,
                    margin: 0.002,
                    baseline_diverged: flags & 2 > 0,
                    group_diverged: flags & 4 > 0,
                };
                let exchanged = Evidence {
                    gain: -gain,
                    interval: interval.map(|seen| Interval {
                        low: -seen.high,
                        high: -seen.low,
                    }),
                    baseline_diverged: evidence.group_diverged,
                    group_diverged: evidence.baseline_diverged,
                    ..evidence
                };
                let mirrored = match evidence.verdict() {
                    Verdict::Better => Verdict::Worse,
                    Verdict::Worse => Verdict::Better,
                    Verdict::Equivalent | Verdict::Undecided => evidence.verdict(),
                };
                assert_eq!(exchanged.verdict(), mirrored, "{evidence:?}");
            }
        }
    }
    assert_eq!(
        EXAMPLES, 1000,
        "what the numbers of these tests are thousandths of"
    );
}
