use std::collections::{HashMap, HashSet};

use serde_json::Value;

/// A config value in readable form: a text without quotes, null as `none`, 1.0 as `1`. An object
/// with one key, such as an optimizer, is shown as that key; other values as JSON.
pub fn shown(value: &Value) -> String {
    match value {
        Value::Object(keys) if keys.len() == 1 => keys.keys().cloned().collect(),
        Value::String(text) => text.clone(),
        Value::Null => "none".to_owned(),
        Value::Number(number) => {
            let text = number.to_string();
            text.strip_suffix(".0").unwrap_or(&text).to_owned()
        }
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

/// The values of a column in readable form, as by [`shown`]. Different values with the same text, such
/// as two settings of an optimizer, are shown whole.
pub fn shown_apart<'a>(values: impl IntoIterator<Item = &'a Value>) -> Vec<String> {
    let values: Vec<(&Value, String)> = values
        .into_iter()
        .map(|value| (value, shown(value)))
        .collect();
    let mut first: HashMap<&str, &Value> = HashMap::new();
    let mut ambiguous: HashSet<&str> = HashSet::new();
    for (value, text) in &values {
        if *first.entry(text).or_insert(value) != *value {
            ambiguous.insert(text);
        }
    }
    let whole = |(value, text): &(&Value, String)| {
        if ambiguous.contains(text.as_str()) {
            value.to_string()
        } else {
            text.clone()
        }
    };
    values.iter().map(whole).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_shown_as_they_are_written() {
        for (value, said) in [
            (json!("relu"), "relu"),
            (json!({ "adam": { "learning_rate": 0.1 } }), "adam"),
            (json!({ "a": 1, "b": null }), r#"{"a":1,"b":null}"#),
            (json!({}), "{}"),
            (json!(null), "none"),
            (json!(1.0), "1"),
            (json!(0.5), "0.5"),
            (json!([32, 32]), "[32,32]"),
            (json!(true), "true"),
        ] {
            assert_eq!(shown(&value), said);
        }
    }

    #[test]
    fn values_that_share_their_key_are_shown_whole() {
        let (slow, fast) = (
            json!({ "sgd": { "rate": 0.1 } }),
            json!({ "sgd": { "rate": 1 } }),
        );
        let adam = json!({ "adam": {} });
        assert_eq!(shown_apart([&slow, &adam, &slow]), ["sgd", "adam", "sgd"]);
        assert_eq!(
            shown_apart([&slow, &adam, &fast]),
            [r#"{"sgd":{"rate":0.1}}"#, "adam", r#"{"sgd":{"rate":1}}"#]
        );
        assert_eq!(shown_apart([&json!("1"), &json!(1)]), [r#""1""#, "1"]);
    }
}
