//! Losses and counts of training steps, read from the device many steps at a time.

use burn::tensor::{Int, Tensor};

use crate::penalty::Term;

/// The number of steps read at once. A read makes the host wait for the device, and a GPU is idle
/// while it then waits for the host.
const UNREAD: usize = 32;

/// Losses and counts of one training step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct StepFigures {
    pub mean_loss: f32,
    pub penalty: f64,
    pub correct: usize,
    pub examples: usize,
}

/// Steps whose figures are still on the device.
#[derive(Default)]
pub(crate) struct Unread {
    /// For each step the mean loss, the number of correct answers and the sums of the penalty.
    figures: Vec<Tensor<1>>,
    /// The factors of the penalty's sums.
    factors: Vec<f64>,
    /// The number of examples in each step.
    examples: Vec<usize>,
}

impl Unread {
    pub fn add(
        &mut self,
        mean_loss: Tensor<1>,
        correct: Tensor<1, Int>,
        penalty: Vec<Term>,
        examples: usize,
    ) {
        let mut figures = vec![mean_loss, correct.float()];
        self.factors = penalty.iter().map(|term| term.factor).collect();
        figures.extend(penalty.into_iter().map(|term| term.sum));
        self.figures.push(Tensor::cat(figures, 0));
        self.examples.push(examples);
    }

    pub fn is_full(&self) -> bool {
        self.examples.len() == UNREAD
    }

    /// Reads and removes the figures of all steps, in order.
    pub fn read(&mut self) -> Vec<StepFigures> {
        if self.figures.is_empty() {
            return Vec::new();
        }
        let figures = Tensor::cat(std::mem::take(&mut self.figures), 0).into_data();
        let figures: Vec<f32> = figures.iter().collect();
        let steps = figures.chunks(2 + self.factors.len());
        let steps = steps.zip(std::mem::take(&mut self.examples));
        steps
            .map(|(figures, examples)| {
                let terms = self.factors.iter().zip(&figures[2..]);
                StepFigures {
                    mean_loss: figures[0],
                    penalty: terms.fold(0.0, |sum, (factor, &term)| sum + factor * f64::from(term)),
                    correct: figures[1] as usize,
                    examples,
                }
            })
            .collect()
    }
}
