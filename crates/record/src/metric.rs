use std::borrow::Cow;
use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use spec::{Split, unknown};

use crate::measured::{Epoch, Measured, Scores, Status};
use crate::result::Record;

/// A score of a run, for instance `test.accuracy`. By default it is measured with the weights that
/// the run kept. The prefix `last.` selects the weights of the last epoch, which early stopping may
/// have discarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Metric {
    /// The examples it is measured on.
    pub split: Split,
    /// The quantity that is measured.
    pub quantity: Quantity,
    /// The weights it is measured with.
    pub weights: Weights,
}

/// A quantity that can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quantity {
    /// The fraction of correct answers, 0 to 1.
    Accuracy,
    /// The mean cross-entropy over the examples in nats, plus the penalties on weights.
    Loss,
    /// The loss without penalties, comparable between experiments with different penalties.
    PlainLoss,
}

/// The weights that a metric is measured with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weights {
    /// The weights that the run kept: the best epoch's with early stopping, otherwise the last
    /// epoch's.
    Kept,
    /// The weights after the last epoch.
    Last,
}

/// The prefix of metrics of the last epoch's weights.
const LAST: &str = "last.";

impl Default for Metric {
    /// `test.accuracy`
    fn default() -> Self {
        Self::of_kept(Split::Test, Quantity::Accuracy)
    }
}

impl Metric {
    /// All metrics. The test set is measured once, with the kept weights.
    pub const ALL: [Self; 15] = {
        use Quantity::{Accuracy, Loss, PlainLoss};
        use Split::{Test, Train, Validation};
        [
            Self::of_kept(Test, Accuracy),
            Self::of_kept(Test, Loss),
            Self::of_kept(Test, PlainLoss),
            Self::of_kept(Validation, Accuracy),
            Self::of_kept(Validation, Loss),
            Self::of_kept(Validation, PlainLoss),
            Self::of_kept(Train, Accuracy),
            Self::of_kept(Train, Loss),
            Self::of_kept(Train, PlainLoss),
            Self::of_last(Validation, Accuracy),
            Self::of_last(Validation, Loss),
            Self::of_last(Validation, PlainLoss),
            Self::of_last(Train, Accuracy),
            Self::of_last(Train, Loss),
            Self::of_last(Train, PlainLoss),
        ]
    };

    /// The metric for the weights that the run kept.
    pub const fn of_kept(split: Split, quantity: Quantity) -> Self {
        Self {
            split,
            quantity,
            weights: Weights::Kept,
        }
    }

    /// The metric for the weights after the last epoch.
    pub const fn of_last(split: Split, quantity: Quantity) -> Self {
        Self {
            split,
            quantity,
            weights: Weights::Last,
        }
    }

    /// Whether a larger value is better.
    pub fn larger_is_better(self) -> bool {
        match self.quantity {
            Quantity::Accuracy => true,
            Quantity::Loss | Quantity::PlainLoss => false,
        }
    }

    /// The name in words, for instance `last validation loss`.
    pub fn words(self) -> String {
        self.to_string().replace(['.', '_'], " ")
    }

    /// The metric's value in a run. `None` if the run diverged, or if the metric needs a validation
    /// set and no examples are held out.
    pub fn of(self, record: &Record) -> Option<f64> {
        let result = &record.result;
        match (result.status, self.split) {
            (Status::Diverged, _) => None,
            (Status::Completed, Split::Test) => {
                Some(self.quantity.of(&result.test.as_ref()?.scores()))
            }
            (Status::Completed, Split::Train | Split::Validation) => self.at(match self.weights {
                Weights::Kept => result.kept_epoch()?,
                Weights::Last => result.epochs.last()?,
            }),
        }
    }

