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
        let text = self.text.chars().map(|character| match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '-' | '_' => character,
            _ => '_',
        });
        format!("{}={}", self.key, text.collect::<String>())
    }

    /// Replaces the value in a config with all its defaults.
    pub(super) fn apply(&self, config: &mut Value) -> Result<(), ConfigError> {
        let mut place = &mut *config;
        for part in self.key.split('.') {
            let inner = match place {
                Value::Object(keys) => keys.get_mut(part),
                Value::Array(items) => part
                    .parse()
                    .ok()
                    .and_then(|index: usize| items.get_mut(index)),
                _ => None,
            };
            match inner {
                Some(inner) => place = inner,
                None => return Err(self.unknown(config)),
            }
        }
        *place = self.value.clone();
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
