//! Where a config comes from, for errors about it.

use std::fmt;
use std::sync::Arc;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::overrides::{Override, is_below};

/// The file of a config and the overrides of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Origin {
    file: String,
    /// The file's text, where there is one: it tells the line of a key.
    text: Option<Arc<str>>,
    /// Each with the key that it changes.
    overrides: Vec<(String, String)>,
}

impl Origin {
    /// A config that was read from a file's text.
    pub fn text(file: String, text: &str) -> Self {
        Self {
            file,
            text: Some(text.into()),
            overrides: Vec::new(),
        }
    }

    /// A config from within another file.
    pub fn file(file: &str) -> Self {
        Self {
            file: file.to_owned(),
            text: None,
            overrides: Vec::new(),
        }
    }

    /// The same config with an override.
    pub fn add(&mut self, change: &Override) {
        self.overrides.push((change.key.clone(), change.origin()));
    }

    /// The beginning of an error about a key: the file, with the line and column of the key's value if
    /// they are in its text and no override replaced them, and the overrides.
    pub fn of(&self, key: &str) -> String {
        let mut changed = self.overrides.iter().map(|(changed, _)| changed);
        let is_overridden = changed.any(|changed| key == changed || is_below(key, changed));
        let text = self.text.as_deref().filter(|_| !is_overridden);
        let mut parts = vec![match text.and_then(|text| place(text, key)) {
            Some((line, column)) => format!("{}:{line}:{column}", self.file),
            None => self.file.clone(),
        }];
        parts.extend(self.overrides.iter().map(|(_, origin)| origin.clone()));
        parts.join(", ")
    }
}

/// The line and column where the value of a key begins in a JSON text, or that of the nearest key
/// above it.
fn place(text: &str, key: &str) -> Option<(usize, usize)> {
    let mut key = Some(key);
    while let Some(path) = key {
        let mut json = serde_json::Deserializer::from_str(text);
        match (Seek { path }).deserialize(&mut json) {
            // The parser has read up to the value.
            Err(error) if error.is_data() => return Some((error.line(), error.column() + 1)),
            Err(_) => return None,
            Ok(()) => {}
        }
        key = path.rsplit_once('.').map(|(parent, _)| parent);
    }
    None
}

/// Fails at the value of a path: the parser tells where that is.
#[derive(Clone, Copy)]
struct Seek<'a> {
    path: &'a str,
}

impl<'a> Seek<'a> {
    /// The way on through the value of a key, if the path leads there. An empty path has arrived.
    fn through(self, key: &str) -> Option<Self> {
        let path = match self.path.strip_prefix(key)? {
            "" => "",
            rest => rest.strip_prefix('.')?,
        };
        Some(Self { path })
    }
}

impl<'de> DeserializeSeed<'de> for Seek<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.path.is_empty() {
            return Err(D::Error::custom("arrived"));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seek<'_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str("JSON")
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        for index in 0_usize.. {
            let more = match self.through(&index.to_string()) {
                Some(seek) => items.next_element_seed(seek)?.is_some(),
                None => items.next_element::<IgnoredAny>()?.is_some(),
            };
            if !more {
                break;
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut keys: A) -> Result<(), A::Error> {
        while let Some(key) = keys.next_key::<String>()? {
            match self.through(&key) {
                Some(seek) => keys.next_value_seed(seek)?,
                None => drop(keys.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "{ \"model\": {\n  \"sequential\": [\n    { \"dense\": 8 },\n    \"output\"\n  ] },\n  \
                        \"expect\": { \"test.loss\": { \"at_most\": 1 } } }";

    #[test]
    fn a_key_is_found_in_the_text() {
        for (key, line, column) in [
            ("model", 1, 12),
            ("model.sequential", 2, 17),
            ("model.sequential.0", 3, 5),
            ("model.sequential.0.dense", 3, 16),
            ("model.sequential.1", 4, 5),
            ("expect.test.loss.at_most", 6, 41),
            // Not in the text: the nearest above.
            ("model.sequential.0.dense.units", 3, 16),
            ("model.sequential.7", 2, 17),
        ] {
            assert_eq!(place(TEXT, key), Some((line, column)), "{key}");
        }
        assert_eq!(place("{ \"model\"", "model"), None);
        assert_eq!(place(TEXT, "training.epochs"), None);
    }

    #[test]
    fn a_key_that_was_overridden_has_no_line() {
        let mut origin = Origin::text("a.json".to_owned(), TEXT);
        assert_eq!(origin.of("model.sequential.0"), "a.json:3:5");
        origin.add(&"training.epochs=1".parse().unwrap());
        let elsewhere = "a.json:3:5, --set training.epochs=1";
        assert_eq!(origin.of("model.sequential.0"), elsewhere);
        origin.add(&"model.sequential.0.dense=9".parse().unwrap());
        let said = origin.of("model.sequential.0");
        assert!(said.starts_with("a.json:3:5, "), "{said}");
        let here = "a.json, --set training.epochs=1, --set model.sequential.0.dense=9";
        assert_eq!(origin.of("model.sequential.0.dense.units"), here);
    }
}
