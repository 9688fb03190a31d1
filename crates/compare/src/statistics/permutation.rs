use serde::Serialize;
use statrs::distribution::{ContinuousCDF, Normal};
use statrs::function::factorial::binomial;

use super::{Pairs, rounding};

/// Pairs up to here have every flip of their signs counted: a million of them.
pub const MOST_FLIPPED: usize = 20;

/// As many ways to deal out the labels are counted; two groups of ten have 184,756.
pub const MOST_LABELLINGS: f64 = 200_000.0;

/// A permutation test of a difference of means (Fisher 1935): how often labels dealt out at random
/// give a difference as large. It supposes no distribution.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Permutation {
    /// Two-sided: twice the smaller of the two tails.
    pub p: f64,
    /// Whether every permutation was counted, or a normal distribution stands for them.
    pub exact: bool,
    /// What as many values give at the least, however far apart they are.
    pub smallest_p: f64,
}

/// The test for pairs: within each, the labels may be exchanged, which flips the difference's sign.
pub fn sign_flips(pairs: &Pairs) -> Permutation {
    let differences = pairs.differences();
    let count = differences.len();
    let observed: f64 = differences.iter().sum::<f64>().abs();
    let exact = count <= MOST_FLIPPED;
    let p = if exact {
        let mut sums = vec![0.0];
        for difference in &differences {
            sums = sums
                .iter()
                .flat_map(|sum| [sum + difference, sum - difference])
                .collect();
        }
        let slack = count as f64 * pairs.rounding();
        let smaller = sums
            .iter()
            .filter(|sum| sum.abs() < observed - slack)
            .count();
        1.0 - smaller as f64 / sums.len() as f64
    } else {
        let squares: f64 = differences
            .iter()
            .map(|difference| difference.powi(2))
            .sum();
        match squares > 0.0 {
            true => 2.0 * Normal::standard().sf(observed / squares.sqrt()),
            false => 1.0,
        }
    };
    let smallest_p = 2f64.powf(1.0 - count as f64).min(1.0);
    Permutation {
        p,
        exact,
        smallest_p,
    }
}

/// The test for groups: every way to deal out the labels; nothing where there are more than
/// [`MOST_LABELLINGS`].
pub fn relabelling(baseline: &[f64], group: &[f64]) -> Option<Permutation> {
    let (fewer, more) = match baseline.len() <= group.len() {
        true => (baseline, group),
        false => (group, baseline),
    };
    let values: Vec<f64> = [fewer, more].concat();
    let labellings = binomial(values.len() as u64, fewer.len() as u64);
    if fewer.is_empty() || labellings > MOST_LABELLINGS {
        return None;
    }
    // With all values the same in total, the sum of one label's values decides.
    let observed: f64 = fewer.iter().sum();
    let slack = values.len() as f64 * rounding(&values);
    let (mut below, mut above) = (0u32, 0u32);
    for_each_sum(&values, fewer.len(), 0.0, &mut |sum| {
        below += u32::from(sum <= observed + slack);
        above += u32::from(sum >= observed - slack);
    });
    Some(Permutation {
        p: (2.0 * f64::from(below.min(above)) / labellings).min(1.0),
        exact: true,
        smallest_p: (2.0 / labellings).min(1.0),
    })
}

/// The sum of every choice of `count` values.
fn for_each_sum(values: &[f64], count: usize, sum: f64, visit: &mut impl FnMut(f64)) {
    if count == 0 {
        return visit(sum);
    }
    for first in 0..=values.len() - count {
        for_each_sum(&values[first + 1..], count - 1, sum + values[first], visit);
    }
}
