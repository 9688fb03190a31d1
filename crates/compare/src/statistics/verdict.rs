use serde::Serialize;

use super::Interval;

/// The chance of a false finding that a verdict takes: each of the two one-sided tests of
/// equivalence, and the two-sided test of a difference.
pub const ALPHA: f64 = 0.05;

/// What is held of a group beside the baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Better,
    Worse,
    Equivalent,
    Undecided,
}

/// What a verdict rests on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evidence {
    /// The group's gain over the baseline: above zero where the group does better.
    pub gain: f64,
    /// No value of one differs from its counterpart in the other.
    pub identical: bool,
    /// Of the gain or of its negative, 90 %.
    pub interval: Option<Interval>,
    /// Two-sided, Holm's correction included.
    pub p: Option<f64>,
    /// What counts as no difference, in the gain's unit.
    pub margin: f64,
    pub baseline_diverged: bool,
    pub group_diverged: bool,
}

impl Evidence {
    /// The rule, the same for every metric and test:
    ///
    /// 1. equivalent, when the values are identical or the 90 % interval lies within the margin
    ///    ([`Interval::is_within`]);
    /// 2. else better or worse, by the sign of the gain, when p is below [`ALPHA`];
    /// 3. else undecided: it says that nothing was shown, not that nothing is there.
    ///
    /// Runs that diverged have no values to enter. So that leaving them out helps nobody, a group
    /// with any is neither found the better one nor equivalent.
    pub fn verdict(&self) -> Verdict {
        let within = self
            .interval
            .is_some_and(|interval| interval.is_within(self.margin));
        if self.identical || within {
            return match self.baseline_diverged || self.group_diverged {
                true => Verdict::Undecided,
                false => Verdict::Equivalent,
            };
        }
        match self.p.is_some_and(|p| p < ALPHA) {
            true if self.gain > 0.0 && !self.group_diverged => Verdict::Better,
            true if self.gain < 0.0 && !self.baseline_diverged => Verdict::Worse,
            _ => Verdict::Undecided,
        }
    }
}
