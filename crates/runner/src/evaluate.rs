use record::{Outcomes, Scores};

use crate::data::Split;
use crate::model::Network;
use crate::penalty::Penalty;

/// Examples to a batch: changes no figure but by rounding, so it is no setting.
const BATCH: usize = 1000;

/// Sums over examples, from which their means come.
#[derive(Default)]
pub(crate) struct Totals {
    plain_loss: f64,
    penalty: f64,
    correct: usize,
    examples: usize,
}

impl Totals {
    /// Adds a batch by its mean loss and what the weights were penalised with.
    pub fn add(&mut self, mean_loss: f32, penalty: f64, outcomes: &[bool]) {
        let examples = outcomes.len() as f64;
        self.plain_loss += f64::from(mean_loss) * examples;
        self.penalty += penalty * examples;
        self.correct += outcomes.iter().filter(|&&correct| correct).count();
        self.examples += outcomes.len();
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

/// What a model makes of a split.
pub(crate) struct Evaluated {
    pub scores: Scores,
    pub answers: Vec<Answer>,
}

/// The class of an example, and the class that the model gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    pub label: usize,
    pub answer: usize,
}

impl Answer {
    pub fn is_correct(&self) -> bool {
        self.label == self.answer
    }
}

impl Evaluated {
    pub fn outcomes(&self) -> Outcomes {
        self.answers.iter().map(Answer::is_correct).collect()
    }
}

/// Measures a model in inference mode on all examples of a split.
pub(crate) fn evaluate<M: Network>(
    model: &M,
    split: &Split<M::Kind>,
    penalty: Option<Penalty>,
) -> Evaluated {
    let model = model.valid();
    let penalty = penalty.map_or(0.0, |penalty| penalty.of(&model));
    let mut totals = Totals::default();
    let mut answers = Vec::with_capacity(split.examples());
    for start in (0..split.examples()).step_by(BATCH) {
        let (inputs, labels) = split.slice(start..split.examples().min(start + BATCH));
        let logits = model.logits(inputs);
        let loss = M::LOSS.mean(logits.clone(), labels.clone());
        let answered = M::LOSS.answers(logits);
        let labels = labels.into_data();
        let labels = labels.iter::<i64>().map(|label| label as usize);
        let answered = labels
            .zip(answered)
            .map(|(label, answer)| Answer { label, answer });
        let answered: Vec<Answer> = answered.collect();
        let outcomes: Vec<bool> = answered.iter().map(Answer::is_correct).collect();
        totals.add(loss.into_scalar(), penalty, &outcomes);
        answers.extend(answered);
    }
    Evaluated {
        scores: totals.scores(),
        answers,
    }
}
