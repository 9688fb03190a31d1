use serde::Serialize;

use super::Interval;

/// The significance level of the two-sided test of a difference and of each of the two one-sided
/// tests of equivalence.
pub const ALPHA: f64 = 0.05;

/// How a group compares with the baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The group is better, by more than seeds or test examples explain.
    Better,
    /// The group is worse, by more than seeds or test examples explain.
    Worse,
    /// The difference lies within the margin.
    Equivalent,
    /// The runs show none of the above.
    Undecided,
}

impl Verdict {
    /// The name, as in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::Equivalent => "equivalent",
            Self::Undecided => "undecided",
        }
    }
}

/// The data behind a verdict.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evidence {
    /// The group's gain over the baseline: positive if the group is better.
    pub gain: f64,
    /// Whether all values equal their counterparts in the other group.
    pub identical: bool,
    /// The 90 % confidence interval of the gain or of its negative.
    pub interval: Option<Interval>,
    /// The two-sided p-value, with Holm's correction.
    pub p: Option<f64>,
    /// The equivalence margin, in the gain's unit.
    pub margin: f64,
    /// Whether runs of the baseline diverged.
    pub baseline_diverged: bool,
    /// Whether runs of the group diverged.
    pub group_diverged: bool,
}

impl Evidence {
    /// The rule, the same for every metric and test:
    ///
    /// 1. equivalent, if the values are identical or the 90 % interval lies within the margin
    ///    ([`Interval::is_within`]);
    /// 2. otherwise better or worse, by the sign of the gain, if p is below [`ALPHA`];
    /// 3. otherwise undecided, which does not mean that there is no difference.
    ///
    /// Diverged runs have no values and are left out. A group must not benefit from this, so a
    /// group with diverged runs is never better and never equivalent.
    pub fn verdict(&self) -> Verdict {
        let within = self
            .interval
            .is_some_and(|interval| interval.is_within(self.margin));
        if self.identical || within {
            return if self.baseline_diverged || self.group_diverged {
                Verdict::Undecided
            } else {
                Verdict::Equivalent
            };
        }
        let is_significant = self.p.is_some_and(|p| p < ALPHA);
        if is_significant && self.gain > 0.0 && !self.group_diverged {
            Verdict::Better
        } else if is_significant && self.gain < 0.0 && !self.baseline_diverged {
            Verdict::Worse
        } else {
            Verdict::Undecided
        }
    }
}
