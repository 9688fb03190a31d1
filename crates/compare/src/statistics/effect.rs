use statrs::function::gamma::ln_gamma;

use super::{Pairs, deviation, mean, rounding};

/// Cohen's d_z, for pairs: the mean difference in standard deviations of the differences (Cohen
/// 1988, section 2.3.5). `None` if the differences have no spread.
pub fn cohen_d_z(pairs: &Pairs) -> Option<f64> {
    let differences = pairs.differences();
    let deviation = deviation(&differences).filter(|&spread| spread > pairs.rounding())?;
    Some(mean(&differences)? / deviation)
}

/// Hedges' g, for groups: the difference of the means in pooled standard deviations, corrected for
/// small samples (Hedges 1981, doi:10.3102/10769986006002107). `None` if a group has fewer than two
/// values or neither has a spread.
pub fn hedges_g(baseline: &[f64], group: &[f64]) -> Option<f64> {
    let (a, b) = (deviation(baseline)?, deviation(group)?);
    if a <= rounding(baseline) && b <= rounding(group) {
        return None;
    }
    let (n, m) = (baseline.len() as f64 - 1.0, group.len() as f64 - 1.0);
    let freedom = n + m;
    let pooled = ((n * a * a + m * b * b) / freedom).sqrt();
    let unbiased =
        (ln_gamma(freedom / 2.0) - ln_gamma((freedom - 1.0) / 2.0)).exp() / (freedom / 2.0).sqrt();
    Some(unbiased * (mean(group)? - mean(baseline)?) / pooled)
}

/// The probability of superiority (Vargha and Delaney 2000, doi:10.3102/10769986025002101): the
/// fraction of pairs whose second value is larger, with ties counted as half. Takes paired values,
/// or all pairs between two groups. `None` if there are no pairs.
pub fn superiority(pairs: impl Iterator<Item = (f64, f64)>) -> Option<f64> {
    let (mut halves, mut count) = (0u32, 0u32);
    for (baseline, group) in pairs {
        count += 1;
        halves += u32::from(group > baseline) + u32::from(group >= baseline);
    }
    (count > 0).then(|| f64::from(halves) / f64::from(2 * count))
}
