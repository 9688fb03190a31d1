//! Cuts the test set of finished runs in two, and prints how often both halves differ more than chance
//! allows:
//!
//! ```sh
//! cargo run --release -p compare --example half_split -- results/reference/mnist-*
//! ```
//!
//! For each pair of experiments with the same test set and the same seeds, the difference on one half is
//! compared with that on the other. Both are differences of the same two experiments, so a test that
//! allows for the choice of test examples finds them unequal in at most 5 % of the cases. One that allows
//! for seeds alone does not.

#![allow(clippy::print_stdout, reason = "an example prints its results")]

use std::collections::BTreeMap;
use std::error::Error;

use compare::Group;
use compare::statistics::{ALPHA, Pairs, TTest, TwoWay};
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;

const SPLITS: usize = 200;

/// The right answers of each seed.
type Answers = BTreeMap<u64, Vec<i8>>;

fn main() -> Result<(), Box<dyn Error>> {
    let mut experiments: Vec<(String, Answers)> = Vec::new();
    for folder in std::env::args().skip(1) {
        let group = Group::read(&folder)?;
        let data = &group.runs[0].record.result.data;
        let answers = group.runs.iter().filter_map(|run| {
            let test = run.record.result.test.as_ref()?;
            Some((run.record.seed, test.correct.iter().map(i8::from).collect()))
        });
        experiments.push((data.test.digest.clone(), answers.collect()));
    }
    let (mut pairs, mut by_seeds, mut by_both) = (0, 0, 0);
    for (index, (test_set, first)) in experiments.iter().enumerate() {
        for (other, second) in &experiments[index + 1..] {
            let common = first
                .iter()
                .filter_map(|(seed, row)| Some((row, second.get(seed)?)));
            let rows: Vec<Vec<i8>> = common
                .map(|(a, b)| a.iter().zip(b).map(|(a, b)| b - a).collect())
                .collect();
            if test_set != other || rows.len() < 3 {
                continue;
            }
            pairs += 1;
            let mut random = StdRng::seed_from_u64(pairs);
            for _ in 0..SPLITS {
                let (seeds, both) = unequal_halves(&rows, &mut random);
                by_seeds += usize::from(seeds);
                by_both += usize::from(both);
            }
        }
    }
    let share = |count: usize| 100.0 * count as f64 / (SPLITS as u64 * pairs) as f64;
    println!("{pairs} pairs of experiments, {SPLITS} splits each");
    println!(
        "halves differ, over seeds alone:        {:5.1} %",
        share(by_seeds)
    );
    println!(
        "halves differ, over seeds and examples: {:5.1} %",
        share(by_both)
    );
    Ok(())
}

/// Whether two random halves differ over seeds alone, and over seeds and examples.
fn unequal_halves(rows: &[Vec<i8>], random: &mut StdRng) -> (bool, bool) {
    let mut order: Vec<usize> = (0..rows[0].len()).collect();
    order.shuffle(random);
    let half = order.len() / 2;
    let (one, other) = order.split_at(half);
    // Which example of one half is set against which of the other does not matter: they are random.
    let between: Vec<Vec<i8>> = rows
        .iter()
        .map(|row| {
            one.iter()
                .zip(other)
                .map(|(&a, &b)| row[b] - row[a])
                .collect()
        })
        .collect();
    let means = between.iter().map(|row| {
        let sum: i64 = row.iter().map(|&value| i64::from(value)).sum();
        (0.0, sum as f64 / half as f64)
    });
    let means = Pairs {
        values: means.collect(),
    };
    let seeds = TTest::paired(&means, 0.0).is_some_and(|test| test.p < ALPHA);
    let both = TwoWay::paired(&between).is_some_and(|test| test.t_test.p < ALPHA);
    (seeds, both)
}
