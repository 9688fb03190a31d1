//! What the loop needs of a model, and how each family gives it.

use burn::module::Module;
use burn::tensor::kind::Basic;
use burn::tensor::{Float, Int, Tensor};
use dropout_mlp::DropoutMlp;
use embedding_classifier::EmbeddingClassifier;
use hidden_mlp::HiddenMlp;
use kernels::DropoutKey;

use crate::loss::Loss;

pub(crate) trait Network: Module {
    /// What its inputs are made of: floats, or tokens.
    type Kind: Basic;
    const LOSS: Loss;

    /// Logits for evaluation and prediction.
    fn logits(&self, inputs: Tensor<2, Self::Kind>) -> Tensor<2>;

    /// Logits for a training step; the key decides whatever is random in it.
    fn training_logits(&self, inputs: Tensor<2, Self::Kind>, key: DropoutKey) -> Tensor<2>;
}

impl Network for HiddenMlp {
    type Kind = Float;
    const LOSS: Loss = Loss::CrossEntropy;

    fn logits(&self, inputs: Tensor<2>) -> Tensor<2> {
        self.forward(inputs)
    }

    fn training_logits(&self, inputs: Tensor<2>, _: DropoutKey) -> Tensor<2> {
        self.forward(inputs)
    }
}

impl Network for DropoutMlp {
    type Kind = Float;
    const LOSS: Loss = Loss::CrossEntropy;

    fn logits(&self, inputs: Tensor<2>) -> Tensor<2> {
        self.forward(inputs)
    }

    fn training_logits(&self, inputs: Tensor<2>, key: DropoutKey) -> Tensor<2> {
        self.forward_training(inputs, key)
    }
}

impl Network for EmbeddingClassifier {
    type Kind = Int;
    const LOSS: Loss = Loss::BinaryCrossEntropy;

    fn logits(&self, inputs: Tensor<2, Int>) -> Tensor<2> {
        self.forward(inputs)
    }

    fn training_logits(&self, inputs: Tensor<2, Int>, key: DropoutKey) -> Tensor<2> {
        self.forward_training(inputs, key)
    }
}
