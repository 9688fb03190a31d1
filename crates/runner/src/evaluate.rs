use std::ops::Range;

use burn::module::Module;
use burn::tensor::Tensor;
use catalog::Network;
use record::{Confusion, Evaluation, Hardest, Scores};
use serde::{Deserialize, Serialize};
use spec::{Layer, Network as _};

use crate::data::DeviceExamples;
use crate::loss::Loss;
use crate::penalty::Penalty;
use crate::step_figures::StepFigures;

/// Examples evaluated at once. Not a setting, since it changes results only by rounding.
const USUAL_BATCH: usize = 1000;
/// The most entries of a layer's output for a batch: 1 GiB.
const MOST_ACTIVATIONS: usize = 1 << 28;

/// The examples that a network of these layers evaluates at once: fewer than usual where a layer's output
/// is large.
pub(crate) fn batch_size(layers: &[Layer]) -> usize {
    let largest = layers.iter().map(Layer::activations).max();
    let fitting = MOST_ACTIVATIONS / largest.unwrap_or(0).max(1);
    fitting.clamp(1, USUAL_BATCH)
}

/// Sums over examples, from which the mean scores are computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Totals {
    plain_loss: f64,
    penalty: f64,
    correct: usize,
    examples: usize,
}

impl Totals {
    /// Adds a batch.
    pub fn add(&mut self, batch: &StepFigures) {
        let examples = batch.examples as f64;
        self.plain_loss += f64::from(batch.mean_loss) * examples;
        self.penalty += batch.penalty * examples;
        self.correct += batch.correct;
        self.examples += batch.examples;
    }

    pub fn examples(&self) -> usize {
        self.examples
    }

    pub fn scores(&self) -> Scores {
        let examples = self.examples as f64;
        Scores {
            loss: (self.plain_loss + self.penalty) / examples,
            accuracy: self.correct as f64 / examples,
            plain_loss: (self.penalty != 0.0).then(|| self.plain_loss / examples),
        }
    }
}

/// A model's scores and answers on a set of examples.
pub(crate) struct Evaluated {
    pub scores: Scores,
    pub answers: Vec<Answer>,
    classes: usize,
    /// The probability that the model gives each example's true class, 0 to 1.
    probabilities: Vec<f32>,
}

/// The number of hardest examples in the record.
const HARDEST: usize = 16;

/// The class of an example and the model's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The true class, counted from 0.
    pub label: usize,
    /// The class with the highest probability, counted from 0.
    pub answer: usize,
}

impl Answer {
    /// Whether the answer is correct.
    pub fn is_correct(&self) -> bool {
        self.label == self.answer
    }
}

impl Evaluated {
    /// The evaluation in the form of the record.
    pub fn evaluation(&self) -> Evaluation {
        let answers = self.answers.iter().map(|given| (given.label, given.answer));
        Evaluation {
            loss: self.scores.loss,
            accuracy: self.scores.accuracy,
            plain_loss: self.scores.plain_loss,
            correct: self.answers.iter().map(Answer::is_correct).collect(),
            confusion: Confusion::new(self.classes, answers),
            hardest: self.hardest(),
        }
    }

    /// The hardest examples. Ties are broken by position.
    fn hardest(&self) -> Vec<Hardest> {
        let mut order: Vec<usize> = (0..self.answers.len()).collect();
        order.sort_by(|&one, &other| self.probabilities[one].total_cmp(&self.probabilities[other]));
        let hardest = order.into_iter().take(HARDEST);
        hardest
            .map(|example| Hardest {
                example,
                label: self.answers[example].label,
                answer: self.answers[example].answer,
                probability: f64::from(self.probabilities[example]),
            })
            .collect()
    }
}

/// Evaluates a model in inference mode on all examples, `batch` at a time.
pub(crate) fn evaluate(
    model: &Network,
    examples: &DeviceExamples,
    batch: usize,
    loss: Loss,
    penalty: Option<&Penalty>,
) -> Evaluated {
    let model = model.valid();
    let penalty = penalty.map_or(0.0, |penalty| penalty.of(&model));
    // Read the results at the end only: each read makes the host wait for the device.
    let mut losses = Vec::new();
    let mut answers = Vec::new();
    let mut probabilities = Vec::new();
    let mut classes = 0;
    for range in batches(examples.len(), batch) {
        let (inputs, labels) = examples.slice(range);
        let logits = model.forward(inputs, None);
        losses.push(loss.mean(logits.clone(), labels.clone()));
        answers.push(loss.answers(logits.clone()));
        let given = loss.probabilities(logits);
        classes = given.dims()[1];
        let own = given.gather(1, labels.unsqueeze_dim::<2>(1));
        probabilities.push(own.squeeze_dim::<1>(1));
    }
    let losses: Vec<f32> = Tensor::cat(losses, 0).into_data().iter().collect();
    let answers = Tensor::cat(answers, 0).into_data();
    let answers: Vec<Answer> = examples
        .labels()
        .zip(answers.iter::<i64>())
        .map(|(label, answer)| Answer {
            label,
            answer: answer as usize,
        })
        .collect();
    let mut totals = Totals::default();
    for (range, mean_loss) in batches(examples.len(), batch).zip(losses) {
        let count = range.len();
        let answers = &answers[range];
        totals.add(&StepFigures {
            mean_loss,
            penalty,
            correct: answers.iter().filter(|answer| answer.is_correct()).count(),
            examples: count,
        });
    }
    Evaluated {
        scores: totals.scores(),
        answers,
        classes,
        probabilities: Tensor::cat(probabilities, 0).into_data().iter().collect(),
    }
}

/// The ranges of the batches. The last batch may be smaller.
pub(crate) fn batches(examples: usize, batch: usize) -> impl Iterator<Item = Range<usize>> {
    let starts = (0..examples).step_by(batch);
    starts.map(move |start| start..examples.min(start + batch))
}
