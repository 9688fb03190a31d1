//! Number types with a range. Each type defines its check, its error message and its JSON Schema.
//!
//! Values are checked while a config is parsed, so that errors name the line.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// A whole number from `LEAST` to `MOST`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Count<const LEAST: usize, const MOST: usize>(usize);

impl<const LEAST: usize, const MOST: usize> Count<LEAST, MOST> {
    /// Makes a default of a config's key.
    ///
    /// # Panics
    ///
    /// If the value is out of range; in a constant, this fails at compile time.
    pub const fn new(value: usize) -> Self {
        assert!(LEAST <= value && value <= MOST, "in range");
        Self(value)
    }

    /// The number.
    pub const fn get(self) -> usize {
        self.0
    }

    fn range() -> String {
        format!("{LEAST} to {MOST}")
    }
}

impl<'de, const LEAST: usize, const MOST: usize> Deserialize<'de> for Count<LEAST, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Whole<const LEAST: usize, const MOST: usize>;

        impl<const LEAST: usize, const MOST: usize> Visitor<'_> for Whole<LEAST, MOST> {
            type Value = Count<LEAST, MOST>;

            fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
                write!(out, "a whole number, {LEAST} to {MOST}")
            }

            fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
                match usize::try_from(value) {
                    Ok(count) if (LEAST..=MOST).contains(&count) => Ok(Count(count)),
                    _ => Err(out_of_range(value, &Count::<LEAST, MOST>::range())),
                }
            }

            fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
                match u64::try_from(value) {
                    Ok(value) => self.visit_u64(value),
                    Err(_) => Err(out_of_range(value, &Count::<LEAST, MOST>::range())),
                }
            }
        }

        deserializer.deserialize_u64(Whole)
    }
}

impl<const LEAST: usize, const MOST: usize> JsonSchema for Count<LEAST, MOST> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Count{LEAST}To{MOST}").into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": LEAST, "maximum": MOST })
    }
}

/// A list of at most `MOST` items.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct UpTo<T, const MOST: usize>(Vec<T>);

impl<T, const MOST: usize> Deref for UpTo<T, MOST> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<'de, T: Deserialize<'de>, const MOST: usize> Deserialize<'de> for UpTo<T, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let items = Vec::deserialize(deserializer)?;
        if items.len() > MOST {
            let found = format!("a list of {}", items.len());
            return Err(out_of_range(found, &format!("at most {MOST} long")));
        }
        Ok(Self(items))
    }
}

impl<T: JsonSchema, const MOST: usize> JsonSchema for UpTo<T, MOST> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("UpTo{MOST}{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let items = generator.subschema_for::<T>();
        json_schema!({ "type": "array", "items": items, "maxItems": MOST })
    }
}