    /// The value after an epoch. `None` for the test set, which is evaluated only after training,
    /// and for the validation set if no examples are held out.
    pub fn at(self, epoch: &Epoch) -> Option<f64> {
        let scores = match self.split {
            Split::Test => None,
            Split::Validation => epoch.validation,
            Split::Train => Some(epoch.train),
        };
        scores.map(|scores| self.quantity.of(&scores))
    }

    /// The corresponding metric that is measured after every epoch: validation instead of test.
    #[must_use]
    pub fn by_epoch(self) -> Self {
        Self {
            split: match self.split {
                Split::Test | Split::Validation => Split::Validation,
                Split::Train => Split::Train,
            },
            ..self
        }
    }

    /// The epoch with the best value of the same quantity on the validation set; `None` if no
    /// examples are held out.
    pub fn best_epoch(self, result: &Measured) -> Option<&Epoch> {
        let validation = Self::of_kept(Split::Validation, self.quantity);
        let epochs = result.epochs.iter();
        let measured = epochs.filter_map(|epoch| Some((validation.at(epoch)?, epoch)));
        let best = measured.min_by(|(a, _), (b, _)| {
            if self.larger_is_better() {
                b.total_cmp(a)
            } else {
                a.total_cmp(b)
            }
        });
        best.map(|(_, epoch)| epoch)
    }

    /// The hash of the examples that the metric is measured on; `None` if no examples are held out.
    pub fn examples(self, record: &Record) -> Option<&str> {
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
    /// The quantity's value in the scores. Without penalties, the plain loss is the loss.
    pub fn of(self, scores: &Scores) -> f64 {
        match self {
            Self::Accuracy => scores.accuracy,
            Self::Loss => scores.loss,
            Self::PlainLoss => scores.plain_loss.unwrap_or(scores.loss),
        }
    }

    /// The values that the quantity can take.
    pub fn possible(self) -> RangeInclusive<f64> {
        match self {
            Self::Accuracy => 0.0..=1.0,
            Self::Loss | Self::PlainLoss => 0.0..=f64::INFINITY,
        }
    }

    /// The quantity's name in a metric's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Accuracy => "accuracy",
            Self::Loss => "loss",
            Self::PlainLoss => "plain_loss",
        }
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str(match self.weights {
            Weights::Kept => "",
            Weights::Last => LAST,
        })?;
        write!(out, "{}.{}", self.split, self.quantity.name())
    }
}

/// The error for an unknown metric name. Its message suggests the most similar name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", unknown("metric", name, &known()))]
pub struct UnknownMetric {
    /// The name as written.
    pub name: String,
}

fn known() -> Vec<String> {
    Metric::ALL.iter().map(Metric::to_string).collect()
}

impl FromStr for Metric {
    type Err = UnknownMetric;

    fn from_str(name: &str) -> Result<Self, UnknownMetric> {
        let mut all = Self::ALL.into_iter();
        let found = all.find(|metric| metric.to_string() == name);
        found.ok_or_else(|| UnknownMetric {
            name: name.to_owned(),
        })
    }
}

impl Serialize for Metric {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Metric {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        name.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Metric {
    fn inline_schema() -> bool {
        false
    }

    fn schema_name() -> Cow<'static, str> {
        "Metric".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A score of a run. It is about the weights that the run kept; with the \
                            prefix `last.` about the weights after the last epoch.",
            "type": "string",
            "enum": known(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_parsed_and_unknown_ones_get_a_suggestion() {
        for metric in Metric::ALL {
            assert_eq!(metric.to_string().parse::<Metric>().unwrap(), metric);
        }
        for (typed, said) in [
            (
                "test.acuracy",
                "unknown metric `test.acuracy`, did you mean `test.accuracy`?",
            ),
            (
                "validation_loss",
                "unknown metric `validation_loss`, did you mean `validation.loss`?",
            ),
            ("?", "unknown metric `?`, known: test.accuracy, test.loss, "),
        ] {
            let error = typed.parse::<Metric>().unwrap_err().to_string();
            assert!(error.starts_with(said), "{error}");
        }
    }
}
