use serde_json::Value;

/// The path of a key below another path. For example, `optimizer` and `adam` give `optimizer.adam`.
pub fn join_key(path: &str, key: &str) -> String {
    if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    }
}

/// The value at a path such as `training.epochs` or, in a list, `hidden.1`. An empty path gives the
/// whole value, an unknown path `None`. Keys may contain dots themselves, as metric names do. The
/// `name` of an item of a list stands for its index: `head` for the item `{ "name": "head" }` or
/// `{ "dense": { "name": "head" } }`.
pub fn value_at<'a>(value: &'a mut Value, path: &str) -> Option<&'a mut Value> {
    if path.is_empty() {
        return Some(value);
    }
    let rest_after = |key: &str| match path.strip_prefix(key)? {
        "" => Some(""),
        rest => rest.strip_prefix('.').filter(|rest| !rest.is_empty()),
    };
    match value {
        Value::Object(keys) => keys
            .iter_mut()
            .find_map(|(key, value)| value_at(value, rest_after(key)?)),
        Value::Array(items) => items.iter_mut().enumerate().find_map(|(index, value)| {
            let by_index = rest_after(&index.to_string());
            let rest = by_index.or_else(|| rest_after(name_of(value)?))?;
            value_at(value, rest)
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

/// The `name` of an item of a list: its own, or that of its only key's value.
pub fn name_of(item: &Value) -> Option<&str> {
    let keys = item.as_object()?;
    let within = keys.values().next().filter(|_| keys.len() == 1);
    let name = keys.get("name").or_else(|| within?.get("name"));
    name?.as_str()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_leads_to_its_value() {
        let mut config = json!({ "a": { "b.c": [1, 2], "d": null } });
        for (path, value) in [
            ("a.b.c", Some(json!([1, 2]))),
            ("a.b.c.1", Some(json!(2))),
            ("a.d", Some(json!(null))),
            ("a.e", None),
            ("a.d.e", None),
            ("a.b.c.2", None),
            ("a.", None),
        ] {
            assert_eq!(value_at(&mut config, path).cloned(), value, "{path}");
        }
        let mut layers =
            json!([8, { "dense": { "units": 4, "name": "head" } }, { "name": "last" }]);
        assert_eq!(
            value_at(&mut layers, "head.dense.units"),
            Some(&mut json!(4))
        );
        assert_eq!(value_at(&mut layers, "1.dense.units"), Some(&mut json!(4)));
        assert_eq!(value_at(&mut layers, "last.name"), Some(&mut json!("last")));
        assert_eq!(value_at(&mut layers, "tail.dense"), None);
        assert_eq!(join_key("", "a"), "a");
        assert_eq!(join_key("a", "b.c"), "a.b.c");
    }
}
