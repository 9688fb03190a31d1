use statrs::distribution::ContinuousCDF;

use super::t_test::student;
use super::{ALPHA, deviation};

/// How likely the number of seeds shall make the finding.
pub const POWER: f64 = 0.8;

/// No larger number of seeds is told.
pub const MOST_SEEDS: usize = 1000;

/// What a difference of means over n seeds spreads by, as far as the seeds seen tell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// The difference's variance is this over n.
    variance: f64,
    /// Degrees of freedom for each seed after the first.
    freedom: f64,
}

impl Spread {
    /// Of the paired differences; nothing of fewer than two.
    pub fn paired(differences: &[f64]) -> Option<Self> {
        let variance = deviation(differences)?.powi(2);
        Some(Self {
            variance,
            freedom: 1.0,
        })
    }

    /// Of two groups of n each, by Welch's degrees of freedom; nothing where one has fewer than two or
    /// neither has a spread.
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

    /// The seeds with which a true difference of this size is found at level `alpha` with
    /// [`POWER`]; nothing where that takes more than [`MOST_SEEDS`].
    pub fn seeds_to_find(&self, difference: f64, alpha: f64) -> Option<usize> {
        self.fewest(|error, freedom| {
            let student = student(freedom);
            let critical = student.inverse_cdf(1.0 - alpha / 2.0);
            student.cdf(difference.abs() / error - critical)
        })
    }

    /// The seeds with which a true difference of this size is shown to lie within the margin with
    /// [`POWER`]; nothing where that takes more than [`MOST_SEEDS`].
    pub fn seeds_to_equate(&self, difference: f64, margin: f64) -> Option<usize> {
        self.fewest(|error, freedom| {
            let student = student(freedom);
            let critical = student.inverse_cdf(1.0 - ALPHA);
            let above = student.cdf((margin - difference) / error - critical);
            let below = student.cdf((margin + difference) / error - critical);
            above + below - 1.0
        })
    }

    /// Power from a standard error and degrees of freedom grows with the seeds, so halving finds
    /// the fewest. A central t distribution stands for the noncentral one: a seed too few or too
    /// many at the small end, which an estimated spread does not tell anyway.
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
            match enough(middle) {
                true => many = middle,
                false => few = middle,
            }
        }
        Some(many)
    }
}
