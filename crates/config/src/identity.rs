//! The identity of a run: the hash of everything that affects its numbers.

use record::DataSummary;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::experiment::Experiment;

/// Incremented when a default changes, so that configs that rely on it get a new signature.
const VERSION: u32 = 1;

/// The signature of a run. It does not depend on the run's name and seed.
///
/// Keys at their defaults are left out, so a new optional key does not change old signatures. Notes
/// and expectations are left out too, and paths of data and initial weights: their hashes count.
pub(crate) fn signature(
    experiment: &Experiment,
    data: &DataSummary,
    initial_weights: Option<&str>,
) -> String {
    let mut config = record::deciding(&without_defaults(experiment));
    if let Some(Value::Object(training)) = config.get_mut("training") {
        training.remove("initial_weights");
    }
    let source = &experiment.data;
    if let Some(Value::Object(keys)) = config.pointer_mut(&format!("/data/{}", source.name())) {
        keys.retain(|key, _| !source.path_keys().contains(&key.as_str()));
    }
    let mut identity = json!({
        "version": VERSION,
        "config": config,
        "data": {
            "train": data.train.digest,
            "validation": data.validation.as_ref().map(|split| &split.digest),
            "test": data.test.digest,
        },
        "initial_weights": initial_weights,
    });
    // Only where there are any, so that other signatures stay what they were.
    if let Some(names) = &data.names {
        identity["data"]["names"] = names.as_str().into();
    }
    record::sha256(sorted(identity).to_string().as_bytes())
}

/// A value as JSON, without the keys at their defaults: parsing the result gives the same value.
pub(crate) fn without_defaults<T>(value: &T) -> Value
where
    T: Serialize + DeserializeOwned + PartialEq,
{
    let mut json = to_value(value);
    let says_the_same =
        |json: &Value| serde_json::from_value::<T>(json.clone()).is_ok_and(|read| read == *value);
    strip(&mut json, &mut Vec::new(), &says_the_same);
    json
}

/// Removes every key below `path` that parsing fills in again with the same value. Items of lists
/// stay, only their keys are removed.
fn strip(whole: &mut Value, path: &mut Vec<String>, says_the_same: &dyn Fn(&Value) -> bool) {
    let keys: Vec<String> = match at(whole, path) {
        Some(Value::Object(keys)) => keys.keys().cloned().collect(),
        Some(Value::Array(items)) => {
            for index in 0..items.len() {
                path.push(index.to_string());
                strip(whole, path, says_the_same);
                path.pop();
            }
            return;
        }
        _ => return,
    };
    for key in keys {
        let Some(Value::Object(siblings)) = at(whole, path) else {
            return;
        };
        let removed = siblings.remove(&key);
        if says_the_same(whole) {
            continue;
        }
        if let (Some(Value::Object(siblings)), Some(removed)) = (at(whole, path), removed) {
            siblings.insert(key.clone(), removed);
        }
        path.push(key);
        strip(whole, path, says_the_same);
        path.pop();
    }
}

fn at<'a>(whole: &'a mut Value, path: &[String]) -> Option<&'a mut Value> {
    path.iter().try_fold(whole, |value, key| match value {
        Value::Array(items) => items.get_mut(key.parse::<usize>().ok()?),
        Value::Object(keys) => keys.get_mut(key),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    })
}

/// The same value with all keys sorted.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(keys) => {
            let mut keys: Vec<(String, Value)> = keys.into_iter().collect();
            keys.sort_by(|(one, _), (other, _)| one.cmp(other));
            let keys = keys.into_iter().map(|(key, value)| (key, sorted(value)));
            Value::Object(keys.collect::<Map<String, Value>>())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

pub(crate) fn to_value(value: &impl Serialize) -> Value {
    serde_json::to_value(value).expect("a config comes from JSON")
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    /// A config before an optional key was added.
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Before {
        epochs: usize,
        #[serde(default)]
        inner: Inner,
    }

    /// The same config with the key.
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct After {
        #[serde(default)]
        warm_up: Option<usize>,
        epochs: usize,
        #[serde(default)]
        inner: Inner,
    }

    #[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Inner {
        #[serde(default)]
        rate: f64,
    }

    #[test]
    fn a_new_optional_key_changes_nothing() {
        let json = r#"{ "epochs": 3, "inner": { "rate": 0.0 } }"#;
        let before: Before = serde_json::from_str(json).unwrap();
        let after: After = serde_json::from_str(json).unwrap();
        assert_eq!(without_defaults(&before), json!({ "epochs": 3 }));
        assert_eq!(without_defaults(&after), json!({ "epochs": 3 }));
        let used: After = serde_json::from_str(r#"{ "epochs": 3, "warm_up": 2 }"#).unwrap();
        let expected = json!({ "epochs": 3, "warm_up": 2 });
        assert_eq!(without_defaults(&used), expected);
    }

    #[test]
    fn keys_within_lists_are_stripped_too() {
        let json = r#"[{ "epochs": 1, "inner": {} }, { "epochs": 2, "inner": { "rate": 1.0 } }]"#;
        let before: Vec<Before> = serde_json::from_str(json).unwrap();
        let expected = json!([{ "epochs": 1 }, { "epochs": 2, "inner": { "rate": 1.0 } }]);
        assert_eq!(without_defaults(&before), expected);
    }

    #[test]
    fn other_values_than_defaults_stay() {
        let json = r#"{ "epochs": 0, "inner": { "rate": 5e-1 } }"#;
        let before: Before = serde_json::from_str(json).unwrap();
        let expected = json!({ "epochs": 0, "inner": { "rate": 0.5 } });
        assert_eq!(without_defaults(&before), expected);
    }
}
