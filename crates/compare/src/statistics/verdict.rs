use serde::Serialize;

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

/// The data behind a verdict. Both p-values are corrected for all comparisons.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evidence {
    /// The group's gain over the baseline among the runs that learnt: positive if the group is
    /// better.
    pub gain: f64,
    /// The two-sided p-value of the gain.
    pub p: Option<f64>,
    /// The p-value of equivalence; 0 if the results are identical.
    pub p_equivalence: Option<f64>,
    /// The share of failed runs in the baseline and in the group.
    pub failed: [f64; 2],
    /// The two-sided p-value of the difference of these shares; absent if no run failed.
    pub p_failed: Option<f64>,
}

impl Evidence {
    /// The rule, the same for every metric and test:
    ///
    /// 1. better or worse, if the group's runs fail less or more often, and those that learnt do not
    ///    show the opposite;
    /// 2. otherwise equivalent, if that is shown at [`ALPHA`];
    /// 3. otherwise better or worse, by the sign of the gain, if p is below [`ALPHA`];
    /// 4. otherwise undecided, which does not mean that there is no difference.
    ///
    /// Failed runs are left out of the gain. A group must not benefit from this, so one with failed
    /// runs is not better by its gain, and not equivalent.
    pub fn verdict(&self) -> Verdict {
        let is_significant = |p: Option<f64>| p.is_some_and(|p| p < ALPHA);
        let [baseline, group] = self.failed;
        let by_gain = match (is_significant(self.p), self.gain) {
            (true, gain) if gain > 0.0 => Verdict::Better,
            (true, gain) if gain < 0.0 => Verdict::Worse,
            _ => Verdict::Undecided,
        };
        if is_significant(self.p_failed) {
            return match (group < baseline, by_gain) {
                (true, Verdict::Worse) | (false, Verdict::Better) => Verdict::Undecided,
                (true, _) => Verdict::Better,
                (false, _) => Verdict::Worse,
            };
        }
        if is_significant(self.p_equivalence) {
            return if baseline > 0.0 || group > 0.0 {
                Verdict::Undecided
            } else {
                Verdict::Equivalent
            };
        }
        match by_gain {
            Verdict::Better if group > 0.0 => Verdict::Undecided,
            Verdict::Worse if baseline > 0.0 => Verdict::Undecided,
            Verdict::Better | Verdict::Worse | Verdict::Equivalent | Verdict::Undecided => by_gain,
        }
    }

    /// Whether the verdict is undecided only because runs failed.
    pub fn is_withheld(&self) -> bool {
        let as_if_none_failed = Self {
            failed: [0.0; 2],
            p_failed: None,
            ..*self
        };
        self.verdict() == Verdict::Undecided && as_if_none_failed.verdict() != Verdict::Undecided
    }
}
