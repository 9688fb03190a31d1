//! Config values by key path, such as `training.epochs`.

use std::collections::BTreeMap;

use present::shown;
use record::{deciding, join_key, value_at};
use serde_json::Value;

/// All values that affect results, by path.
pub(crate) fn values(config: &Value) -> BTreeMap<String, String> {
    let mut values = BTreeMap::new();
    collect("", &deciding(config), &mut values);
    values
}

fn collect(path: &str, value: &Value, values: &mut BTreeMap<String, String>) {
    match value.as_object().filter(|keys| !keys.is_empty()) {
        Some(keys) => {
            for (key, value) in keys {
                collect(&join_key(path, key), value, values);
            }
        }
        None => {
            values.insert(path.to_owned(), shown(value));
        }
    }
}

/// The value at a path and the rest of the config without it; `None` if there is no such path.
pub(crate) fn split(config: &Value, path: &str) -> Option<(Value, Value)> {
    let mut rest = deciding(config);
    let value = value_at(&mut rest, path)?.take();
    Some((value, rest))
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
