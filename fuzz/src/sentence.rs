//! Error messages.

/// Checks that a message is one line without control characters.
pub fn check(said: &str) {
    assert!(!said.is_empty());
    assert!(!said.contains(char::is_control), "{said:?}");
}
