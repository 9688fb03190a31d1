use statrs::distribution::{ChiSquared, ContinuousCDF};

use super::{Interval, deviation};

/// The 95 % confidence interval of a standard deviation, for normally distributed values: the sum of
/// squares over the variance is chi-squared. `None` for fewer than two values.
pub fn deviation_interval(values: &[f64]) -> Option<Interval> {
    let deviation = deviation(values)?;
    let freedom = (values.len() - 1) as f64;
    let chi_squared = ChiSquared::new(freedom).ok()?;
    let limit = |quantile: f64| deviation * (freedom / chi_squared.inverse_cdf(quantile)).sqrt();
    Some(Interval {
        low: limit(0.975),
        high: limit(0.025),
    })
}
