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

/// Measures a model in inference mode on all examples of a split.
pub(crate) fn evaluate<M: Network>(
    model: &M,
    split: &Split<M::Kind>,
    penalty: Option<Penalty>,
) -> (Scores, Outcomes) {
    let model = model.valid();
    let penalty = penalty.map_or(0.0, |penalty| penalty.of(&model));
    let mut totals = Totals::default();
    let mut all = Vec::with_capacity(split.examples());
    for start in (0..split.examples()).step_by(BATCH) {
        let (inputs, labels) = split.slice(start..split.examples().min(start + BATCH));
        let logits = model.logits(inputs);
        let loss = M::LOSS.mean(logits.clone(), labels.clone());
        let outcomes = M::LOSS.outcomes(logits, labels);
        totals.add(loss.into_scalar(), penalty, &outcomes);
        all.extend(outcomes);
    }
    (totals.scores(), all.into_iter().collect())
}
