use serde::Serialize;
use statrs::distribution::{ContinuousCDF, Normal};
use statrs::function::factorial::binomial;

use super::{Pairs, rounding};

/// The most pairs for which every combination of signs is counted: about a million combinations.
pub const MOST_FLIPPED: usize = 20;

/// The most permutations of two groups that are counted; two groups of ten have 184,756.
pub const MOST_LABELLINGS: f64 = 200_000.0;

/// A permutation test of a difference of means (Fisher 1935): how often a random assignment of the
/// labels gives a difference at least as large. It makes no assumption about the distribution.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Permutation {
    /// Two-sided: twice the smaller of the two tails.
    pub p: f64,
    /// Whether every permutation was counted; otherwise a normal distribution approximates them.
    pub exact: bool,
    /// The smallest p-value possible for this number of values, however far apart they are.
    pub smallest_p: f64,
}

/// The test for pairs: exchanging the labels within a pair flips the sign of its difference.
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
        if squares > 0.0 {
            2.0 * Normal::standard().sf(observed / squares.sqrt())
        } else {
            1.0
        }
    };
    let smallest_p = 2f64.powf(1.0 - count as f64).min(1.0);
    Permutation {
        p,
        exact,
        smallest_p,
    }
}

/// The test for groups, over every assignment of the labels. `None` if a group is empty or there
/// are more than [`MOST_LABELLINGS`] assignments.
pub fn relabelling(baseline: &[f64], group: &[f64]) -> Option<Permutation> {
    let (fewer, more) = if baseline.len() <= group.len() {
        (baseline, group)
    } else {
        (group, baseline)
    };
    let values: Vec<f64> = [fewer, more].concat();
    let labellings = binomial(values.len() as u64, fewer.len() as u64);
    if fewer.is_empty() || labellings > MOST_LABELLINGS {
        return None;
    }
    // The total is fixed, so the sum of one group's values determines the difference.
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

/// Visits the sum of every choice of `count` values.
fn for_each_sum(values: &[f64], count: usize, sum: f64, visit: &mut impl FnMut(f64)) {
    if count == 0 {
        return visit(sum);
    }
    for first in 0..=values.len() - count {
        for_each_sum(&values[first + 1..], count - 1, sum + values[first], visit);
    }
}
