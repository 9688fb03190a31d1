//! What the loop needs of a model, and how each family gives it.

use burn::module::Module;
use burn::tensor::Tensor;
use dropout_mlp::DropoutMlp;
use hidden_mlp::HiddenMlp;
use kernels::DropoutKey;

pub(crate) trait Network: Module {
    /// Logits `[batch, classes]` for evaluation and prediction.
    fn logits(&self, inputs: Tensor<2>) -> Tensor<2>;

    /// Logits for a training step; the key decides whatever is random in it.
    fn training_logits(&self, inputs: Tensor<2>, key: DropoutKey) -> Tensor<2>;
}

impl Network for HiddenMlp {
    fn logits(&self, inputs: Tensor<2>) -> Tensor<2> {
        self.forward(inputs)
    }

    fn training_logits(&self, inputs: Tensor<2>, _: DropoutKey) -> Tensor<2> {
        self.forward(inputs)
    }
}

impl Network for DropoutMlp {
    fn logits(&self, inputs: Tensor<2>) -> Tensor<2> {
        self.forward(inputs)
    }

    fn training_logits(&self, inputs: Tensor<2>, key: DropoutKey) -> Tensor<2> {
        self.forward_training(inputs, key)
    }
}
