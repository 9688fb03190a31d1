use std::fmt;
use std::str::FromStr;

use record::{Epoch, Record, Scores, Status};
use serde::{Serialize, Serializer};

use crate::CompareError;

/// A figure of a run, named as in `test.accuracy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metric {
    pub split: Split,
    pub quantity: Quantity,
}

/// What the model was measured on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    Test,
    Validation,
    Train,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// A fraction of one.
    Accuracy,
    /// Mean over examples, penalties on weights included.
    Loss,
    /// The loss without penalties, which experiments with other penalties do not share.
    PlainLoss,
}

impl Default for Metric {
    fn default() -> Self {
        Self::ALL[0]
    }
}

impl Metric {
    pub const ALL: [Self; 9] = {
        use Quantity::{Accuracy, Loss, PlainLoss};
        use Split::{Test, Train, Validation};
        [
            Self::new(Test, Accuracy),
            Self::new(Test, Loss),
            Self::new(Test, PlainLoss),
            Self::new(Validation, Accuracy),
            Self::new(Validation, Loss),
            Self::new(Validation, PlainLoss),
            Self::new(Train, Accuracy),
            Self::new(Train, Loss),
            Self::new(Train, PlainLoss),
        ]
    };

    const fn new(split: Split, quantity: Quantity) -> Self {
        Self { split, quantity }
    }

    pub fn larger_is_better(self) -> bool {
        self.quantity == Quantity::Accuracy
    }

    /// The run's figure: that of the weights it kept. Nothing where the run diverged or held
    /// nothing out.
    pub fn of(self, record: &Record) -> Option<f64> {
        let result = &record.result;
        if result.status == Status::Diverged {
            return None;
        }
        if self.split == Split::Test {
            let test = result.test.as_ref()?;
            return Some(self.quantity.of(&Scores {
                loss: test.loss,
                accuracy: test.accuracy,
                plain_loss: test.plain_loss,
            }));
        }
        let kept = match result.best_epoch {
            Some(best) => result.epochs.iter().find(|epoch| epoch.epoch == best),
            None => result.epochs.last(),
        };
        self.at(kept?)
    }

    /// The figure after an epoch; the test set is not measured then.
    pub fn at(self, epoch: &Epoch) -> Option<f64> {
        match self.split {
            Split::Test => None,
            Split::Validation => epoch
                .validation
                .as_ref()
                .map(|scores| self.quantity.of(scores)),
            Split::Train => Some(self.quantity.of(&epoch.train)),
        }
    }

    /// The metric that is measured after every epoch: of the test set's, validation's.
    pub fn by_epoch(self) -> Self {
        match self.split {
            Split::Test => Self::new(Split::Validation, self.quantity),
            _ => self,
        }
    }

    /// The epoch that is best by the same quantity on validation; nothing without validation.
    pub fn best_epoch(self, record: &Record) -> Option<&Epoch> {
        let validation = Self::new(Split::Validation, self.quantity);
        let epochs = record.result.epochs.iter();
        let measured = epochs.filter_map(|epoch| Some((validation.at(epoch)?, epoch)));
        let best = measured.min_by(|(a, _), (b, _)| match self.larger_is_better() {
            true => b.total_cmp(a),
            false => a.total_cmp(b),
        });
        best.map(|(_, epoch)| epoch)
    }

    /// The hash of the examples it was measured on; nothing where nothing was held out.
    pub(crate) fn examples(self, record: &Record) -> Option<&str> {
        let data = &record.result.data;
        let split = match self.split {
            Split::Test => &data.test,
            Split::Validation => data.validation.as_ref()?,
            Split::Train => &data.train,
        };
        Some(&split.digest)
    }
}

impl Quantity {
    fn of(self, scores: &Scores) -> f64 {
        match self {
            Self::Accuracy => scores.accuracy,
            Self::Loss => scores.loss,
            Self::PlainLoss => scores.plain_loss.unwrap_or(scores.loss),
        }
    }
}

impl fmt::Display for Split {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str(match self {
            Self::Test => "test",
            Self::Validation => "validation",
            Self::Train => "train",
        })
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        let quantity = match self.quantity {
            Quantity::Accuracy => "accuracy",
            Quantity::Loss => "loss",
            Quantity::PlainLoss => "plain_loss",
        };
        write!(out, "{}.{quantity}", self.split)
    }
}

impl FromStr for Metric {
    type Err = CompareError;

    fn from_str(name: &str) -> Result<Self, CompareError> {
        let known = Self::ALL.map(|metric| metric.to_string());
        if let Some(index) = known.iter().position(|known| known == name) {
            return Ok(Self::ALL[index]);
        }
        let likeness = |known: &&String| strsim::jaro_winkler(name, known);
        let nearest = known
            .iter()
            .max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
        // Below this the names have little in common and a guess would mislead.
        let nearest = nearest.filter(|known| likeness(known) >= 0.6);
        let meant = match nearest {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => format!("known: {}", known.join(", ")),
        };
        let name = name.to_owned();
        Err(CompareError::UnknownMetric { name, meant })
    }
}

impl Serialize for Metric {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_and_unknown_ones_answered_with_the_nearest() {
        for metric in Metric::ALL {
            assert_eq!(metric.to_string().parse::<Metric>().unwrap(), metric);
        }
        for (typed, said) in [
            (
                "test.acuracy",
                "test.acuracy: no such metric, did you mean `test.accuracy`?",
            ),
            (
                "validation_loss",
                "validation_loss: no such metric, did you mean `validation.loss`?",
            ),
            ("?", "?: no such metric, known: test.accuracy, test.loss, "),
        ] {
            let error = typed.parse::<Metric>().unwrap_err().to_string();
            assert!(error.starts_with(said), "{error}");
        }
    }
}
