use serde::Serialize;

/// A confidence interval of a difference, in the difference's unit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// The lower limit.
    pub low: f64,
    /// The upper limit.
    pub high: f64,
}

impl Interval {
    pub(super) fn around(middle: f64, half: f64) -> Self {
        Self {
            low: middle - half,
            high: middle + half,
        }
    }

    /// Whether the whole interval lies within `margin` of zero. For a 90 % interval this is the
    /// equivalence test by two one-sided tests at 5 % (Schuirmann 1987, doi:10.1007/BF01068419).
    pub fn is_within(&self, margin: f64) -> bool {
        -margin <= self.low && self.high <= margin
    }
}
