//! The list of models that configs can name.
//!
//! The list defines the enum that configs are parsed into, its JSON Schema and, with the feature
//! `burn`, the network. The crates `datasets` and `optimizers` have lists of their own.

#[macro_use]
mod models;

models! {
    hidden_mlp::HiddenMlp,
    dropout_mlp::DropoutMlp,
    embedding_classifier::EmbeddingClassifier,
    convnet::Convnet,
    sequential::Sequential,
}
