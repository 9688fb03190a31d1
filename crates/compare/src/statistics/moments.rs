use serde::{Deserialize, Serialize};

/// The arithmetic mean; `None` if there are no values.
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// The sample standard deviation, with n - 1 in the denominator. `None` for fewer than two values,
/// or if their squares overflow.
pub fn deviation(values: &[f64]) -> Option<f64> {
    let mean = mean(values)?;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (values.len() > 1 && squares.is_finite()).then(|| (squares / (values.len() - 1) as f64).sqrt())
}

/// The mean and standard deviation of several runs' values.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeanAndDeviation {
    /// See [`mean`].
    pub mean: f64,
    /// See [`deviation`]; absent for a single run.
    pub deviation: Option<f64>,
}

impl MeanAndDeviation {
    /// Computes both; `None` if there are no values.
    pub fn of(values: &[f64]) -> Option<Self> {
        Some(Self {
            mean: mean(values)?,
            deviation: deviation(values),
        })
    }
}

/// The largest difference between values that counts as rounding error. 0.98 - 0.97 and 0.97 - 0.96
/// differ in their last bits, and a t-test would mistake this for a spread.
pub fn rounding(values: &[f64]) -> f64 {
    1e-12
        * values
            .iter()
            .fold(0.0, |most: f64, value| most.max(value.abs()))
}

/// Paired values of two groups, for example by seed.
#[derive(Clone, Debug, PartialEq)]
pub struct Pairs {
    /// The baseline's value, then the group's.
    pub values: Vec<(f64, f64)>,
}

impl Pairs {
    /// The group's value minus the baseline's, for each pair.
    pub fn differences(&self) -> Vec<f64> {
        self.values
            .iter()
            .map(|(baseline, group)| group - baseline)
            .collect()
    }

    /// [`rounding`] of all values.
    pub fn rounding(&self) -> f64 {
        let values: Vec<f64> = self.values.iter().flat_map(|&(a, b)| [a, b]).collect();
        rounding(&values)
    }
}

#[cfg(test)]
mod tests {
    use crate::statistics::{Spread, TTest, cohen_d_z};

    use super::*;

    /// No run measures such values, but a file may contain them.
    #[test]
    fn values_whose_squares_are_infinite_have_no_spread() {
        assert_eq!(deviation(&[1.0, 3.0]), Some(2f64.sqrt()));
        let pairs = Pairs {
            values: vec![(0.0, 1.7e308), (0.0, 1.7e308)],
        };
        assert_eq!(deviation(&pairs.differences()), None);
        assert_eq!(TTest::paired(&pairs, 0.0), None);
        assert_eq!(cohen_d_z(&pairs), None);
        assert_eq!(Spread::paired(&pairs.differences()), None);
    }
}
