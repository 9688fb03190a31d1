use burn::nn::loss::CrossEntropyLossConfig;
use burn::tensor::activation::{relu, sigmoid, softmax};
use burn::tensor::{Int, Tensor};
use spec::DataSpec;

/// The loss function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Loss {
    /// For one logit per class, `[batch, classes]`. The answer is the class with the largest logit.
    CrossEntropy,
    /// For a single logit, `[batch, 1]`. The answer is class 1 if the logit is positive.
    BinaryCrossEntropy,
}

impl Loss {
    /// The loss for the data's classes. [`DataSpec::logits`] gives the number of logits.
    pub fn of(data: &DataSpec) -> Self {
        if data.is_binary() {
            Self::BinaryCrossEntropy
        } else {
            Self::CrossEntropy
        }
    }

    /// The mean loss over a batch, `[1]`. Labels are `[batch]`.
    pub fn mean(self, logits: Tensor<2>, labels: Tensor<1, Int>) -> Tensor<1> {
        match self {
            Self::CrossEntropy => CrossEntropyLossConfig::new()
                .init(&logits.device())
                .forward(logits, labels),
            // max(x, 0) - x y + ln(1 + exp(-|x|)). Burn's own does not accept logits in 64 bits.
            Self::BinaryCrossEntropy => {
                let logits = logits.squeeze_dim::<1>(1);
                let labels = labels.float().cast(logits.dtype());
                let surprise = logits.clone().abs().neg().exp().log1p();
                (relu(logits.clone()) - logits * labels + surprise).mean()
            }
        }
    }

    /// The predicted class of each example, `[batch]`.
    pub fn answers(self, logits: Tensor<2>) -> Tensor<1, Int> {
        match self {
            Self::CrossEntropy => logits.argmax(1).squeeze_dim::<1>(1),
            Self::BinaryCrossEntropy => logits.greater_elem(0).int().squeeze_dim::<1>(1),
        }
    }

    /// The number of correct answers, `[1]`.
    pub fn correct(self, logits: Tensor<2>, labels: Tensor<1, Int>) -> Tensor<1, Int> {
        self.answers(logits).equal(labels).int().sum()
    }

    /// The probability of each class, `[batch, classes]`.
    pub fn probabilities(self, logits: Tensor<2>) -> Tensor<2> {
        match self {
            Self::CrossEntropy => softmax(logits, 1),
            Self::BinaryCrossEntropy => {
                let yes = sigmoid(logits);
                Tensor::cat(vec![yes.clone().neg().add_scalar(1.0), yes], 1)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;

    #[test]
    fn binary_cross_entropy_matches_its_definition() {
        let device = Device::flex();
        let logits = [-40.0f32, -1.5, 0.25, 3.0];
        let labels = [1, 0, 1, 0];
        let found = Loss::BinaryCrossEntropy.mean(
            Tensor::from_data(logits.map(|logit| [logit]), &device),
            Tensor::from_data(labels, &device),
        );
        let terms = logits.iter().zip(labels).map(|(&logit, label)| {
            let signed = if label == 1 { -logit } else { logit };
            f64::from(signed).exp().ln_1p()
        });
        let expected = terms.sum::<f64>() / 4.0;
        let found = f64::from(found.into_scalar::<f32>());
        assert!(
            (found - expected).abs() < 1e-6 * expected,
            "{found}, {expected}"
        );
    }

    #[test]
    fn correct_answers_are_counted() {
        let device = Device::flex();
        let logits = Tensor::from_data([[-2.0], [0.0], [0.1]], &device);
        let labels = Tensor::from_data([0, 0, 0], &device);
        let correct = Loss::BinaryCrossEntropy.correct(logits, labels);
        assert_eq!(correct.into_scalar::<i64>(), 2);
        let logits = Tensor::from_data([[1.0, 2.0, 0.0], [5.0, 2.0, 0.0]], &device);
        let labels = Tensor::from_data([1, 2], &device);
        let correct = Loss::CrossEntropy.correct(logits, labels);
        assert_eq!(correct.into_scalar::<i64>(), 1);
    }
}
