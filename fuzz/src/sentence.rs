//! What a person is told about a file.

/// One line, without anything a terminal would obey.
pub fn check(said: &str) {
    assert!(!said.is_empty());
    assert!(!said.contains(char::is_control), "{said:?}");
}
