/// Escapes control characters, so that text quoted from a file can neither break an error message
/// into several lines nor control the terminal.
pub fn printable(text: &str) -> String {
    let mut said = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() {
            said.extend(character.escape_debug());
        } else {
            said.push(character);
        }
    }
    said
}

#[cfg(test)]
mod tests {
    #[test]
    fn only_control_characters_are_escaped() {
        assert_eq!(
            super::printable("a \"b\" c:\\é\n\u{1b}[2J\u{9b}"),
            "a \"b\" c:\\é\\n\\u{1b}[2J\\u{9b}"
        );
    }
}
