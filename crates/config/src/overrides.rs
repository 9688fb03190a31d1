use std::str::FromStr;

use serde_json::Value;

use super::ConfigError;
use super::nearest::nearest;

/// `--set key=value`: another value for a key that exists. The value is JSON, or else a string.
#[derive(Clone, Debug, PartialEq)]
pub struct Override {
    pub(super) key: String,
    value: Value,
    text: String,
}

impl FromStr for Override {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        match text.split_once('=') {
            Some((key, value)) if !key.is_empty() => Ok(Self {
                key: key.to_owned(),
                value: serde_json::from_str(value).unwrap_or_else(|_| value.into()),
                text: value.to_owned(),
            }),
            _ => Err(ConfigError::Override {
                text: format!("--set {text}"),
            }),
        }
    }
}

impl Override {
    /// Where an error about it is.
    pub(super) fn origin(&self) -> String {
        format!("--set {}={}", self.key, self.text)
    }

    /// The part it adds to the experiment's name, of characters that every file system takes.
    pub(super) fn name(&self) -> String {
        let plain =
            |character: char| character.is_ascii_alphanumeric() || "._-".contains(character);
        let words = self.text.split(|character| !plain(character));
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        format!("{}={}", self.key, words.join("_"))
    }

    /// Replaces the value in a config with all its defaults.
    pub(super) fn apply(&self, config: &mut Value) -> Result<(), ConfigError> {
        match find(config, &self.key) {
            Some(place) => *place = self.value.clone(),
            None => return Err(self.unknown(config)),
        }
        Ok(())
    }

    fn unknown(&self, config: &Value) -> ConfigError {
        let mut known = Vec::new();
        collect_keys("", config, &mut known);
        let guess = nearest(&self.key, known.iter().map(String::as_str));
        let problem = match guess {
            Some(guess) => format!("no such key in this config, did you mean `{guess}`?"),
            None => format!("no such key in this config, known: {}", known.join(", ")),
        };
        ConfigError::Invalid {
            origin: self.origin(),
            key: String::new(),
            problem,
        }
    }
}

/// The value at a path of keys; a key may itself contain dots, as a metric's name does.
fn find<'a>(value: &'a mut Value, path: &str) -> Option<&'a mut Value> {
    if path.is_empty() {
        return Some(value);
    }
    let rest_after = |key: &str| {
        let rest = path.strip_prefix(key)?;
        match rest {
            "" => Some(rest),
            rest => rest.strip_prefix('.').filter(|rest| !rest.is_empty()),
        }
    };
    match value {
        Value::Object(keys) => keys
            .iter_mut()
            .find_map(|(key, value)| find(value, rest_after(key)?)),
        Value::Array(items) => items
            .iter_mut()
            .enumerate()
            .find_map(|(index, value)| find(value, rest_after(&index.to_string())?)),
        _ => None,
    }
}

fn collect_keys(path: &str, value: &Value, known: &mut Vec<String>) {
    if let Value::Object(keys) = value {
        for (key, value) in keys {
            let path = match path {
                "" => key.clone(),
                path => format!("{path}.{key}"),
            };
            collect_keys(&path, value, known);
            known.push(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn applied(text: &str) -> Result<Value, String> {
        let mut config = json!({
            "training": { "epochs": 2 },
            "hidden": [8, 9],
            "expect": { "test.loss": { "at_most": 1 } }
        });
        let change: Override = text
            .parse()
            .map_err(|error: ConfigError| error.to_string())?;
        change
            .apply(&mut config)
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
    fn keys_that_do_not_exist_are_refused() {
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
