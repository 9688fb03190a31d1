//! Compares the statistics with SciPy's results, see `golden/statistics.py`.

use compare::statistics::{
    ALPHA, Discordant, Interval, Pairs, Permutation, Spread, TTest, cohen_d_z, deviation, hedges_g,
    holm, mean, relabelling, sign_flips, superiority,
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
    // Two one-sided tests and the 90 % interval agree.
    assert_eq!(
        found.interval(0.9).is_within(0.25),
        expected["equivalence"].as_f64().unwrap() <= ALPHA,
        "{what}"
    );
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
        let welch = TTest::welch(&baseline, &group).unwrap();
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
            let paired = TTest::paired(&pairs).unwrap();
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
fn mcnemars_test_is_scipys_and_the_interval_bonett_and_prices() {
    for case in golden("discordant") {
        let count = |name: &str| case[name].as_u64().unwrap();
        let discordant = Discordant {
            examples: count("examples"),
            only_baseline_correct: count("only_baseline_correct"),
            only_group_correct: count("only_group_correct"),
        };
        let what = format!("{discordant:?}");
        same(discordant.p(), &case["p"], &what);
        same_interval(discordant.interval(0.95), &case["interval_95"], &what);
        same_interval(discordant.interval(0.9), &case["interval_90"], &what);
    }
    // The example of R's statpsych::ci.prop.ps.
    let published = Discordant {
        examples: 48,
        only_baseline_correct: 4,
        only_group_correct: 26,
    };
    let interval = published.interval(0.95);
    assert!((interval.low - 0.254_806_7).abs() < 1e-7);
    assert!((interval.high - 0.625_193_3).abs() < 1e-7);
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

/// Approximating the noncentral t distribution by a central one costs a seed or two.
#[test]
fn the_seeds_that_would_decide_are_about_right() {
    for case in golden("seeds") {
        let effect = case["effect"].as_f64().unwrap();
        // Two values with a standard deviation of one.
        let spread = Spread::paired(&[0.0, 2f64.sqrt()]).unwrap();
        let found = spread.seeds_to_find(effect, case["alpha"].as_f64().unwrap());
        let (found, exact) = (found.unwrap(), case["seeds"].as_u64().unwrap());
        let off = (found as f64 - exact as f64).abs();
        assert!(off <= 2.0, "{effect}: {found} for {exact}");
    }
    let spread = Spread::paired(&[0.0, 1.0]).unwrap();
    assert_eq!(spread.seeds_to_find(0.001, ALPHA), None);
    assert_eq!(spread.seeds_to_find(0.0, ALPHA), None);
    assert_eq!(spread.seeds_to_equate(0.3, 0.2), None);
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
        assert_eq!(TTest::paired(&pairs), None);
        assert_eq!(TTest::welch(&values, &values), None);
        assert_eq!(Spread::independent(&values, &values), None);
        assert_eq!(sign_flips(&pairs).p, 1.0);
        assert_eq!(relabelling(&values, &values).unwrap().p, 1.0);
    }
    // Rounding errors are not a spread.
    let pairs = Pairs {
        values: vec![(0.97, 0.98), (0.96, 0.97), (0.95, 0.96)],
    };
    assert_eq!((TTest::paired(&pairs), cohen_d_z(&pairs)), (None, None));
}
