/// The arithmetic mean; nothing of nothing.
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// The sample standard deviation, that is with n - 1; nothing of fewer than two values, or where
/// they are so large that no number holds their squares.
pub fn deviation(values: &[f64]) -> Option<f64> {
    let mean = mean(values)?;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (values.len() > 1 && squares.is_finite()).then(|| (squares / (values.len() - 1) as f64).sqrt())
}

/// A difference of the values that is no larger is rounding: 0.98 - 0.97 and 0.97 - 0.96 are not
/// the same bits, and a t-test would take what lies between them for a spread.
pub fn rounding(values: &[f64]) -> f64 {
    1e-12
        * values
            .iter()
            .fold(0.0, |most: f64, value| most.max(value.abs()))
}

/// Values that belong together, the baseline's first: of the same seed, for one.
#[derive(Clone, Debug, PartialEq)]
pub struct Pairs {
    pub values: Vec<(f64, f64)>,
}

impl Pairs {
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

    /// No run has such figures, but a file may say so.
    #[test]
    fn values_whose_squares_are_infinite_have_no_spread() {
        assert_eq!(deviation(&[1.0, 3.0]), Some(2f64.sqrt()));
        let pairs = Pairs {
            values: vec![(0.0, 1.7e308), (0.0, 1.7e308)],
        };
        assert_eq!(deviation(&pairs.differences()), None);
        assert_eq!(TTest::paired(&pairs), None);
        assert_eq!(cohen_d_z(&pairs), None);
        assert_eq!(Spread::paired(&pairs.differences()), None);
    }
}
