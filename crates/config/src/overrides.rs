use std::str::FromStr;

use record::{join_key, name_of, value_at};
use serde_json::{Value, json};
use spec::nearest;

use crate::error::ConfigError;

/// `--set key=value`: a new value for an existing key of a config. The value is JSON; any other text
/// is taken as a string; null restores the default. Parse one with [`str::parse`].
#[derive(Clone, Debug, PartialEq)]
pub struct Override {
    pub(crate) key: String,
    value: Value,
    text: String,
    /// Whether the experiment's name shows the key even if the value is the base's.
    pub(crate) is_always_named: bool,
}

impl FromStr for Override {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        match text.split_once('=') {
            Some((key, value)) if !key.is_empty() => Ok(Self {
                key: key.to_owned(),
                value: serde_json::from_str(value).unwrap_or_else(|_| value.into()),
                text: value.to_owned(),
                is_always_named: false,
            }),
            _ => Err(ConfigError::Override {
                text: format!("--set {text}"),
            }),
        }
    }
}

impl Override {
    /// The beginning of an error about it.
    pub(crate) fn origin(&self) -> String {
        format!("--set {}={}", self.key, self.text)
    }

    /// The same override, always shown in the experiment's name.
    #[must_use]
    pub(crate) fn always_named(self) -> Self {
        Self {
            is_always_named: true,
            ..self
        }
    }

    /// Replaces the value in a config that has all its defaults filled in. `short` gives the
    /// same config without them.
    pub(crate) fn apply(
        &self,
        config: &mut Value,
        short: impl FnOnce() -> Value,
    ) -> Result<(), ConfigError> {
        self.open(config);
        let Some(place) = value_at(config, &self.key) else {
            return Err(self.unknown(config));
        };
        // A value alone may stand for an object with one key, but not for what else is set in it. Null
        // turns all of it off.
        if place.is_object()
            && !self.value.is_object()
            && !self.value.is_null()
            && let Some(Value::Object(keys)) = value_at(&mut short(), &self.key)
            && keys.len() > 1
        {
            let keys: Vec<String> = keys.keys().map(|key| join_key(&self.key, key)).collect();
            let problem = format!(
                "would drop what else is set there; set one of {}",
                keys.join(", ")
            );
            return Err(self.refused(problem));
        }
        *place = self.value.clone();
        if self.value.is_null() {
            self.remove(config);
        }
        Ok(())
    }

    /// Removes the key from its object: its default applies.
    fn remove(&self, config: &mut Value) {
        let whole = ("", self.key.as_str());
        for (parent, key) in [whole].into_iter().chain(splits(&self.key)) {
            if let Some(Value::Object(keys)) = value_at(config, parent) {
                keys.remove(key);
            }
        }
    }

    /// Turns on what is off: a key within null makes an object of it, which holds this key alone.
    fn open(&self, config: &mut Value) {
        for (parent, key) in splits(&self.key) {
            if let Some(place @ Value::Null) = value_at(config, parent) {
                // The value itself replaces the innermost null.
                let keys = key.rsplit('.');
                *place = keys.fold(Value::Null, |value, key| json!({ key: value }));
                return;
            }
        }
    }

    /// The key that it sets in the config that comes out. If a value alone stands for an object, that is
    /// the object's key with this value.
    pub(crate) fn key_in(&self, config: &mut Value) -> String {
        let Some(Value::Object(keys)) = value_at(config, &self.key) else {
            return self.key.clone();
        };
        let mut same = keys
            .iter()
            .filter(|(_, value)| is_same(value, &self.value))
            .map(|(key, _)| key);
        match (same.next(), same.next()) {
            (Some(key), None) => join_key(&self.key, key),
            _ => self.key.clone(),
        }
    }

    fn refused(&self, problem: String) -> ConfigError {
        ConfigError::Invalid {
            origin: self.origin(),
            key: String::new(),
            problem,
        }
    }

