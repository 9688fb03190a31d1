use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;
use spec::UpTo;

use crate::layers::{
    ActivationFunction, BatchNorm, Conv1d, Conv2d, Dense, Dropout, Embedding, LayerNorm, Plain,
    Pool2d,
};
use crate::name::Name;
use crate::short::Short;

/// Defines [`Layer`]: for each, its name in configs, the variant and its settings.
macro_rules! layers {
    ($($(#[doc = $documentation:literal])+ $name:literal $Variant:ident($Settings:ty),)+) => {
        /// A layer. Names and defaults are Keras's.
        #[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
        #[schemars(transform = spec::allow_names::<Layer>)]
        pub enum Layer {
            $($(#[doc = $documentation])+ #[serde(rename = $name)] $Variant($Settings),)+
        }

        spec::tagged!(
            Layer, "a layer", r#""flatten" or { "dense": 128 }"#: $($name => $Variant($Settings),)+
        );

        impl Layer {
            /// The name of its type in configs.
            pub fn type_name(&self) -> &'static str {
                match self {
                    $(Self::$Variant(_) => $name,)+
                }
            }
        }
    };
}

layers! {
    /// `x w + b`, for features.
    "dense" Dense(Short<Dense>),
    /// A convolution over images.
    "conv2d" Conv2d(Conv2d),
    /// A convolution over time.
    "conv1d" Conv1d(Conv1d),
    /// The maximum of each window of an image.
    "max_pool2d" MaxPool2d(Pool2d),
    /// The mean of each window of an image.
    "average_pool2d" AveragePool2d(Pool2d),
    /// The maximum over time, or over rows and columns.
    "global_max_pool" GlobalMaxPool(Plain),
    /// The mean over time, or over rows and columns.
    "global_average_pool" GlobalAveragePool(Plain),
    /// All entries as features, in row-major order with channels last.
    "flatten" Flatten(Plain),
    /// A learnt vector for each token id.
    "embedding" Embedding(Short<Embedding>),
    /// Batch normalisation of each feature or channel.
    "batch_norm" BatchNorm(BatchNorm),
    /// Layer normalisation over the features or channels.
    "layer_norm" LayerNorm(LayerNorm),
    /// Sets random entries to 0 in training.
    "dropout" Dropout(Short<Dropout>),
    /// A function of each entry.
    "activation" Activation(Short<ActivationFunction>),
    /// Layers around which the input is added to their output.
    "residual" Residual(UpTo<Layer, 256>),
    /// A dense layer of a logit per class, or of one for two classes. The last layer.
    "output" Output(Plain),
}

impl Layer {
    /// The name that the config gives it.
    pub fn name(&self) -> Option<&str> {
        let name: &Option<Name> = match self {
            Self::Dense(layer) => &layer.name,
            Self::Conv2d(layer) => &layer.name,
            Self::Conv1d(layer) => &layer.name,
            Self::MaxPool2d(layer) | Self::AveragePool2d(layer) => &layer.name,
            Self::GlobalMaxPool(layer)
            | Self::GlobalAveragePool(layer)
            | Self::Flatten(layer)
            | Self::Output(layer) => &layer.name,
            Self::Embedding(layer) => &layer.name,
            Self::BatchNorm(layer) => &layer.name,
            Self::LayerNorm(layer) => &layer.name,
            Self::Dropout(layer) => &layer.name,
            Self::Activation(layer) => &layer.name,
            Self::Residual(_) => &None,
        };
        name.as_deref()
    }
}

/// For example ``conv2d`` or ``dense `head` ``.
impl fmt::Display for Layer {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str(self.type_name())?;
        match self.name() {
            Some(name) => write!(out, " `{name}`"),
            None => Ok(()),
        }
    }
}
