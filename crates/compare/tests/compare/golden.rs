//! Compares the statistics with SciPy's results, see `golden/statistics.py`.

use compare::statistics::{
    ALPHA, Discordant, Failed, Interval, POWER, Pairs, Permutation, Spread, TTest, TwoWay,
    cohen_d_z, deviation, fisher, hedges_g, holm, level_of_looks, mean, relabelling, sign_flips,
    superiority,
};
use serde_json::Value;

fn golden(subject: &str) -> Vec<Value> {
    let golden: Value = serde_json::from_str(include_str!("../../golden/statistics.json")).unwrap();
    golden[subject].as_array().unwrap().clone()
}

fn numbers(value: &Value) -> Vec<f64> {
    let numbers = value.as_array().unwrap().iter();
    numbers.map(|number| number.as_f64().unwrap()).collect()
}

/// Asserts a relative error of at most 1e-9, or an absolute one of 1e-12 near zero.
fn same(found: f64, expected: &Value, what: &str) {
    let expected = expected.as_f64().unwrap();
    let error = (found - expected).abs();
    assert!(
        error <= 1e-9 * expected.abs() || error <= 1e-12,
        "{what}: {found}, SciPy's {expected}"
    );
}

fn same_interval(found: Interval, expected: &Value, what: &str) {
    same(found.low, &expected[0], what);
    same(found.high, &expected[1], what);
}

fn same_test(found: &TTest, expected: &Value, what: &str) {
    same(found.p, &expected["p"], what);
    same(found.degrees_of_freedom, &expected["freedom"], what);
    same_interval(found.interval(0.95), &expected["interval_95"], what);
    same_interval(found.interval(0.9), &expected["interval_90"], what);
    let equivalence = found.equivalence(0.25).unwrap();
    same(equivalence, &expected["equivalence"], what);
    // Two one-sided tests and the 90 % interval agree.
    assert_eq!(is_within(found.interval(0.9), 0.25), equivalence <= ALPHA);
}

fn is_within(interval: Interval, margin: f64) -> bool {
    -margin <= interval.low && interval.high <= margin
}

#[test]
fn tests_of_groups_are_scipys() {
    let cases = golden("groups");
    assert!(cases.len() > 40);
    for (index, case) in cases.iter().enumerate() {
        let (baseline, group) = (numbers(&case["baseline"]), numbers(&case["group"]));
        let what = |what: &str| format!("case {index}, {what}");
        same(mean(&group).unwrap(), &case["mean"], &what("mean"));
        same(
            deviation(&group).unwrap(),
            &case["deviation"],
            &what("deviation"),
        );
        let welch = TTest::welch(&baseline, &group, 0.0).unwrap();
        same_test(&welch, &case["welch"], &what("Welch"));
        let every_pair = baseline
            .iter()
            .flat_map(|&a| group.iter().map(move |&b| (a, b)));
        same(
            superiority(every_pair).unwrap(),
            &case["superiority"],
            &what("superiority"),
        );
        same(
            hedges_g(&baseline, &group).unwrap(),
            &case["hedges_g"],
            &what("Hedges' g"),
        );
        if !case["relabelling"].is_null() {
            let found = relabelling(&baseline, &group).unwrap();
            same(found.p, &case["relabelling"], &what("relabelling"));
        }
        if case["paired"].is_object() {
            let values = baseline.into_iter().zip(group).collect();
            let pairs = Pairs { values };
            let paired = TTest::paired(&pairs, 0.0).unwrap();
            same_test(&paired, &case["paired"], &what("paired"));
            same(cohen_d_z(&pairs).unwrap(), &case["cohen_d_z"], &what("d_z"));
            let found = sign_flips(&pairs);
            if !case["sign_flips"].is_null() {
                assert!(found.exact);
                same(found.p, &case["sign_flips"], &what("sign flips"));
            }
        }
    }
}

