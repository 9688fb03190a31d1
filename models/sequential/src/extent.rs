//! Rows and columns of a window, and how windows lie over what they cover.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::SeqAccessDeserializer;
use serde::de::{Error, IntoDeserializer, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use spec::Count;

type Length = Count<1, 31>;

/// Rows and columns, `[rows, columns]`; a single number stands for both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent([Length; 2]);

impl Extent {
    /// As many rows as columns.
    pub(crate) const fn square(length: usize) -> Self {
        Self([Length::new(length); 2])
    }

    /// Rows and columns.
    pub(crate) fn get(self) -> [usize; 2] {
        self.0.map(Length::get)
    }
}

/// For example `3 x 3`.
impl fmt::Display for Extent {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        let [rows, columns] = self.get();
        write!(out, "{rows} x {columns}")
    }
}

impl Serialize for Extent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            [rows, columns] if rows == columns => rows.serialize(serializer),
            both => both.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Extent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Lengths;

        impl Lengths {
            fn square<'de, E: Error>(length: impl IntoDeserializer<'de, E>) -> Result<Extent, E> {
                Length::deserialize(length.into_deserializer()).map(|length| Extent([length; 2]))
            }
        }

        impl<'de> Visitor<'de> for Lengths {
            type Value = Extent;

            fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
                out.write_str("a whole number, or [rows, columns]")
            }

            fn visit_i64<E: Error>(self, length: i64) -> Result<Extent, E> {
                Self::square(length)
            }

            fn visit_u64<E: Error>(self, length: u64) -> Result<Extent, E> {
                Self::square(length)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, both: A) -> Result<Extent, A::Error> {
                <[Length; 2]>::deserialize(SeqAccessDeserializer::new(both)).map(Extent)
            }
        }

        deserializer.deserialize_any(Lengths)
    }
}

impl JsonSchema for Extent {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Extent".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let length = generator.subschema_for::<Length>();
        let both = generator.subschema_for::<[Length; 2]>();
        json_schema!({ "anyOf": [length, both] })
    }
}

/// What lies beyond the edges.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Padding {
    /// Nothing: windows lie within the input.
    #[default]
    Valid,
    /// Zeros for convolutions, nothing that counts for pooling: as many windows as the input has
    /// positions, divided by the stride and rounded up. Of an odd number of positions to add, one
    /// more comes after the input than before it.
    Same,
}

impl Padding {
    /// The number of windows along a side; 0 if it is too short.
    pub(crate) fn windows(self, length: usize, window: usize, stride: usize) -> usize {
        match self {
            Self::Valid => (length + stride).saturating_sub(window) / stride,
            Self::Same => length.div_ceil(stride),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_counted_as_in_keras() {
        for (padding, length, window, stride, count) in [
            (Padding::Valid, 28, 3, 1, 26),
            (Padding::Valid, 28, 3, 2, 13),
            (Padding::Valid, 5, 5, 3, 1),
            (Padding::Valid, 4, 5, 3, 0),
            (Padding::Valid, 2, 7, 1, 0),
            (Padding::Same, 28, 3, 1, 28),
            (Padding::Same, 7, 3, 2, 4),
            (Padding::Same, 2, 7, 1, 2),
        ] {
            assert_eq!(padding.windows(length, window, stride), count);
        }
    }

    #[test]
    fn one_number_stands_for_both() {
        let read = |json: &str| serde_json::from_str::<Extent>(json);
        assert_eq!(read("3").unwrap().get(), [3, 3]);
        assert_eq!(read("[3, 1]").unwrap().get(), [3, 1]);
        for (json, said) in [
            ("0", "0 is out of range, must be 1 to 31"),
            ("[1, 99]", "99 is out of range, must be 1 to 31"),
            ("[3]", "invalid length 1, expected an array of length 2"),
            ("[3, 3, 3]", "trailing characters"),
            (
                "\"3\"",
                "invalid type: string \"3\", expected a whole number, or [rows, columns]",
            ),
            (
                "2.5",
                "invalid type: floating point `2.5`, expected a whole number",
            ),
        ] {
            let error = read(json).unwrap_err().to_string();
            assert!(error.starts_with(said), "{json}: {error}");
        }
        assert_eq!(
            serde_json::to_string(&read("[3, 3]").unwrap()).unwrap(),
            "3"
        );
        assert_eq!(
            serde_json::to_string(&read("[3, 1]").unwrap()).unwrap(),
            "[3,1]"
        );
    }
}
