use serde::Serialize;
use statrs::distribution::{Binomial, ContinuousCDF, DiscreteCDF, Normal};

use super::Interval;

/// Counts of test examples that only one of two trained models gets right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Discordant {
    /// The number of all examples.
    pub examples: u64,
    /// Examples that only the baseline got right.
    pub only_baseline_correct: u64,
    /// Examples that only the group's model got right.
    pub only_group_correct: u64,
}

impl Discordant {
    /// Counts the examples, each given as whether the baseline and the group are right.
    pub fn count(correct: impl Iterator<Item = (bool, bool)>) -> Self {
        let mut counts = Self {
            examples: 0,
            only_baseline_correct: 0,
            only_group_correct: 0,
        };
        for (baseline, group) in correct {
            counts.examples += 1;
            counts.only_baseline_correct += u64::from(baseline && !group);
            counts.only_group_correct += u64::from(group && !baseline);
        }
        counts
    }

    /// The difference of the accuracies, as a fraction of one.
    pub fn difference(&self) -> f64 {
        let gained = self.only_group_correct as f64 - self.only_baseline_correct as f64;
        gained / self.examples.max(1) as f64
    }

    /// The two-sided p-value of McNemar's exact test: if both models were equally good, each
    /// discordant example would be a toss of a fair coin (McNemar 1947, doi:10.1007/BF02295996).
    pub fn p(&self) -> f64 {
        let discordant = self.only_baseline_correct + self.only_group_correct;
        let fewer = self.only_baseline_correct.min(self.only_group_correct);
        let coins = Binomial::new(0.5, discordant).expect("a half is a probability");
        (2.0 * coins.cdf(fewer)).min(1.0)
    }

    /// The confidence interval of the difference of the accuracies at a level such as 0.95: Wald's
    /// with the adjustment of Bonett and Price (2012, doi:10.3102/1076998611411915), one of those
    /// that Fagerland, Lydersen and Laake recommend (2014, doi:10.1002/sim.6148). It has a positive
    /// width even if no example is discordant.
    pub fn interval(&self, level: f64) -> Interval {
        let examples = self.examples as f64 + 2.0;
        let group = (self.only_group_correct as f64 + 1.0) / examples;
        let baseline = (self.only_baseline_correct as f64 + 1.0) / examples;
        let difference = group - baseline;
        let variance = (group + baseline - difference.powi(2)) / examples;
        let quantile = Normal::standard().inverse_cdf(0.5 + level / 2.0);
        let interval = Interval::around(difference, quantile * variance.sqrt());
        Interval {
            low: interval.low.max(-1.0),
            high: interval.high.min(1.0),
        }
    }
}
