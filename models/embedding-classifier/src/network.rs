use burn::module::Module;
use burn::nn::{Embedding, Linear};
use burn::tensor::{Device, Tensor};
use kernels::{
    DropoutKey, dense, dropout, embedding, linear, linear_relu, pooled_embedding,
    pooled_embedding_with_dropout,
};
use spec::{Batch, Build, DataSpec};

use crate::EmbeddingClassifier;

/// The network of an [`EmbeddingClassifier`].
#[derive(Module, Debug)]
pub struct Network {
    embedding: Embedding,
    hidden: Linear,
    output: Linear,
    embedding_dropout: f64,
    hidden_dropout: f64,
}

impl Build for EmbeddingClassifier {
    type Network = Network;

    fn init(&self, data: &DataSpec, seed: u64, device: &Device) -> Network {
        let tokens = data.vocabulary().unwrap_or(0);
        let (width, units) = (self.embedding.get(), self.hidden.get());
        Network {
            embedding: embedding(seed, 0, [tokens, width], device),
            hidden: dense(seed, 1, [width, units], device),
            output: dense(seed, 2, [units, data.logits()], device),
            embedding_dropout: self.embedding_dropout.get(),
            hidden_dropout: self.hidden_dropout.get(),
        }
    }
}

impl spec::Network for Network {
    fn forward(&self, batch: Batch, key: Option<DropoutKey>) -> Tensor<2> {
        let (table, tokens) = (self.embedding.weight.val(), batch.tokens());
        let pooled = match key {
            None => pooled_embedding(table, tokens),
            Some(key) => {
                pooled_embedding_with_dropout(table, tokens, self.embedding_dropout, 0, key)
            }
        };
        let mut hidden = linear_relu(&self.hidden, pooled);
        if let Some(key) = key {
            hidden = dropout(hidden, self.hidden_dropout, 1, key);
        }
        linear(&self.output, hidden)
    }
}

#[cfg(test)]
mod tests {
    use spec::{InputSpec, Network as _};

    use super::*;

    const KEY: DropoutKey = DropoutKey { seed: 0, step: 0 };

    fn model(dropout: f64) -> Network {
        let config = format!(
            r#"{{ "embedding": 256, "embedding_dropout": {dropout},
                  "hidden": 128, "hidden_dropout": {dropout} }}"#
        );
        let config: EmbeddingClassifier = serde_json::from_str(&config).unwrap();
        let reviews = DataSpec {
            input: InputSpec::Tokens {
                vocabulary: 10_000,
                length: 4,
            },
            classes: ["negative", "positive"].map(str::to_owned).to_vec(),
        };
        config.init(&reviews, 0, &Device::flex())
    }

    fn tokens() -> Batch {
        let tokens = [[0, 0, 1, 7], [1, 9_999, 7, 2]];
        Batch::Tokens(Tensor::from_data(tokens, &Device::flex()))
    }

    #[test]
    fn has_the_notebooks_parameters() {
        assert_eq!(model(0.3).num_params(), 2_560_000 + 32_896 + 129);
    }

    #[test]
    fn gives_one_logit_for_two_classes() {
        assert_eq!(model(0.3).forward(tokens(), Some(KEY)).dims(), [2, 1]);
    }

    #[test]
    fn evaluation_drops_nothing_and_training_does() {
        let model = model(0.3);
        let evaluated = model.forward(tokens(), None).into_data();
        assert_eq!(evaluated, model.forward(tokens(), None).into_data());
        assert_ne!(evaluated, model.forward(tokens(), Some(KEY)).into_data());
    }

    #[test]
    fn training_without_dropout_is_evaluation() {
        let model = model(0.0);
        let trained = model.forward(tokens(), Some(KEY)).into_data();
        assert_eq!(trained, model.forward(tokens(), None).into_data());
    }
}
