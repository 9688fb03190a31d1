//! Names of experiments, which are also the names of their folders.

use serde_json::Value;

/// The longest name. Most file systems limit a folder's name to 255 bytes.
const MOST_BYTES: usize = 200;
/// The number of hexadecimal digits at the end of a name that was cut.
const HASH: usize = 8;

/// Whether a folder can have this name on every file system: only letters, digits and `marks`, and no
/// dot in front.
pub(crate) fn is_name(name: &str, marks: &str) -> bool {
    let plain = |character: char| character.is_ascii_alphanumeric() || marks.contains(character);
    !name.is_empty()
        && name.len() <= MOST_BYTES
        && name.chars().all(plain)
        && !name.starts_with('.')
}

/// The punctuation allowed in the name of an experiment.
pub(crate) const MARKS: &str = "-_.+=";

/// The stem of a config, followed by the changed keys and their values. A name that is too long is cut
/// and ends with a hash of the whole.
pub(crate) fn with_changes(stem: &str, changes: &[(String, Value)]) -> String {
    let mut name = stem.to_owned();
    for (key, value) in changes {
        name += &format!("+{key}={}", shown(value));
    }
    if name.len() <= MOST_BYTES {
        return name;
    }
    let hash = record::sha256(name.as_bytes());
    let kept: String = name.chars().take(MOST_BYTES - HASH - 1).collect();
    format!("{kept}-{}", &hash[hash.len() - HASH..])
}

/// A value in characters that every file system accepts: `[64,32]` as `64_32`.
fn shown(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        // People write 1, not 1.0.
        Value::Number(number) => number.to_string().trim_end_matches(".0").to_owned(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    };
    let plain = |character: char| character.is_ascii_alphanumeric() || "._-".contains(character);
    let words = text.split(|character| !plain(character));
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join("_")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_changed_key_is_shown_with_its_value() {
        for (value, name) in [
            (json!(0.0003), "x+k=0.0003"),
            (json!(1.0), "x+k=1"),
            (json!([64, 32]), "x+k=64_32"),
            (json!({ "sgd": {} }), "x+k=sgd"),
            (json!("a/b c"), "x+k=a_b_c"),
            (json!(null), "x+k=null"),
        ] {
            assert_eq!(with_changes("x", &[("k".to_owned(), value)]), name);
        }
    }

    #[test]
    fn long_names_are_cut_and_stay_distinct() {
        let long = |end: &str| {
            let path = format!("{}{end}", "very/long/".repeat(30));
            with_changes("x", &[("training.initial_weights".to_owned(), json!(path))])
        };
        let (one, other) = (long("one"), long("other"));
        assert_eq!((one.len(), other.len()), (MOST_BYTES, MOST_BYTES));
        assert_ne!(one, other);
        assert!(is_name(&one, MARKS) && one.starts_with("x+training.initial_weights=very_long"));
    }
}
