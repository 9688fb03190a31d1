//! Settings that may be written as one value, such as `128` for `{ "units": 128 }`.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, Error, IntoDeserializer, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// A layer's settings of which one is enough.
pub(crate) trait Main: DeserializeOwned {
    /// The type of the main setting.
    type Value: DeserializeOwned + JsonSchema;
    /// Its key.
    const KEY: &'static str;

    /// The settings with defaults for all others.
    fn of(main: Self::Value) -> Self;
}

/// Settings as an object, or the main one alone.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Short<T>(T);

impl<T> Deref for Short<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<'de, T: Main> Deserialize<'de> for Short<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let settings = deserializer.deserialize_any(Settings(PhantomData))?;
        Ok(Self(settings))
    }
}

struct Settings<T>(PhantomData<T>);

impl<T: Main> Settings<T> {
    fn main<'de, E: Error>(value: impl IntoDeserializer<'de, E>) -> Result<T, E> {
        T::Value::deserialize(value.into_deserializer()).map(T::of)
    }
}

impl<'de, T: Main> Visitor<'de> for Settings<T> {
    type Value = T;

    fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
        write!(out, "`{0}`, or an object with `{0}`", T::KEY)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<T, E> {
        Self::main(value)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<T, E> {
        Self::main(value)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<T, E> {
        Self::main(value)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<T, E> {
        Self::main(value)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<T, E> {
        Self::main(value)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map))
    }
}

impl<T: Main + JsonSchema> JsonSchema for Short<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Short{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let main = generator.subschema_for::<T::Value>();
        let settings = generator.subschema_for::<T>();
        json_schema!({ "anyOf": [main, settings] })
    }
}
