//! A config and overrides, separated by zero bytes in the input.

use std::path::Path;

use ::config::{ConfigError, Override, Plan};

use super::sentence;

/// Checks that a config is refused with a one-line error, or that its resolved form is the same
/// config.
pub fn check(data: &[u8]) {
    // Reading a file refuses invalid UTF-8.
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    let mut parts = text.split('\0');
    let config = parts.next().unwrap_or_default();
    let overrides: Result<Vec<Override>, ConfigError> = parts.map(str::parse).collect();
    let path = Path::new("fuzzed.json");
    let plan = match overrides.and_then(|overrides| Plan::from_text(path, config, &overrides)) {
        Ok(plan) => plan,
        Err(error) => return sentence::check(&error.to_string()),
    };
    let plain = |character: char| character.is_ascii_alphanumeric() || "._-+=".contains(character);
    assert!(plan.name().starts_with("fuzzed") && plan.name().chars().all(plain));
    // With its defaults filled in, it is the same config.
    let again = Plan::from_text(path, &plan.config().to_string(), &[]).expect("a config");
    assert_eq!(again.experiment(), plan.experiment());
    assert!(again.is_same_config(&plan));
}
