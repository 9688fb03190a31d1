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
}
