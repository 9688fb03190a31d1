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

    /// The confidence interval of the difference of the accuracies at a level such as 0.95: the
    /// differences that Tango's score test does not reject (Tango 1998,
    /// doi:10.1002/(SICI)1097-0258(19980430)17:8<891::AID-SIM780>3.0.CO;2-B). It has a positive width
    /// even if no example is discordant.
    pub fn interval(&self, level: f64) -> Interval {
        let quantile = Normal::standard().inverse_cdf(0.5 + level / 2.0);
        Interval {
            low: self.where_score_is(quantile, -1.0, self.difference()),
            high: self.where_score_is(-quantile, self.difference(), 1.0),
        }
    }

    /// The larger p-value of two one-sided score tests that the difference lies within the margin.
    /// At the margin, intervals of Wald's kind are wrong in up to 9 % of the cases, this test in at
    /// most 5 %.
    pub fn equivalence(&self, margin: f64) -> f64 {
        let normal = Normal::standard();
        let below = normal.cdf(self.score(margin));
        let above = normal.sf(self.score(-margin));
        below.max(above)
    }

    /// How far the counts are from a true difference, in standard deviations under it.
    fn score(&self, difference: f64) -> f64 {
        let n = self.examples.max(1) as f64;
        let (group, baseline) = (
            self.only_group_correct as f64,
            self.only_baseline_correct as f64,
        );
        // The likeliest probability that only the baseline is right, given the difference.
        let half = 2.0 * n;
        let linear = (2.0 * n - group + baseline) * difference - group - baseline;
        let constant = -baseline * difference * (1.0 - difference);
        let root = (linear.powi(2) - 4.0 * half * constant).max(0.0).sqrt();
        let only_baseline = (root - linear) / (2.0 * half);
        let variance = n * (2.0 * only_baseline + difference * (1.0 - difference));
        let distance = group - baseline - n * difference;
        if variance > 0.0 {
            distance / variance.sqrt()
        } else if distance == 0.0 {
            0.0
        } else {
            distance.signum() * f64::INFINITY
        }
    }

    /// The difference between `low` and `high` where the score, which falls, is `wanted`.
    fn where_score_is(&self, wanted: f64, mut low: f64, mut high: f64) -> f64 {
        // Until neighbouring numbers are reached.
        for _ in 0..200 {
            let middle = low.midpoint(high);
            if self.score(middle) > wanted {
                low = middle;
            } else {
                high = middle;
            }
        }
        low.midpoint(high)
    }
}
