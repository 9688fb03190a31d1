use statrs::distribution::{Discrete, Hypergeometric};

/// The two-sided p-value of Fisher's exact test (Fisher 1922, doi:10.2307/2340521): the probability,
/// if runs of both groups fail equally often, of counts at most as probable as those seen.
///
/// # Panics
///
/// If more runs failed than there are.
pub fn fisher(baseline: Failed, group: Failed) -> f64 {
    let (runs, failed) = (baseline.runs + group.runs, baseline.failed + group.failed);
    let counts = Hypergeometric::new(runs as u64, failed as u64, group.runs as u64)
        .expect("no more failed runs than runs");
    let fewest = failed.saturating_sub(baseline.runs);
    let most = failed.min(group.runs);
    let seen = counts.pmf(group.failed as u64);
    // Equal probabilities differ in their last bits.
    let as_rare = |p: &f64| *p <= seen * (1.0 + 1e-7);
    let all = (fewest..=most).map(|count| counts.pmf(count as u64));
    all.filter(as_rare).sum::<f64>().min(1.0)
}

/// How many of a group's runs failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Failed {
    /// Runs that diverged or learnt nothing.
    pub failed: usize,
    /// All runs.
    pub runs: usize,
}

impl Failed {
    /// The fraction of the runs that failed.
    pub fn share(self) -> f64 {
        self.failed as f64 / self.runs.max(1) as f64
    }
}
