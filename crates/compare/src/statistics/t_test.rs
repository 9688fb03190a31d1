use serde::Serialize;
use statrs::distribution::{ContinuousCDF, StudentsT};

use super::{Interval, Pairs, deviation, mean, rounding};

/// A t-test of the difference of two means.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct TTest {
    /// The difference of the means.
    pub difference: f64,
    /// The standard error of the difference.
    pub standard_error: f64,
    /// One fewer than the pairs, or than the values of the smaller group.
    pub degrees_of_freedom: f64,
    /// The two-sided p-value.
    pub p: f64,
    /// Whether the values do not differ by more than their rounding, so that the standard error is
    /// that of the rounding.
    pub only_rounding: bool,
    /// The number of pairs, or of values of the smaller group.
    #[serde(skip)]
    fewest: usize,
}

/// The fewest values that show equivalence if they do not differ by more than their rounding.
const FEWEST_EQUAL: usize = 3;

impl TTest {
    /// The paired test. `None` for fewer than two pairs, or if the differences have no spread.
    ///
    /// `resolution` is the step in which the values change, 0 if they are continuous. An accuracy
    /// changes by one example, so equal differences may differ by less; their variance is at least
    /// that of the rounding, 1/12 of the squared step for each value.
    pub fn paired(pairs: &Pairs, resolution: f64) -> Option<Self> {
        let differences = pairs.differences();
        let seen = deviation(&differences)?;
        let rounded = resolution * (1f64 / 6.0).sqrt();
        let deviation = seen.max(rounded);
        if deviation <= pairs.rounding() {
            return None;
        }
        let count = differences.len() as f64;
        let error = deviation / count.sqrt();
        Some(Self {
            only_rounding: seen < rounded,
            ..Self::new(mean(&differences)?, error, count - 1.0, differences.len())
        })
    }

    /// Welch's test, for groups whose variances may differ (Welch 1947,
    /// doi:10.1093/biomet/34.1-2.28), with one degree of freedom fewer than the smaller group has
    /// values. That bounds the error for all variances (Mickey and Brown 1966,
    /// doi:10.1214/aoms/1177699517), where Welch's own degrees of freedom are wrong in up to 12 % of the
    /// cases for a group of two. `None` if a group has fewer than two values or neither has a spread.
    /// `resolution` is as in [`paired`](Self::paired).
    pub fn welch(baseline: &[f64], group: &[f64], resolution: f64) -> Option<Self> {
        let (a, b) = (deviation(baseline)?, deviation(group)?);
        let rounded = resolution * (1f64 / 12.0).sqrt();
        if a.max(rounded) <= rounding(baseline) && b.max(rounded) <= rounding(group) {
            return None;
        }
        let (n, m) = (baseline.len() as f64, group.len() as f64);
        let only_rounding = a < rounded && b < rounded;
        let (a, b) = (a.max(rounded).powi(2) / n, b.max(rounded).powi(2) / m);
        let total = a + b;
        // Squares of very large or very small numbers overflow or underflow.
        if total <= 0.0 || !total.is_finite() {
            return None;
        }
        let fewest = baseline.len().min(group.len());
        let difference = mean(group)? - mean(baseline)?;
        Some(Self {
            only_rounding,
            ..Self::new(difference, total.sqrt(), fewest as f64 - 1.0, fewest)
        })
    }

    /// From the standard error and its degrees of freedom. `fewest` is the number of pairs, or of values
    /// of the smaller group.
    pub(super) fn new(
        difference: f64,
        standard_error: f64,
        degrees_of_freedom: f64,
        fewest: usize,
    ) -> Self {
        let statistic = (difference / standard_error).abs();
        Self {
            difference,
            standard_error,
            degrees_of_freedom,
            p: 2.0 * student(degrees_of_freedom).sf(statistic),
            only_rounding: false,
            fewest,
        }
    }

    /// The larger p-value of two one-sided tests that the difference lies within the margin
    /// (Schuirmann 1987, doi:10.1007/BF01068419). `None` for two values that do not differ by more
    /// than their rounding, which prove nothing.
    pub fn equivalence(&self, margin: f64) -> Option<f64> {
        let proves = !self.only_rounding || self.fewest >= FEWEST_EQUAL;
        let distance = (margin - self.difference.abs()) / self.standard_error;
        proves.then(|| student(self.degrees_of_freedom).sf(distance))
    }

    /// The confidence interval at a level such as 0.95.
    pub fn interval(&self, level: f64) -> Interval {
        let quantile = student(self.degrees_of_freedom).inverse_cdf(0.5 + level / 2.0);
        Interval::around(self.difference, quantile * self.standard_error)
    }
}

/// Student's t distribution; the degrees of freedom must be positive.
pub(super) fn student(degrees_of_freedom: f64) -> StudentsT {
    StudentsT::new(0.0, 1.0, degrees_of_freedom).expect("two values leave a degree of freedom")
}
