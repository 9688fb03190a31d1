use serde::Serialize;

/// A confidence interval of a difference, in the difference's unit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    pub low: f64,
    pub high: f64,
}

impl Interval {
    pub(super) fn around(middle: f64, half: f64) -> Self {
        Self {
            low: middle - half,
            high: middle + half,
        }
    }

    /// Whether all of it lies within `margin` of zero. For an interval of 90 % that is what two
    /// one-sided tests of 5 % each say: equivalent (Schuirmann 1987, doi:10.1007/BF01068419).
    pub fn is_within(&self, margin: f64) -> bool {
        -margin <= self.low && self.high <= margin
    }
}
