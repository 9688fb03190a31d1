//! Successive halving: all members train for a few epochs, the better part of them goes on.

use std::num::NonZeroUsize;

use record::{Metric, Weights};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use spec::Split;

use crate::plan::Plan;

/// Successive halving (Jamieson and Talwalkar 2016, arXiv:1502.07943). A member that goes on resumes its run, so
/// the last ones end as if there had been no halving.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct HalvingConfig {
    /// What to choose by: a metric of validation, the mean over a member's seeds.
    metric: Metric,
    /// One in so many members goes on, for so many times the epochs.
    #[serde(default = "three")]
    #[schemars(range(min = 2))]
    factor: usize,
    /// Epochs until the first choice.
    from_epochs: NonZeroUsize,
}

fn three() -> usize {
    3
}

/// When a sweep's members are chosen, and by what.
#[derive(Clone, Debug, PartialEq)]
pub struct Halving {
    /// What to choose by.
    pub metric: Metric,
    /// In the last one, members are trained to their end.
    pub rungs: Vec<Rung>,
}

/// A part of a successive halving.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rung {
    /// Epochs, from the beginning of training, after which its members are compared.
    pub epochs: usize,
    /// The number of its members.
    pub members: usize,
}

impl HalvingConfig {
    /// The rungs of these members.
    ///
    /// # Errors
    ///
    /// The key at fault, relative to this part of the file, and what is wrong with it.
    pub fn of(&self, plans: &[&Plan]) -> Result<Halving, (&'static str, String)> {
        if (self.metric.split, self.metric.weights) != (Split::Validation, Weights::Kept) {
            let problem = format!(
                "{} is not a metric to choose by; take validation.accuracy or validation.loss",
                self.metric
            );
            return Err(("metric", problem));
        }
        if self.factor < 2 {
            return Err((
                "factor",
                format!("out of range: {}; give at least 2", self.factor),
            ));
        }
        let mut all = plans
            .iter()
            .map(|plan| plan.experiment().training.epochs.get());
        let epochs = all.next().unwrap_or(1);
        if all.any(|other| other != epochs) {
            let problem = "the members train for different numbers of epochs; remove training.epochs from \
                           the values";
            return Err(("from_epochs", problem.to_owned()));
        }
        let from = self.from_epochs.get();
        if from >= epochs {
            return Err((
                "from_epochs",
                format!("{from} of {epochs} epochs leave nothing to save"),
            ));
        }
        let mut rungs = Vec::new();
        let (mut until, mut members) = (from, plans.len());
        while until < epochs && members > 1 {
            rungs.push(Rung {
                epochs: until,
                members,
            });
            until = until.saturating_mul(self.factor);
            members = (members / self.factor).max(1);
        }
        rungs.push(Rung { epochs, members });
        Ok(Halving {
            metric: self.metric,
            rungs,
        })
    }
}

impl Halving {
    /// The places of the members that go on from a rung, in order. `scores` has the metric of each member in
    /// the rung, `None` for one that diverged. Of equal ones the first goes on.
    pub fn best(&self, rung: usize, scores: &[Option<f64>]) -> Vec<usize> {
        let sign = if self.metric.larger_is_better() {
            -1.0
        } else {
            1.0
        };
        let key = |place: &usize| scores[*place].map_or(f64::INFINITY, |score| sign * score);
        let mut places: Vec<usize> = (0..scores.len()).collect();
        // Stable.
        places.sort_by(|one, other| key(one).total_cmp(&key(other)));
        let next = self.rungs.get(rung + 1).map_or(0, |rung| rung.members);
        places.truncate(next);
        places.sort_unstable();
        places
    }

    /// Epochs that are trained, over all members, and what they would be without halving.
    pub fn epochs(&self) -> (usize, usize) {
        let mut before = 0;
        let mut trained = 0;
        for rung in &self.rungs {
            trained += rung.members * (rung.epochs - before);
            before = rung.epochs;
        }
        let members = self.rungs.first().map_or(0, |rung| rung.members);
        (trained, members * before)
    }
}

#[cfg(test)]
mod tests {
    use record::Quantity;

    use super::*;

    fn halving(rungs: &[(usize, usize)]) -> Halving {
        let rungs = rungs
            .iter()
            .map(|&(epochs, members)| Rung { epochs, members });
        Halving {
            metric: Metric::of_kept(Split::Validation, Quantity::Loss),
            rungs: rungs.collect(),
        }
    }

    #[test]
    fn the_better_ones_go_on_in_order() {
        let loss = halving(&[(5, 6), (15, 2)]);
        let scores = [
            Some(0.5),
            None,
            Some(0.1),
            Some(0.5),
            Some(0.2),
            Some(f64::INFINITY),
        ];
        assert_eq!(loss.best(0, &scores), [2, 4]);
        assert_eq!(loss.best(0, &[Some(1.0), Some(1.0), Some(1.0)]), [0, 1]);
        assert_eq!(loss.best(0, &[None, None, Some(9.0)]), [0, 2]);
        assert!(loss.best(1, &[Some(1.0), Some(2.0)]).is_empty());
        let accuracy = Halving {
            metric: Metric::of_kept(Split::Validation, Quantity::Accuracy),
            ..loss
        };
        assert_eq!(accuracy.best(0, &scores), [0, 5]);
    }

    #[test]
    fn resumed_runs_train_only_what_is_left() {
        assert_eq!(
            halving(&[(5, 27), (15, 9), (45, 3)]).epochs(),
            (135 + 90 + 90, 1215)
        );
    }
}
