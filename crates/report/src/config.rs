//! Configs as paths of keys: `training.epochs`.

use std::collections::BTreeMap;

use serde_json::Value;

/// What says nothing about the numbers that come out.
const BESIDES: [&str; 4] = ["$schema", "about", "expect", "seeds"];

/// The values of whatever decides the numbers, by path.
pub(crate) fn values(config: &Value) -> BTreeMap<String, String> {
    let mut values = BTreeMap::new();
    collect("", &deciding(config), &mut values);
    values
}

fn collect(path: &str, value: &Value, values: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(keys) if !keys.is_empty() => {
            for (key, value) in keys {
                let path = match path {
                    "" => key.clone(),
                    path => format!("{path}.{key}"),
                };
                collect(&path, value, values);
            }
        }
        value => {
            values.insert(path.to_owned(), shown(value));
        }
    }
}

/// A config without what decides nothing.
fn deciding(config: &Value) -> Value {
    let mut config = config.clone();
    if let Value::Object(keys) = &mut config {
        keys.retain(|key, _| !BESIDES.contains(&key.as_str()));
    }
    config
}

/// The value at a path, and the rest of the config without it.
pub(crate) fn split(config: &Value, path: &str) -> Option<(Value, Value)> {
    let mut rest = deciding(config);
    let value = place(&mut rest, path)?.take();
    Some((value, rest))
}

/// A key may itself contain dots.
fn place<'a>(value: &'a mut Value, path: &str) -> Option<&'a mut Value> {
    if path.is_empty() {
        return Some(value);
    }
    let keys = value.as_object_mut()?;
    keys.iter_mut().find_map(|(key, value)| {
        let rest = path.strip_prefix(key.as_str())?;
        match rest.strip_prefix('.') {
            Some(rest) if !rest.is_empty() => place(value, rest),
            _ => rest.is_empty().then_some(value),
        }
    })
}

/// A value as a person writes it; of an object with one key, an optimizer for one, that key.
pub(crate) fn shown(value: &Value) -> String {
    match value {
        Value::Object(keys) if keys.len() == 1 => keys.keys().cloned().collect(),
        Value::String(text) => text.clone(),
        Value::Null => "none".to_owned(),
        // 1.0 where a person wrote 1.
        Value::Number(number) => number.to_string().trim_end_matches(".0").to_owned(),
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_leads_to_its_value() {
        let config = json!({ "about": "x", "a": { "b.c": [1, 2], "d": null }, "seeds": [0] });
        let (value, rest) = split(&config, "a.b.c").unwrap();
        assert_eq!(value, json!([1, 2]));
        assert_eq!(rest, json!({ "a": { "b.c": null, "d": null } }));
        assert_eq!(split(&config, "a.e"), None);
        assert_eq!(split(&config, "a.b.c.d"), None);
        let all: Vec<_> = values(&config).into_iter().collect();
        assert_eq!(
            all,
            [("a.b.c", "[1,2]"), ("a.d", "none")]
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
        );
    }
}
