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
    /// Rarely a whole number in Welch's test.
    pub degrees_of_freedom: f64,
    /// The two-sided p-value.
    pub p: f64,
}

impl TTest {
    /// The paired test. `None` for fewer than two pairs, or if the differences have no spread.
    pub fn paired(pairs: &Pairs) -> Option<Self> {
        let differences = pairs.differences();
        let deviation = deviation(&differences).filter(|&spread| spread > pairs.rounding())?;
        let count = differences.len() as f64;
        Some(Self::new(
            mean(&differences)?,
            deviation / count.sqrt(),
            count - 1.0,
        ))
    }

    /// Welch's test, for groups whose variances may differ (Welch 1947,
    /// doi:10.1093/biomet/34.1-2.28). `None` if a group has fewer than two values or neither has a
    /// spread.
    pub fn welch(baseline: &[f64], group: &[f64]) -> Option<Self> {
        let (a, b) = (deviation(baseline)?, deviation(group)?);
        if a <= rounding(baseline) && b <= rounding(group) {
            return None;
        }
        let (n, m) = (baseline.len() as f64, group.len() as f64);
        let (a, b) = (a * a / n, b * b / m);
        let total = a + b;
        // Squares of very large or very small numbers overflow or underflow.
        if total <= 0.0 || !total.is_finite() {
            return None;
        }
        let share = a / total;
        let freedom = 1.0 / (share.powi(2) / (n - 1.0) + (1.0 - share).powi(2) / (m - 1.0));
        let difference = mean(group)? - mean(baseline)?;
        Some(Self::new(difference, total.sqrt(), freedom))
    }

    fn new(difference: f64, standard_error: f64, degrees_of_freedom: f64) -> Self {
        let statistic = (difference / standard_error).abs();
        Self {
            difference,
            standard_error,
            degrees_of_freedom,
            p: 2.0 * student(degrees_of_freedom).sf(statistic),
        }
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
