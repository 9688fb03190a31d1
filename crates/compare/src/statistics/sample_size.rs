use statrs::distribution::ContinuousCDF;

use super::t_test::student;
use super::{ALPHA, deviation};

/// The power that the number of seeds must reach.
pub const POWER: f64 = 0.8;

/// The largest number of seeds reported.
pub const MOST_SEEDS: usize = 1000;

/// The sampling variance of a difference of means over n seeds, estimated from the observed seeds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// The difference's variance is this over n.
    variance: f64,
    /// Degrees of freedom for each seed after the first.
    freedom: f64,
}

impl Spread {
    /// From paired differences; `None` for fewer than two.
    pub fn paired(differences: &[f64]) -> Option<Self> {
        let variance = deviation(differences)?.powi(2);
        Some(Self {
            variance,
            freedom: 1.0,
        })
    }

    /// From two groups of n each, with Welch's degrees of freedom. `None` if one has fewer than two
    /// values or neither has a spread.
    pub fn independent(baseline: &[f64], group: &[f64]) -> Option<Self> {
        let (a, b) = (deviation(baseline)?.powi(2), deviation(group)?.powi(2));
        let variance = a + b;
        if variance <= 0.0 || !variance.is_finite() {
            return None;
        }
        let share = a / variance;
        let freedom = 1.0 / (share.powi(2) + (1.0 - share).powi(2));
        Some(Self { variance, freedom })
    }

    /// The number of seeds needed to detect a true difference of this size at level `alpha` with
    /// [`POWER`]. `None` if it exceeds [`MOST_SEEDS`].
    pub fn seeds_to_find(&self, difference: f64, alpha: f64) -> Option<usize> {
        self.fewest(|error, freedom| {
            let student = student(freedom);
            let critical = student.inverse_cdf(1.0 - alpha / 2.0);
            student.cdf(difference.abs() / error - critical)
        })
    }

    /// The number of seeds needed to show with [`POWER`] that a true difference of this size lies
    /// within the margin. `None` if it exceeds [`MOST_SEEDS`].
    pub fn seeds_to_equate(&self, difference: f64, margin: f64) -> Option<usize> {
        self.fewest(|error, freedom| {
            let student = student(freedom);
            let critical = student.inverse_cdf(1.0 - ALPHA);
            let above = student.cdf((margin - difference) / error - critical);
            let below = student.cdf((margin + difference) / error - critical);
            above + below - 1.0
        })
    }

    /// Finds the smallest number of seeds by bisection, since power grows with it. `power` takes
    /// the standard error and the degrees of freedom. A central t distribution approximates the
    /// noncentral one; for small numbers the result is off by a seed or two, less than the error of
    /// the estimated spread.
    fn fewest(&self, power: impl Fn(f64, f64) -> f64) -> Option<usize> {
        let enough = |seeds: usize| {
            let error = (self.variance / seeds as f64).sqrt();
            power(error, self.freedom * (seeds - 1) as f64) >= POWER
        };
        let (mut few, mut many) = (1, MOST_SEEDS);
        if self.variance <= 0.0 || !enough(many) {
            return None;
        }
        while many - few > 1 {
            let middle = few.midpoint(many);
            if enough(middle) {
                many = middle;
            } else {
                few = middle;
            }
        }
        Some(many)
    }
}
