//! The keys in which two configs differ, and the configs in between.

use std::path::Path;

use record::{UNDECIDING_KEYS, join_key};
use serde_json::{Map, Value};

use crate::error::ConfigError;
use crate::overrides::Override;
use crate::plan::Plan;

/// A key that two configs set differently.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The key's path. A choice among named variants, such as `optimizer`, is one key with all that is in
    /// it.
    pub key: String,
    /// The value of the first config; null if it has none.
    pub from: Value,
    /// The value of the second config; null if it has none.
    pub to: Value,
}

impl Change {
    /// As `--set` takes it.
    fn setting(&self) -> Result<Override, ConfigError> {
        format!("{}={}", self.key, self.to).parse()
    }
}

impl Plan {
    /// The changes that turn this plan's config into another's, without what decides no numbers.
    pub fn changes_to(&self, other: &Self) -> Vec<Change> {
        let mut changes = Vec::new();
        add("", &self.config(), &other.config(), &mut changes);
        changes
    }

    /// The config file at `path` with some changes, after the overrides of both configs.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or the changes do not fit each other.
    pub fn load_between(
        path: &Path,
        overrides: &[Override],
        changes: &[&Change],
    ) -> Result<Self, ConfigError> {
        let mut all = overrides.to_vec();
        for change in changes {
            all.push(change.setting()?);
        }
        Self::load(path, &all)
    }
}

fn add(path: &str, from: &Value, to: &Value, changes: &mut Vec<Change>) {
    if from == to {
        return;
    }
    if let (Value::Object(one), Value::Object(other)) = (from, to)
        && !are_variants(one, other)
    {
        let mut keys: Vec<&String> = one.keys().chain(other.keys()).collect();
        keys.sort();
        keys.dedup();
        for key in keys {
            if path.is_empty() && UNDECIDING_KEYS.contains(&key.as_str()) {
                continue;
            }
            let (one, other) = (one.get(key), other.get(key));
            let of = |value: Option<&Value>| value.cloned().unwrap_or(Value::Null);
            add(&join_key(path, key), &of(one), &of(other), changes);
        }
        return;
    }
    changes.push(Change {
        key: path.to_owned(),
        from: from.clone(),
        to: to.clone(),
    });
}

/// Whether the objects are different variants, such as `{"sgd": {}}` and `{"adam": {}}`.
fn are_variants(one: &Map<String, Value>, other: &Map<String, Value>) -> bool {
    one.len() == 1 && other.len() == 1 && one.keys().next() != other.keys().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(text: &str) -> Plan {
        Plan::from_text(Path::new("a.json"), text, &[]).unwrap()
    }

    #[test]
    fn changes_are_the_keys_that_differ() {
        let config = |hidden: &str, optimizer: &str, rest: &str| {
            plan(&format!(
                r#"{{ "about": "{hidden}", "data": {{ "synthetic_digits": {{}} }},
                     "model": {{ "hidden_mlp": {{ "hidden": {hidden} }} }},
                     "optimizer": {optimizer}, "training": {{ "epochs": 2 {rest} }} }}"#
            ))
        };
        let one = config("[8]", r#"{ "sgd": {} }"#, "");
        let keys = |other: &Plan| -> Vec<String> {
            let changes = one.changes_to(other);
            changes.into_iter().map(|change| change.key).collect()
        };
        assert_eq!(keys(&one), Vec::<String>::new());
        let other = config(
            "[9]",
            r#"{ "adam": {} }"#,
            r#", "early_stopping": { "metric": "train.loss" }"#,
        );
        assert_eq!(
            keys(&other),
            [
                "model.hidden_mlp.hidden",
                "optimizer",
                "training.early_stopping"
            ]
        );
        let other = config(
            "[8]",
            r#"{ "sgd": { "momentum": 0.9 } }"#,
            r#", "shuffle": false"#,
        );
        assert_eq!(keys(&other), ["optimizer.sgd.momentum", "training.shuffle"]);
    }
}
