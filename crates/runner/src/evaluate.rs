use record::{Outcomes, Scores};

use crate::data::Split;
use crate::model::Network;

/// Examples to a batch: changes no figure but by rounding, so it is no setting.
const BATCH: usize = 1000;

/// Sums over examples, from which their means come.
#[derive(Default)]
pub(crate) struct Totals {
    loss: f64,
    correct: usize,
    examples: usize,
}

impl Totals {
    /// Adds a batch by its mean loss.
    pub fn add(&mut self, mean_loss: f32, outcomes: &[bool]) {
        self.loss += f64::from(mean_loss) * outcomes.len() as f64;
        self.correct += outcomes.iter().filter(|&&correct| correct).count();
        self.examples += outcomes.len();
    }

    pub fn examples(&self) -> usize {
        self.examples
    }

    pub fn scores(&self) -> Scores {
        Scores {
            loss: self.loss / self.examples as f64,
            accuracy: self.correct as f64 / self.examples as f64,
        }
    }
}

/// Measures a model in inference mode on all examples of a split.
pub(crate) fn evaluate<M: Network>(model: &M, split: &Split<M::Kind>) -> (Scores, Outcomes) {
    let model = model.valid();
    let mut totals = Totals::default();
    let mut all = Vec::with_capacity(split.examples());
    for start in (0..split.examples()).step_by(BATCH) {
        let (inputs, labels) = split.slice(start..split.examples().min(start + BATCH));
        let logits = model.logits(inputs);
        let loss = M::LOSS.mean(logits.clone(), labels.clone());
        let outcomes = M::LOSS.outcomes(logits, labels);
        totals.add(loss.into_scalar(), &outcomes);
        all.extend(outcomes);
    }
    (totals.scores(), all.into_iter().collect())
}
