use burn::nn::loss::CrossEntropyLossConfig;
use burn::tensor::{Int, Tensor};
use record::{Outcomes, Scores};

use crate::data::Split;
use crate::model::Network;

/// Examples to a batch: changes no figure but by rounding, so it is no setting.
const BATCH: usize = 1000;

/// The mean cross-entropy of a batch, `[1]`, from logits `[batch, classes]`, and how many were
/// classified correctly.
pub(crate) fn cross_entropy(logits: Tensor<2>, labels: Tensor<1, Int>) -> Tensor<1> {
    let device = logits.device();
    CrossEntropyLossConfig::new()
        .init(&device)
        .forward(logits, labels)
}

/// Which examples have their largest logit at their label.
pub(crate) fn outcomes(logits: Tensor<2>, labels: Tensor<1, Int>) -> Vec<bool> {
    let hits = logits.argmax(1).squeeze_dim::<1>(1).equal(labels);
    hits.into_data().iter::<bool>().collect()
}

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
pub(crate) fn evaluate<M: Network>(model: &M, split: &Split) -> (Scores, Outcomes) {
    let model = model.valid();
    let mut totals = Totals::default();
    let mut all = Vec::with_capacity(split.examples());
    for start in (0..split.examples()).step_by(BATCH) {
        let (inputs, labels) = split.slice(start..split.examples().min(start + BATCH));
        let logits = model.logits(inputs);
        let loss = cross_entropy(logits.clone(), labels.clone());
        let outcomes = outcomes(logits, labels);
        totals.add(loss.into_scalar(), &outcomes);
        all.extend(outcomes);
    }
    (totals.scores(), all.into_iter().collect())
}
