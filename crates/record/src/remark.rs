use std::fmt;

use serde_json::Value;

use crate::confusion::Confusion;
use crate::measured::{Epoch, Scores, Status};
use crate::metric::{Metric, Quantity};
use crate::result::Record;
use spec::Split;

/// Something about a run that its scores do not say and a person should know.
///
/// Its text is a sentence for a person, without the run's name.
#[derive(Clone, Debug, PartialEq)]
pub enum Remark {
    /// Every test example got the same answer.
    OneAnswer {
        /// The class that was answered.
        class: String,
    },
    /// The answers agree with the test examples' classes no more often than answers drawn with the
    /// same frequencies (Cohen, "A coefficient of agreement for nominal scales", 1960).
    Chance {
        /// The test accuracy, 0 to 1.
        accuracy: f64,
        /// The accuracy expected of drawn answers.
        expected: f64,
    },
    /// The test accuracy is not above the share of the largest class.
    MajorityShare {
        /// The test accuracy, 0 to 1.
        accuracy: f64,
        /// The largest class.
        class: String,
        /// Its share of the test examples, 0 to 1.
        share: f64,
    },
    /// A loss became much larger than that of guessing, and stayed finite.
    BlewUp {
        /// The epoch, counted from 1.
        epoch: usize,
        /// The loss in nats.
        loss: f64,
    },
    /// The loss on the training set did not fall.
    NoDescent {
        /// The loss of the first epoch.
        first: f64,
        /// The loss of the last epoch.
        last: f64,
        /// The number of epochs.
        epochs: usize,
    },
    /// The kept weights are much worse than those of an earlier epoch.
    PastBest {
        /// What was measured: validation if there is any, otherwise training.
        split: Split,
        /// The loss of the kept weights.
        kept: f64,
        /// The loss of the best epoch.
        best: f64,
        /// The best epoch, counted from 1.
        epoch: usize,
        /// The number of epochs.
        epochs: usize,
    },
    /// A batch takes more examples than there are.
    OneBatch {
        /// The batch size.
        batch: u64,
        /// The number of training examples.
        examples: usize,
    },
    /// The schedule never changes the learning rate.
    IdleSchedule {
        /// The key that makes it idle.
        key: String,
        /// The key's value.
        value: f64,
        /// What it would have to be below.
        limit: &'static str,
        /// The value of that.
        of: f64,
    },
}

/// A loss of this many times that of guessing blew up.
const BLOWN_UP: f64 = 100.0;
/// The kept loss is remarkable if it exceeds the best by this part and by [`LEAST_DIFFERENCE`].
const PAST_BEST: f64 = 0.1;
/// In nats. Smaller differences of small losses are large in parts, and mean nothing.
const LEAST_DIFFERENCE: f64 = 0.01;

impl Remark {
    /// The remarks on a finished run. They follow from the record alone, so records of any age have
    /// them.
    pub fn of(record: &Record) -> Vec<Self> {
        let result = &record.result;
        let mut remarks = Vec::new();
        remarks.extend(of_answers(record));
        remarks.extend(of_losses(record));
        remarks.extend(one_batch(&record.config, result.data.train.examples));
        remarks.extend(Self::of_config(&record.config));
        remarks
    }

    /// The remarks that follow from a config with all defaults filled in.
    pub fn of_config(config: &Value) -> Vec<Self> {
        idle_schedule(config).into_iter().collect()
    }

    /// Whether the run learnt nothing, so that its scores are worth nothing, however high.
    pub fn is_of_no_learning(&self) -> bool {
        match self {
            Self::OneAnswer { .. } | Self::Chance { .. } => true,
            Self::MajorityShare { .. }
            | Self::BlewUp { .. }
            | Self::NoDescent { .. }
            | Self::PastBest { .. }
            | Self::OneBatch { .. }
            | Self::IdleSchedule { .. } => false,
        }
    }

    /// The remark in two or three words, for a table.
    pub fn label(&self) -> &'static str {
        match self {
            Self::OneAnswer { .. } => "one answer",
            Self::Chance { .. } => "chance level",
            Self::MajorityShare { .. } => "majority's share",
            Self::BlewUp { .. } => "loss blew up",
            Self::NoDescent { .. } => "loss did not fall",
            Self::PastBest { .. } => "past its best",
            Self::OneBatch { .. } => "one batch",
            Self::IdleSchedule { .. } => "idle schedule",
        }
    }
}