#[test]
fn mcnemars_test_is_scipys_and_the_score_tangos() {
    for case in golden("discordant") {
        let count = |name: &str| case[name].as_u64().unwrap();
        let discordant = Discordant {
            examples: count("examples"),
            only_baseline_correct: count("only_baseline_correct"),
            only_group_correct: count("only_group_correct"),
        };
        let what = format!("{discordant:?}");
        same(discordant.p(), &case["p"], &what);
        let equivalence = discordant.equivalence(0.002);
        same(equivalence, &case["equivalence"], &what);
        assert_eq!(
            is_within(discordant.interval(0.9), 0.002),
            equivalence <= ALPHA,
            "{what}"
        );
        // The limits of the interval are where the test rejects.
        for level in [0.9, 0.95, 0.99] {
            let interval = discordant.interval(level);
            let difference = discordant.difference();
            assert!(
                interval.low <= difference && difference <= interval.high,
                "{what}"
            );
            let widest = interval.high.max(-interval.low);
            if widest < 1.0 {
                let at = discordant.equivalence(widest);
                assert!((at - (1.0 - level) / 2.0).abs() < 1e-9, "{what}: {at}");
            }
        }
    }
}

#[test]
fn fishers_test_is_scipys() {
    for case in golden("failures") {
        let of = |name: &str| {
            let counts = numbers(&case[name]);
            Failed {
                failed: counts[0] as usize,
                runs: counts[1] as usize,
            }
        };
        let (baseline, group) = (of("baseline"), of("group"));
        same(fisher(baseline, group), &case["p"], "Fisher");
        same(fisher(group, baseline), &case["p"], "Fisher, exchanged");
    }
}

#[test]
fn holms_correction_is_right_and_monotone() {
    for case in golden("holm") {
        let p = numbers(&case["p"]);
        let corrected = holm(&p);
        for (found, expected) in corrected.iter().zip(case["corrected"].as_array().unwrap()) {
            same(*found, expected, "Holm");
        }
        for (a, by_a) in p.iter().zip(&corrected) {
            assert!(by_a >= a && *by_a <= 1.0);
            for (b, by_b) in p.iter().zip(&corrected) {
                assert!(a > b || by_a <= by_b, "{a} and {b} changed places");
            }
        }
    }
    assert!(holm(&[]).is_empty());
}

#[test]
fn the_chances_of_the_verdicts_are_those_of_the_integral() {
    // Two values with a standard deviation of one.
    let spread = Spread::paired(&[0.0, 2f64.sqrt()]).unwrap();
    for case in golden("seeds") {
        let number = |name: &str| case[name].as_f64().unwrap();
        let (seeds, comparisons) = (number("seeds") as usize, number("comparisons"));
        let (effect, margin) = (number("effect"), number("margin"));
        let found = spread.chances(seeds, effect, margin, comparisons);
        same(found.difference, &case["difference"], "difference");
        same(found.equivalence, &case["equivalence"], "equivalence");
        let decide = spread.seeds_to_decide(effect, margin, comparisons);
        let decide = decide.expect("fewer than a thousand");
        let chance = |seeds| spread.chances(seeds, effect, margin, comparisons).decided();
        assert!(chance(decide) >= POWER);
        assert!(decide == 2 || chance(decide - 1) < POWER, "{decide}");
    }
    let spread = Spread::paired(&[0.0, 1.0]).unwrap();
    assert_eq!(spread.seeds_to_decide(0.001, 0.0, 1.0), None);
    // At the margin, a difference is shown in the end.
    assert!(spread.seeds_to_decide(0.2, 0.2, 1.0).is_some());
}

#[test]
fn tests_over_seeds_and_examples_are_those_of_an_analysis_of_variance() {
    let rows = |value: &Value| -> Vec<Vec<i8>> {
        let rows = value.as_array().unwrap().iter();
        rows.map(|row| numbers(row).into_iter().map(|bit| bit as i8).collect())
            .collect()
    };
    let cases = golden("two_way");
    assert!(cases.len() > 8);
    for (index, case) in cases.iter().enumerate() {
        let (baseline, group) = (rows(&case["baseline"]), rows(&case["group"]));
        let found = if case["paired"].as_bool().unwrap() {
            let pairs = baseline.iter().zip(&group);
            let difference = |(a, b): (&Vec<i8>, &Vec<i8>)| {
                a.iter().zip(b).map(|(a, b)| b - a).collect::<Vec<i8>>()
            };
            TwoWay::paired(&pairs.map(difference).collect::<Vec<_>>())
        } else {
            TwoWay::independent(&baseline, &group)
        };
        let found = found.unwrap();
        let what = format!("two-way case {index}");
        same_test(&found.t_test, case, &what);
        same(found.of_examples, &case["of_examples"], &what);
    }
    let equal = vec![vec![1, 0, 1]; 3];
    assert_eq!(TwoWay::independent(&equal, &equal), None);
    assert_eq!(TwoWay::paired(&vec![vec![0; 3]; 3]), None);
    assert_eq!(TwoWay::paired(&[vec![1, 0]]), None);
}

