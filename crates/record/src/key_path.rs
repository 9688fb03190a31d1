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
/// whole value, an unknown path `None`. Keys may contain dots themselves, as metric names do.
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
        Value::Array(items) => items
            .iter_mut()
            .enumerate()
            .find_map(|(index, value)| value_at(value, rest_after(&index.to_string())?)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
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
        assert_eq!(join_key("", "a"), "a");
        assert_eq!(join_key("a", "b.c"), "a.b.c");
    }
}