impl Record {
    /// Whether the run's test answers have nothing to do with the examples.
    pub fn learnt_nothing(&self) -> bool {
        of_answers(self).is_some_and(|remark| remark.is_of_no_learning())
    }
}

/// A diverged run was not tested.
fn of_answers(record: &Record) -> Option<Remark> {
    let test = record.result.test.as_ref()?;
    if record.result.status == Status::Diverged {
        return None;
    }
    let confusion = &test.confusion;
    let totals: Vec<usize> = (0..confusion.classes())
        .map(|class| confusion.examples(class))
        .collect();
    let examples: usize = totals.iter().sum();
    // With one class there is nothing to tell apart.
    if totals.iter().filter(|&&total| total > 0).count() < 2 {
        return None;
    }
    let name = |class: usize| match record.spec.classes.get(class) {
        Some(name) => name.clone(),
        None => class.to_string(),
    };
    let answered = answers(confusion);
    let largest = (0..totals.len()).max_by_key(|&class| (totals[class], usize::MAX - class))?;
    if let Some(class) = (0..answered.len()).find(|&class| answered[class] == examples) {
        return Some(Remark::OneAnswer { class: name(class) });
    }
    let n = examples as f64;
    let part = |counts: &[usize], class: usize| counts[class] as f64 / n;
    let expected: f64 = (0..totals.len())
        .map(|class| part(&totals, class) * part(&answered, class))
        .sum();
    let accuracy = test.accuracy;
    let error = (expected * (1.0 - expected) / n).sqrt();
    // With few examples the error is so large that a good model is within it.
    let room = (2.0 * error).min(0.1 * (1.0 - expected));
    if accuracy <= expected + room {
        return Some(Remark::Chance { accuracy, expected });
    }
    let share = part(&totals, largest);
    (accuracy <= share).then(|| Remark::MajorityShare {
        accuracy,
        class: name(largest),
        share,
    })
}

/// How often each class was answered.
fn answers(confusion: &Confusion) -> Vec<usize> {
    let rows = confusion.counts().iter();
    rows.fold(vec![0; confusion.classes()], |mut sums, row| {
        for (sum, count) in sums.iter_mut().zip(row) {
            *sum += count;
        }
        sums
    })
}

fn of_losses(record: &Record) -> Vec<Remark> {
    let result = &record.result;
    let guessing = (record.spec.classes.len().max(2) as f64).ln();
    let plain = |scores: &Scores| Quantity::PlainLoss.of(scores);
    let epochs = &result.epochs;
    let blown_up = epochs.iter().find_map(|epoch| {
        let losses = [Some(&epoch.train), epoch.validation.as_ref()];
        let losses = losses.into_iter().flatten().map(plain);
        let loss = losses.fold(0.0, f64::max);
        (loss > BLOWN_UP * guessing).then_some(Remark::BlewUp {
            epoch: epoch.epoch,
            loss,
        })
    });
    let mut remarks: Vec<Remark> = blown_up.into_iter().collect();
    if result.status == Status::Diverged {
        return remarks;
    }
    if remarks.is_empty()
        && let [first, .., last] = epochs.as_slice()
    {
        let (first, last) = (plain(&first.train), plain(&last.train));
        if last >= first {
            let epochs = epochs.len();
            remarks.push(Remark::NoDescent {
                first,
                last,
                epochs,
            });
        }
    }
    if remarks.is_empty() {
        remarks.extend(past_best(record));
    }
    remarks
}

/// Compares the kept epoch with the best one, by the plain loss.
fn past_best(record: &Record) -> Option<Remark> {
    let result = &record.result;
    let kept = result.kept_epoch()?;
    let split = match kept.validation {
        Some(_) => Split::Validation,
        None => Split::Train,
    };
    let loss = |epoch: &Epoch| Metric::of_kept(split, Quantity::PlainLoss).at(epoch);
    let measured = result.epochs.iter();
    let measured = measured.filter_map(|epoch| Some((loss(epoch)?, epoch.epoch)));
    let (best, epoch) = measured.min_by(|(one, _), (other, _)| one.total_cmp(other))?;
    let kept = loss(kept)?;
    let is_far = kept > best * (1.0 + PAST_BEST) && kept - best > LEAST_DIFFERENCE;
    is_far.then_some(Remark::PastBest {
        split,
        kept,
        best,
        epoch,
        epochs: result.epochs.len(),
    })
}

