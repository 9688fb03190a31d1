//! Strict JSON: what is in the text, or an error with its place.

use std::collections::BTreeMap;
use std::fmt;

use record::join_key;
use serde::de::{DeserializeOwned, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use serde_path_to_error::Segment;
use spec::{not_json, plain};

use crate::error::ConfigError;
use crate::identity::to_value;
use crate::origin::Origin;

/// A kind of file that hearth reads.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Config,
    Sweep,
}

/// Parses the text of a config or of a sweep.
pub(crate) fn parse<T>(text: &str, origin: &str, kind: Kind) -> Result<T, ConfigError>
where
    T: Serialize + DeserializeOwned,
{
    let parsed: T = read(text, origin).map_err(|error| match (kind, kind_of(text)) {
        (Kind::Config, Some(Kind::Sweep)) => {
            whole(origin, "a sweep; run it with `hearth sweep run`")
        }
        (Kind::Sweep, Some(Kind::Config)) => {
            whole(origin, "a config, not a sweep; run it with `hearth run`")
        }
        _ => error,
    })?;
    // Serde takes a list for an object's values in their order, and the last of several equal keys of a
    // map.
    let shape: Shape = read(text, origin)?;
    match shape.list_for_object(&to_value(&parsed)) {
        None => Ok(parsed),
        Some(key) => Err(ConfigError::Invalid {
            origin: Origin::text(origin.to_owned(), text).of(&key),
            key,
            problem: "a list, must be an object; name each value by its key".to_owned(),
        }),
    }
}

/// The kind of a file by its keys; `None` if they do not tell.
fn kind_of(text: &str) -> Option<Kind> {
    let keys: BTreeMap<String, IgnoredAny> = serde_json::from_str(text).ok()?;
    let has = |wanted: [&str; 2]| wanted.into_iter().all(|key| keys.contains_key(key));
    match (has(["data", "model"]), has(["base", "grid"])) {
        (true, false) => Some(Kind::Config),
        (false, true) => Some(Kind::Sweep),
        (true, true) | (false, false) => None,
    }
}

/// An error about the file as a whole.
fn whole(origin: &str, problem: &str) -> ConfigError {
    ConfigError::Invalid {
        origin: origin.to_owned(),
        key: String::new(),
        problem: problem.to_owned(),
    }
}

fn read<T: DeserializeOwned>(text: &str, origin: &str) -> Result<T, ConfigError> {
    let invalid = |error: &serde_json::Error, key: String| ConfigError::Invalid {
        origin: format!("{origin}:{}:{}", error.line(), error.column()),
        key,
        problem: if error.is_data() {
            plain(&error.to_string())
        } else {
            not_json(&error.to_string(), rest(text, error.line(), error.column()))
        },
    };
    let mut json = serde_json::Deserializer::from_str(text);
    let parsed = serde_path_to_error::deserialize(&mut json)
        .map_err(|error| invalid(error.inner(), key_of(error.path())))?;
    json.end().map_err(|error| invalid(&error, String::new()))?;
    Ok(parsed)
}

/// The text from a line and column on, both from 1, without blanks at its beginning.
fn rest(text: &str, line: usize, column: usize) -> &str {
    let line = text.split('\n').nth(line.saturating_sub(1)).unwrap_or("");
    line.get(column.saturating_sub(1)..)
        .unwrap_or("")
        .trim_start()
}

/// The key of a path, with the indices of lists as overrides name them: `hidden.1`.
pub(crate) fn key_of(path: &serde_path_to_error::Path) -> String {
    let mut key = String::new();
    for segment in path {
        let part = match segment {
            Segment::Seq { index } => index.to_string(),
            Segment::Map { key } => key.clone(),
            Segment::Enum { variant } => variant.clone(),
            Segment::Unknown => continue,
        };
        key = join_key(&key, &part);
    }
    key
}

/// What a JSON text is made of, without its values.
enum Shape {
    Scalar,
    List(Vec<Shape>),
    Object(BTreeMap<String, Shape>),
}

impl Shape {
    /// The path of the first list that was read as an object.
    fn list_for_object(&self, read: &Value) -> Option<String> {
        match (self, read) {
            (Self::List(_), Value::Object(_)) => Some(String::new()),
            (Self::List(items), Value::Array(read)) => {
                let mut items = items.iter().zip(read).enumerate();
                items.find_map(|(index, (item, read))| {
                    let key = item.list_for_object(read)?;
                    Some(below(&index.to_string(), &key))
                })
            }
            (Self::Object(keys), Value::Object(read)) => keys.iter().find_map(|(name, shape)| {
                let key = shape.list_for_object(read.get(name)?)?;
                Some(below(name, &key))
            }),
            _ => None,
        }
    }
}

fn below(parent: &str, key: &str) -> String {
    match key {
        "" => parent.to_owned(),
        _ => join_key(parent, key),
    }
}

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Any)
    }
}

struct Any;

impl<'de> Visitor<'de> for Any {
    type Value = Shape;

    fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str("JSON")
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }

    fn visit_unit<E: Error>(self) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Shape, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Shape::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut keys: A) -> Result<Shape, A::Error> {
        let mut object = BTreeMap::new();
        while let Some(key) = keys.next_key::<String>()? {
            if object.contains_key(&key) {
                return Err(A::Error::custom(format_args!(
                    "the key `{key}` occurs twice; remove one"
                )));
            }
            object.insert(key, keys.next_value()?);
        }
        Ok(Shape::Object(object))
    }
}
