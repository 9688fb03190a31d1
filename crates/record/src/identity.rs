use serde_json::Value;

/// The keys of a config that do not affect a run's numbers: notes, expectations, and the list of
/// seeds, since each seed is a separate run.
pub const UNDECIDING_KEYS: [&str; 4] = ["$schema", "about", "expect", "seeds"];

/// Whether the key at a path is one of the [`UNDECIDING_KEYS`] or within one.
pub fn is_undeciding(path: &str) -> bool {
    let root = path.split('.').next().unwrap_or(path);
    UNDECIDING_KEYS.contains(&root)
}

/// A copy of the config without its [`UNDECIDING_KEYS`].
pub fn deciding(config: &Value) -> Value {
    let mut config = config.clone();
    if let Value::Object(keys) = &mut config {
        keys.retain(|key, _| !UNDECIDING_KEYS.contains(&key.as_str()));
    }
    config
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn undeciding_keys_are_removed() {
        let config = json!({ "about": "x", "seeds": [0], "training": { "seeds": 1 } });
        assert_eq!(deciding(&config), json!({ "training": { "seeds": 1 } }));
    }
}