    fn unknown(&self, config: &Value) -> ConfigError {
        let mut known = Vec::new();
        collect_keys("", config, &mut known);
        let known_keys = || known.iter().map(String::as_str);
        // A key without a path may stand for the one at the end of a path.
        let last = |path: &'_ str| path.rsplit('.').next().unwrap_or(path).to_owned();
        let ends: Vec<String> = known_keys().map(last).collect();
        let by_end = nearest(&self.key, ends.iter().map(String::as_str))
            .filter(|_| !self.key.contains('.'))
            .and_then(|end| known_keys().find(|path| last(path) == end));
        let problem = match by_end.or_else(|| nearest(&self.key, known_keys())) {
            Some(guess) => format!("no such key in this config, did you mean `{guess}`?"),
            None => format!("no such key in this config, known: {}", known.join(", ")),
        };
        self.refused(problem)
    }
}

/// A key's path at each of its dots: what is before and what is behind.
fn splits(path: &str) -> impl Iterator<Item = (&str, &str)> {
    path.match_indices('.')
        .map(|(dot, _)| (&path[..dot], &path[dot + 1..]))
}

/// Whether two values are the same, however their numbers are written: 1 is 1.0.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        _ => one == other,
    }
}

/// Whether a key is within the value of another.
pub(crate) fn is_below(key: &str, parent: &str) -> bool {
    let rest = key.strip_prefix(parent);
    rest.is_some_and(|rest| rest.starts_with('.'))
}

/// The paths of all keys, also of those within the items of lists.
fn collect_keys(path: &str, value: &Value, known: &mut Vec<String>) {
    match value {
        Value::Object(keys) => {
            for (key, value) in keys {
                let path = join_key(path, key);
                collect_keys(&path, value, known);
                known.push(path);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect_keys(&join_key(path, &index.to_string()), item, known);
                if let Some(name) = name_of(item) {
                    collect_keys(&join_key(path, name), item, known);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(text: &str) -> Result<Value, String> {
        let mut config = json!({
            "training": { "epochs": 2 },
            "hidden": [8, 9],
            "stopping": null,
            "schedule": null,
            "expect": { "test.loss": { "at_most": 1 } },
            "layers": [{ "dense": { "units": 8, "name": "head" } }, { "dense": { "units": 4 } }]
        });
        let change: Override = text
            .parse()
            .map_err(|error: ConfigError| error.to_string())?;
        let short = config.clone();
        change
            .apply(&mut config, || short)
            .map_err(|error| error.to_string())?;
        Ok(config)
    }

    #[test]
    fn replaces_values_at_any_depth() {
        assert_eq!(
            applied("training.epochs=5").unwrap()["training"]["epochs"],
            5
        );
        assert_eq!(applied("hidden.1=7").unwrap()["hidden"], json!([8, 7]));
        assert_eq!(applied("hidden=[]").unwrap()["hidden"], json!([]));
        assert_eq!(applied("training=text").unwrap()["training"], "text");
        let expected = applied("expect.test.loss.at_most=2").unwrap();
        assert_eq!(expected["expect"]["test.loss"]["at_most"], 2);
    }

    #[test]
    fn a_key_within_what_is_off_turns_it_on() {
        let config = applied("stopping.patience=3").unwrap();
        assert_eq!(config["stopping"], json!({ "patience": 3 }));
        let config = applied("schedule.step.factor=0.5").unwrap();
        assert_eq!(config["schedule"], json!({ "step": { "factor": 0.5 } }));
        assert_eq!(applied("stopping=null").unwrap()["stopping"], Value::Null);
    }

    #[test]
    fn a_value_replaces_an_object_of_one_key_alone() {
        let layers = applied("layers.1.dense=16").unwrap();
        assert_eq!(layers["layers"][1], json!({ "dense": 16 }));
        let layers = applied("layers.head.dense.units=16").unwrap();
        assert_eq!(layers["layers"][0]["dense"]["units"], 16);
        assert_eq!(
            applied("layers.head.dense=16").unwrap_err(),
            "--set layers.head.dense=16: would drop what else is set there; set one of \
             layers.head.dense.name, layers.head.dense.units"
        );
        let error = applied("layers.haed.dense.units=16").unwrap_err();
        assert!(
            error.ends_with("did you mean `layers.head.dense.units`?"),
            "{error}"
        );
    }

    #[test]
    fn unknown_keys_are_refused() {
        for text in [
            "training.epoch=1",
            "hidden.2=1",
            "training.=1",
            "train=1",
            "=1",
            "epochs",
        ] {
            assert!(applied(text).is_err(), "{text}");
        }
    }
}
