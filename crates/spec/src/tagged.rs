//! Configs of one of several kinds: `{ "adam": { "learning_rate": 0.01 } }`, or `"adam"` with all
//! defaults.

use std::fmt;
use std::marker::PhantomData;

use schemars::{Schema, json_schema};
use serde::Deserializer;
use serde::de::value::{Error as ValueError, MapDeserializer};
use serde::de::{DeserializeSeed, Error, MapAccess, Visitor};

use crate::wording::plain;

/// A config whose kind is named by the key around its settings.
pub trait Tagged: Sized {
    /// What stands in a config, for messages: `an optimizer`.
    const WHAT: &'static str;
    /// One as people write it, for messages.
    const EXAMPLE: &'static str;
    /// The names of all kinds.
    const NAMES: &'static [&'static str];

    /// Reads the settings of a kind, one of [`NAMES`](Self::NAMES).
    ///
    /// # Errors
    ///
    /// If there is no such kind, or the settings are not its.
    fn with_settings<'de, D: Deserializer<'de>>(name: &str, settings: D) -> Result<Self, D::Error>;
}

/// Reads a kind with its settings, or its name alone.
///
/// # Errors
///
/// If there is neither.
pub fn deserialize_tagged<'de, T: Tagged, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    deserializer.deserialize_any(Either(PhantomData))
}

/// Adds the names that may stand alone to the schema of the objects.
pub fn allow_names<T: Tagged>(schema: &mut Schema) {
    let Some(forms) = schema
        .get_mut("oneOf")
        .and_then(|forms| forms.as_array_mut())
    else {
        return;
    };
    let alone = T::NAMES
        .iter()
        .filter(|name| of_name::<T, ValueError>(name).is_ok());
    let alone: Vec<&str> = alone.copied().collect();
    if !alone.is_empty() {
        forms.push(json_schema!({ "enum": alone }).into());
    }
}

/// The kind with all its defaults.
fn of_name<T: Tagged, E: Error>(name: &str) -> Result<T, E> {
    T::with_settings(name, MapDeserializer::new(std::iter::empty::<((), ())>()))
}

struct Either<T>(PhantomData<T>);

impl<'de, T: Tagged> Visitor<'de> for Either<T> {
    type Value = T;

    fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
        write!(out, "{}, for instance {}", T::WHAT, T::EXAMPLE)
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<T, E> {
        of_name(known::<T, _>(name)?)
            .map_err(|error: E| E::custom(format_args!("{name}: {}", plain(&error.to_string()))))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        let Some(name) = map.next_key::<String>()? else {
            return Err(A::Error::custom(format_args!(
                "the braces are empty; write {}, for instance {}",
                T::WHAT,
                T::EXAMPLE
            )));
        };
        let kind = PhantomData;
        let read = map.next_value_seed(Settings {
            name: known::<T, _>(&name)?,
            kind,
        })?;
        match map.next_key::<String>()? {
            None => Ok(read),
            Some(other) => Err(A::Error::custom(format_args!(
                "`{other}` beside `{name}`; {} has braces of its own, and its settings are within them",
                T::WHAT
            ))),
        }
    }
}

/// The name, if it is that of a kind.
fn known<T: Tagged, E: Error>(name: &str) -> Result<&str, E> {
    if T::NAMES.contains(&name) {
        Ok(name)
    } else {
        Err(E::unknown_variant(name, T::NAMES))
    }
}

/// The settings of the kind of a name.
struct Settings<'a, T> {
    name: &'a str,
    kind: PhantomData<T>,
}

impl<'de, T: Tagged> DeserializeSeed<'de> for Settings<'_, T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, settings: D) -> Result<T, D::Error> {
        T::with_settings(self.name, settings)
    }
}

/// Implements [`Tagged`] and `Deserialize` for an enum: the name and the settings' type of each variant.
#[macro_export]
macro_rules! tagged {
    ($Set:ty, $what:literal, $example:literal: $($name:expr => $Variant:ident($Settings:ty),)+) => {
        impl $crate::Tagged for $Set {
            const WHAT: &'static str = $what;
            const EXAMPLE: &'static str = $example;
            const NAMES: &'static [&'static str] = &[$($name),+];

            fn with_settings<'de, D: serde::Deserializer<'de>>(
                name: &str,
                settings: D,
            ) -> Result<Self, D::Error> {
                $(if name == $name {
                    let settings = <$Settings as serde::Deserialize>::deserialize(settings);
                    return settings.map(Self::$Variant);
                })+
                Err(serde::de::Error::unknown_variant(name, Self::NAMES))
            }
        }

        impl<'de> serde::Deserialize<'de> for $Set {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::deserialize_tagged(deserializer)
            }
        }
    };
}