fn one_batch(config: &Value, examples: usize) -> Option<Remark> {
    let batch = config.pointer("/training/batch_size")?.as_u64()?;
    (batch > examples as u64).then_some(Remark::OneBatch { batch, examples })
}

fn idle_schedule(config: &Value) -> Option<Remark> {
    let schedule = config.pointer("/training/learning_rate_schedule")?;
    let (name, settings) = schedule.as_object()?.iter().next()?;
    let idle = |key: &str, limit, of: &Value| {
        let (value, of) = (settings.get(key)?.as_f64()?, of.as_f64()?);
        (value >= of).then(|| Remark::IdleSchedule {
            key: format!("training.learning_rate_schedule.{name}.{key}"),
            value,
            limit,
            of,
        })
    };
    let epochs = config.pointer("/training/epochs")?;
    let optimizers = config.get("optimizer")?.as_object()?;
    let rate = optimizers.values().next()?.get("learning_rate")?;
    idle("epochs", "training.epochs", epochs)
        .or_else(|| idle("final_learning_rate", "the optimizer's learning_rate", rate))
}

impl fmt::Display for Remark {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        let percent = |fraction: &f64| format!("{:.2} %", fraction * 100.0);
        match self {
            Self::OneAnswer { class } => {
                write!(
                    out,
                    "learnt nothing: every test example is answered with `{class}`"
                )
            }
            Self::Chance { accuracy, expected } => write!(
                out,
                "learnt nothing: test accuracy {} is chance level ({})",
                percent(accuracy),
                percent(expected)
            ),
            Self::MajorityShare {
                accuracy,
                class,
                share,
            } => write!(
                out,
                "test accuracy {} is not above the share of the largest class, `{class}` ({})",
                percent(accuracy),
                percent(share)
            ),
            Self::BlewUp { epoch, loss } => write!(
                out,
                "the loss blew up to {loss:.3e} in epoch {epoch}; try a smaller learning rate"
            ),
            Self::NoDescent {
                first,
                last,
                epochs,
            } => write!(
                out,
                "train loss did not fall: {first:.4} in epoch 1, {last:.4} in epoch {epochs}; try \
                 another learning rate"
            ),
            Self::PastBest {
                split,
                kept,
                best,
                epoch,
                epochs,
            } => write!(
                out,
                "{split} loss was lowest in epoch {epoch} of {epochs}: {best:.4}, against {kept:.4} \
                 of the weights that were kept; {}",
                match split {
                    Split::Validation | Split::Test =>
                        "train for fewer epochs, or set training.early_stopping",
                    Split::Train => "try a smaller learning rate",
                }
            ),
            Self::OneBatch { batch, examples } => write!(
                out,
                "training.batch_size {batch} is larger than the {examples} training examples, so \
                 each epoch is a single step"
            ),
            Self::IdleSchedule {
                key,
                value,
                limit,
                of,
            } => write!(
                out,
                "the schedule never acts: {key} {value} is not below {limit} {of}"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_schedule_that_never_acts_is_remarked() {
        let config = |schedule: Value| {
            json!({
                "optimizer": { "sgd": { "learning_rate": 0.1 } },
                "training": { "epochs": 10, "learning_rate_schedule": schedule },
            })
        };
        let said = |schedule| {
            let remarks = Remark::of_config(&config(schedule));
            remarks.iter().map(Remark::to_string).collect::<Vec<_>>()
        };
        assert_eq!(
            said(json!({ "step": { "factor": 0.5, "epochs": 10 } })),
            [
                "the schedule never acts: training.learning_rate_schedule.step.epochs 10 is not below \
              training.epochs 10"
            ]
        );
        assert_eq!(
            said(json!({ "cosine": { "final_learning_rate": 0.1 } })),
            [
                "the schedule never acts: training.learning_rate_schedule.cosine.final_learning_rate \
              0.1 is not below the optimizer's learning_rate 0.1"
            ]
        );
        for acting in [
            json!({ "step": { "factor": 0.5, "epochs": 9 } }),
            json!({ "cosine": { "final_learning_rate": 0.0 } }),
            json!({ "exponential": { "factor": 0.9 } }),
            json!(null),
        ] {
            assert!(said(acting).is_empty());
        }
    }
}