/// Defines a type of real numbers in a range.
macro_rules! real {
    ($(#[$documentation:meta])* $Name:ident, $range:literal, $holds:expr, $schema:tt) => {
        $(#[$documentation])*
        #[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize)]
        #[serde(transparent)]
        pub struct $Name(f64);

        impl $Name {
            /// Makes a default of a config's key.
            ///
            /// # Panics
            ///
            /// If the value is out of range.
            pub fn new(value: f64) -> Self {
                let holds: fn(f64) -> bool = $holds;
                assert!(holds(value), "in range");
                Self(value)
            }

            /// The number.
            pub const fn get(self) -> f64 {
                self.0
            }
        }

        impl<'de> Deserialize<'de> for $Name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let real = Real {
                    range: $range,
                    holds: $holds,
                };
                deserializer.deserialize_f64(real).map(Self)
            }
        }

        impl JsonSchema for $Name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($Name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    };
}

real!(
    /// A number from 0 to below 1: a dropout rate, a fraction held out, or a momentum.
    Fraction,
    "at least 0 and below 1",
    |value| (0.0..1.0).contains(&value),
    { "type": "number", "minimum": 0, "exclusiveMaximum": 1 }
);

real!(
    /// A number above 0 and below 1.
    ProperFraction,
    "above 0 and below 1",
    |value| 0.0 < value && value < 1.0,
    { "type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1 }
);

real!(
    /// A number above 0, within the range of the 32-bit floats that training computes with.
    Positive,
    "above 0 and within the range of 32-bit floats",
    |value| value as f32 > 0.0 && (value as f32).is_finite(),
    { "type": "number", "exclusiveMinimum": 0 }
);

real!(
    /// A number of at least 0, within the range of 32-bit floats.
    NonNegative,
    "at least 0 and within the range of 32-bit floats",
    |value| value >= 0.0 && (value as f32).is_finite(),
    { "type": "number", "minimum": 0 }
);

/// Parses a number in a range. It is checked here, so that an error has the position of the number.
struct Real {
    range: &'static str,
    holds: fn(f64) -> bool,
}

impl Visitor<'_> for Real {
    type Value = f64;

    fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
        write!(out, "a number, {}", self.range)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<f64, E> {
        if (self.holds)(value) {
            Ok(value)
        } else {
            Err(out_of_range(value, self.range))
        }
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<f64, E> {
        self.visit_f64(value as f64)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<f64, E> {
        self.visit_f64(value as f64)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<f64, E> {
        Err(E::invalid_type(Unexpected::Bool(value), &self))
    }
}

fn out_of_range<E: Error>(value: impl fmt::Display, range: &str) -> E {
    E::custom(format_args!("{value} is out of range, must be {range}"))
}

#[cfg(test)]
mod tests {
    use serde::de::DeserializeOwned;

    use super::*;

    #[track_caller]
    fn refused<T: DeserializeOwned + fmt::Debug>(json: &str, said: &str) {
        let error = serde_json::from_str::<T>(json).unwrap_err().to_string();
        assert!(error.starts_with(said), "{error}");
    }

    #[test]
    fn counts_keep_their_range() {
        type Epochs = Count<1, 100>;
        for json in ["1", "100"] {
            assert_eq!(
                serde_json::from_str::<Epochs>(json).unwrap().0.to_string(),
                json
            );
        }
        for json in ["0", "101", "-3", "18446744073709551615"] {
            refused::<Epochs>(json, &format!("{json} is out of range, must be 1 to 100"));
        }
        let expected = "a whole number, 1 to 100";
        refused::<Epochs>(
            "2.5",
            &format!("invalid type: floating point `2.5`, expected {expected}"),
        );
        refused::<Epochs>(
            "\"2\"",
            &format!("invalid type: string \"2\", expected {expected}"),
        );
    }

    #[test]
    fn lists_keep_their_length() {
        assert_eq!(serde_json::from_str::<UpTo<u8, 2>>("[7, 8]").unwrap()[1], 8);
        refused::<UpTo<u8, 2>>(
            "[1, 2, 3]",
            "a list of 3 is out of range, must be at most 2 long",
        );
    }

    #[test]
    fn reals_keep_their_range() {
        assert_eq!(serde_json::from_str::<Fraction>("0").unwrap().get(), 0.0);
        refused::<Fraction>("1", "1 is out of range, must be at least 0 and below 1");
        refused::<ProperFraction>("0.0", "0 is out of range, must be above 0 and below 1");
        refused::<NonNegative>("-1e-9", "-0.000000001 is out of range, must be at least 0");
        assert_eq!(serde_json::from_str::<Positive>("3").unwrap().get(), 3.0);
        // In 32 bits, these are 0 or infinite.
        for json in ["1e-50", "1e39", "0"] {
            assert!(serde_json::from_str::<Positive>(json).is_err(), "{json}");
        }
        refused::<Positive>("null", "invalid type: null, expected a number, above 0");
    }

    #[test]
    fn schemas_have_the_same_ranges() {
        let schema = schemars::schema_for!(Vec<Count<2, 9>>).to_value();
        assert_eq!(schema["items"]["minimum"], 2);
        assert_eq!(schema["items"]["maximum"], 9);
        let schema = schemars::schema_for!(Option<Fraction>).to_value();
        assert_eq!(schema["exclusiveMaximum"], 1);
    }
}
