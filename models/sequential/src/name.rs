use std::ops::Deref;

use schemars::JsonSchema;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

/// A layer's name: a letter, then letters, digits, `_` and `-`, at most 64 in all. In the key of an
/// override or a sweep it stands for the layer's place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct Name(#[schemars(regex(pattern = "^[A-Za-z][A-Za-z0-9_-]{0,63}$"))] String);

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let usual = |character: char| character.is_ascii_alphanumeric() || "_-".contains(character);
        let is_name = name.len() <= 64
            && name.starts_with(|first: char| first.is_ascii_alphabetic())
            && name.chars().all(usual);
        if is_name {
            Ok(Self(name))
        } else {
            Err(D::Error::custom(format_args!(
                "{name:?} is not a layer's name; use a letter, then letters, digits, '_' and '-', \
                 at most 64"
            )))
        }
    }
}
