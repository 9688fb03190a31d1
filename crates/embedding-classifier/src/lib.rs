//! The sentiment classifier: a learnt vector for each token, over time the maximum of each of its
//! entries, and a dense layer with dropout in front of the answer.

use burn::module::Module;
use burn::nn::{Embedding, Linear};
use burn::tensor::{Device, Int, Tensor, activation::relu};
use kernels::{
    DropoutKey, dense, dropout, embedding, pooled_embedding, pooled_embedding_with_dropout,
};

/// The shape of an [`EmbeddingClassifier`].
#[derive(Clone, Debug)]
pub struct EmbeddingClassifierConfig {
    /// Tokens there are.
    pub vocabulary_size: usize,
    /// Entries of a token's vector.
    pub embedding: usize,
    /// Probability that an entry of an embedded token is dropped, `[0, 1)`.
    pub embedding_dropout: f64,
    /// Units of the dense layer.
    pub hidden: usize,
    /// Probability that one of its activations is dropped, `[0, 1)`.
    pub hidden_dropout: f64,
}

#[derive(Module, Debug)]
pub struct EmbeddingClassifier {
    embedding: Embedding,
    hidden: Linear,
    output: Linear,
    embedding_dropout: f64,
    hidden_dropout: f64,
}

impl EmbeddingClassifierConfig {
    /// A model with the initial weights that belong to the seed.
    pub fn init(&self, seed: u64, device: &Device) -> EmbeddingClassifier {
        EmbeddingClassifier {
            embedding: embedding(seed, 0, [self.vocabulary_size, self.embedding], device),
            hidden: dense(seed, 1, [self.embedding, self.hidden], device),
            output: dense(seed, 2, [self.hidden, 1], device),
            embedding_dropout: self.embedding_dropout,
            hidden_dropout: self.hidden_dropout,
        }
    }
}

impl EmbeddingClassifier {
    /// Without dropout, for evaluation and prediction.
    ///
    /// # Shapes
    ///
    /// - tokens: `[batch, time]`, each below the vocabulary's size
    /// - logits: `[batch, 1]`, above zero where the answer is yes
    pub fn forward(&self, tokens: Tensor<2, Int>) -> Tensor<2> {
        let pooled = pooled_embedding(self.embedding.weight.val(), tokens);
        self.output.forward(relu(self.hidden.forward(pooled)))
    }

    /// With the dropout masks that belong to the key; shapes as for [`forward`](Self::forward).
    pub fn forward_training(&self, tokens: Tensor<2, Int>, key: DropoutKey) -> Tensor<2> {
        let table = self.embedding.weight.val();
        let pooled = pooled_embedding_with_dropout(table, tokens, self.embedding_dropout, 0, key);
        let hidden = relu(self.hidden.forward(pooled));
        self.output
            .forward(dropout(hidden, self.hidden_dropout, 1, key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: DropoutKey = DropoutKey { seed: 0, step: 0 };

    fn model(dropout: f64) -> EmbeddingClassifier {
        let config = EmbeddingClassifierConfig {
            vocabulary_size: 10_000,
            embedding: 256,
            embedding_dropout: dropout,
            hidden: 128,
            hidden_dropout: dropout,
        };
        config.init(0, &Device::flex())
    }

    fn tokens() -> Tensor<2, Int> {
        Tensor::from_data([[0, 0, 1, 7], [1, 9_999, 7, 2]], &Device::flex())
    }

    #[test]
    fn has_the_notebooks_parameters() {
        assert_eq!(model(0.3).num_params(), 2_560_000 + 32_896 + 129);
    }

    #[test]
    fn gives_a_logit() {
        assert_eq!(model(0.3).forward_training(tokens(), KEY).dims(), [2, 1]);
    }

    #[test]
    fn evaluation_drops_nothing_and_training_does() {
        let model = model(0.3);
        let evaluated = model.forward(tokens()).into_data();
        assert_eq!(evaluated, model.forward(tokens()).into_data());
        assert_ne!(evaluated, model.forward_training(tokens(), KEY).into_data());
    }

    #[test]
    fn training_without_dropout_is_evaluation() {
        let model = model(0.0);
        let trained = model.forward_training(tokens(), KEY).into_data();
        assert_eq!(trained, model.forward(tokens()).into_data());
    }
}
