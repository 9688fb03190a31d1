use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::{Error as ValueError, MapDeserializer};
use serde::de::{DeserializeSeed, Error, IntoDeserializer, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
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
        #[derive(Clone, Debug, PartialEq, Serialize)]
        pub enum Layer {
            $($(#[doc = $documentation])+ #[serde(rename = $name)] $Variant($Settings),)+
        }

        /// The type of a layer.
        #[derive(Clone, Copy, Deserialize)]
        enum Type {
            $(#[serde(rename = $name)] $Variant,)+
        }

        /// Reads the settings of a layer of this type.
        impl<'de> DeserializeSeed<'de> for Type {
            type Value = Layer;

            fn deserialize<D: Deserializer<'de>>(self, settings: D) -> Result<Layer, D::Error> {
                match self {
                    $(Self::$Variant => <$Settings>::deserialize(settings).map(Layer::$Variant),)+
                }
            }
        }

        impl Layer {
            /// The name of its type in configs.
            pub fn type_name(&self) -> &'static str {
                match self {
                    $(Self::$Variant(_) => $name,)+
                }
            }
        }

        /// The schema of each type's settings, with the type and its documentation.
        fn settings_schemas(
            generator: &mut SchemaGenerator,
        ) -> Vec<(&'static str, String, Schema)> {
            vec![$((
                $name,
                [$($documentation),+].concat().trim().to_owned(),
                generator.subschema_for::<$Settings>(),
            )),+]
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

impl Type {
    fn from_name<E: Error>(name: &str) -> Result<Self, E> {
        <Self as Deserialize>::deserialize(name.into_deserializer())
    }

    /// A layer of this type with all defaults.
    fn with_defaults<E: Error>(self) -> Result<Layer, E> {
        DeserializeSeed::deserialize(self, MapDeserializer::new(std::iter::empty::<((), ())>()))
    }
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

impl<'de> Deserialize<'de> for Layer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyLayer;

        impl<'de> Visitor<'de> for AnyLayer {
            type Value = Layer;

            fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
                out.write_str("a layer, for instance \"flatten\" or { \"dense\": 128 }")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Layer, E> {
                let layer = Type::from_name::<E>(name)?.with_defaults();
                layer.map_err(|error: E| E::custom(format_args!("{name}: {error}")))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Layer, A::Error> {
                let Some(name) = map.next_key::<String>()? else {
                    return Err(A::Error::custom(
                        "no layer in these braces; write for instance { \"dense\": 128 }",
                    ));
                };
                let layer = map.next_value_seed(Type::from_name::<A::Error>(&name)?)?;
                match map.next_key::<String>()? {
                    None => Ok(layer),
                    Some(other) => Err(A::Error::custom(format_args!(
                        "`{other}` beside `{name}`; a layer has braces of its own, and its settings \
                         are within them"
                    ))),
                }
            }
        }

        deserializer.deserialize_any(AnyLayer)
    }
}

impl JsonSchema for Layer {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Layer".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut forms = Vec::new();
        for (name, documentation, settings) in settings_schemas(generator) {
            if Type::from_name(name)
                .and_then(Type::with_defaults::<ValueError>)
                .is_ok()
            {
                forms.push(json_schema!({ "const": name, "description": documentation }));
            }
            forms.push(json_schema!({
                "type": "object",
                "description": documentation,
                "properties": { name: settings },
                "required": [name],
                "additionalProperties": false
            }));
        }
        json_schema!({ "description": "A layer. Names and defaults are Keras's.", "anyOf": forms })
    }
}