/// Both levels are simulated. The errors are 0.3 % of the golden ones and 0.7 % of these.
#[test]
fn the_levels_of_looks_are_those_of_another_simulation() {
    for case in golden("looks") {
        let after = numbers(&case["after"]);
        let after: Vec<usize> = after.into_iter().map(|look| look as usize).collect();
        let level = level_of_looks(&after);
        let expected = case["level"].as_f64().unwrap();
        assert!(
            (level / expected - 1.0).abs() < 0.015,
            "{after:?}: {level}, not {expected}"
        );
    }
    assert_eq!(level_of_looks(&[7]), ALPHA);
}

/// Equal figures of a few seeds prove nothing: they are equal after rounding.
#[test]
fn rounding_is_a_spread() {
    let equal = |count| Pairs {
        values: vec![(0.97, 0.97); count],
    };
    let test = |count, resolution| TTest::paired(&equal(count), resolution);
    assert_eq!(test(2, 0.0), None);
    let two = test(2, 1e-4).unwrap();
    assert_eq!((two.p, two.equivalence(0.002)), (1.0, None));
    let five = test(5, 1e-4).unwrap();
    assert!(five.equivalence(0.002).unwrap() < 0.001);
    // A test set of a hundred examples cannot show a fifth of a point with five seeds.
    assert!(test(5, 0.01).unwrap().equivalence(0.002).unwrap() > ALPHA);
    assert!(test(30, 0.01).unwrap().equivalence(0.002).unwrap() < ALPHA);
    let welch = TTest::welch(&[0.97; 3], &[0.97; 3], 1e-4).unwrap();
    assert!(welch.only_rounding && welch.equivalence(0.002).unwrap() < ALPHA);
}

#[test]
fn permutations_know_their_limits() {
    let pairs = |count: usize| Pairs {
        values: (0..count).map(|index| (0.0, 1.0 + index as f64)).collect(),
    };
    for (count, smallest_p) in [(1, 1.0), (2, 0.5), (5, 0.0625), (20, 2f64.powi(-19))] {
        let found = sign_flips(&pairs(count));
        let expected = Permutation {
            p: smallest_p,
            exact: true,
            smallest_p,
        };
        assert_eq!(found, expected);
    }
    let many = sign_flips(&pairs(21));
    assert!(!many.exact && many.p < 0.001, "{many:?}");
    let ten: Vec<f64> = (0..10).map(f64::from).collect();
    assert!(relabelling(&ten, &ten).is_some());
    assert!(relabelling(&[ten.clone(), vec![1.0]].concat(), &ten).is_none());
    assert!(relabelling(&[], &ten).is_none());
}

/// No input gives an infinite or NaN result.
#[test]
fn values_without_a_spread_or_beyond_all_measure_have_no_t_test() {
    for values in [[1.0, 1.0], [0.0, 0.0], [1e-200, 2e-200], [1e200, 2e200]] {
        let pairs = Pairs {
            values: vec![(values[0], values[0]), (values[1], values[1])],
        };
        assert_eq!(TTest::paired(&pairs, 0.0), None);
        assert_eq!(TTest::welch(&values, &values, 0.0), None);
        assert_eq!(Spread::independent(&values, &values), None);
        assert_eq!(sign_flips(&pairs).p, 1.0);
        assert_eq!(relabelling(&values, &values).unwrap().p, 1.0);
    }
    // Rounding errors are not a spread.
    let pairs = Pairs {
        values: vec![(0.97, 0.98), (0.96, 0.97), (0.95, 0.96)],
    };
    assert_eq!(
        (TTest::paired(&pairs, 0.0), cohen_d_z(&pairs)),
        (None, None)
    );
}
