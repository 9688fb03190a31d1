//! Simulates runs and prints how often each verdict is given: `cargo run --release -p compare
//! --example error_rates`.
//!
//! Accuracies are normally distributed around the experiment's mean with a standard deviation of
//! 0.13 points, as in `mnist-dropout-sgd`, and rounded to whole examples of 10,000. The margin is
//! the default, 0.2 points. Runs with the same seed are independent, so pairing by seed gains
//! nothing.

#![allow(clippy::print_stdout, reason = "an example prints its results")]

use compare::Verdict;
use compare::statistics::{Evidence, Pairs, TTest, mean, relabelling, sign_flips};
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand_distr::{Distribution, Normal};

const DRAWS: usize = 20_000;
const BETWEEN_SEEDS: f64 = 0.0013;
const MARGIN: f64 = 0.002;

fn main() {
    println!("test    seeds  difference  better  worse  equivalent  undecided");
    for (test, verdict) in [
        ("paired", paired as fn(&[f64], &[f64]) -> _),
        ("welch", welch),
    ] {
        for seeds in [3, 5, 10, 20] {
            for difference in [0.0, 0.001, 0.002, 0.003, 0.005, 0.01] {
                let shares = shares(seeds, difference, verdict);
                let [better, worse, equivalent, undecided] = shares.map(|share| 100.0 * share);
                println!(
                    "{test:6}  {seeds:5}  {:6.1} pts  {better:5.1}%  {worse:4.1}%  \
                     {equivalent:9.1}%  {undecided:8.1}%",
                    100.0 * difference
                );
            }
        }
    }
}

/// The fractions of better, worse, equivalent and undecided verdicts on a group whose accuracy is
/// this much higher.
fn shares(seeds: usize, difference: f64, verdict: fn(&[f64], &[f64]) -> Verdict) -> [f64; 4] {
    let mut random = StdRng::seed_from_u64(seeds as u64);
    let mut shares = [0.0; 4];
    for _ in 0..DRAWS {
        let baseline = accuracies(0.98, seeds, &mut random);
        let group = accuracies(0.98 + difference, seeds, &mut random);
        let index = match verdict(&baseline, &group) {
            Verdict::Better => 0,
            Verdict::Worse => 1,
            Verdict::Equivalent => 2,
            Verdict::Undecided => 3,
        };
        shares[index] += 1.0 / DRAWS as f64;
    }
    shares
}

fn accuracies(mean: f64, seeds: usize, random: &mut StdRng) -> Vec<f64> {
    let normal = Normal::new(mean, BETWEEN_SEEDS).expect("a deviation above zero");
    let drawn = normal.sample_iter(random).take(seeds);
    drawn
        .map(|accuracy| (10_000.0 * accuracy).round() / 10_000.0)
        .collect()
}

fn paired(baseline: &[f64], group: &[f64]) -> Verdict {
    let pairs = Pairs {
        values: baseline
            .iter()
            .copied()
            .zip(group.iter().copied())
            .collect(),
    };
    let test = TTest::paired(&pairs);
    judged(baseline, group, test, || sign_flips(&pairs).p)
}

fn welch(baseline: &[f64], group: &[f64]) -> Verdict {
    let test = TTest::welch(baseline, group);
    let permutation = || relabelling(baseline, group).map_or(1.0, |test| test.p);
    judged(baseline, group, test, permutation)
}

fn judged(
    baseline: &[f64],
    group: &[f64],
    test: Option<TTest>,
    permutation: impl Fn() -> f64,
) -> Verdict {
    let evidence = Evidence {
        gain: mean(group).unwrap_or(0.0) - mean(baseline).unwrap_or(0.0),
        identical: baseline == group,
        interval: test.map(|test| test.interval(0.9)),
        p: Some(test.map_or_else(permutation, |test| test.p)),
        margin: MARGIN,
        baseline_diverged: false,
        group_diverged: false,
    };
    evidence.verdict()
}
