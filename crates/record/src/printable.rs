/// With escapes for control characters: what stands in a file neither ends the line of an error nor
/// steers a terminal.
pub fn printable(text: &str) -> String {
    let mut said = String::with_capacity(text.len());
    for character in text.chars() {
        match character.is_control() {
            true => said.extend(character.escape_debug()),
            false => said.push(character),
        }
    }
    said
}

#[cfg(test)]
mod tests {
    #[test]
    fn control_characters_are_escaped_and_nothing_else() {
        assert_eq!(
            super::printable("a \"b\" c:\\é\n\u{1b}[2J\u{9b}"),
            "a \"b\" c:\\é\\n\\u{1b}[2J\\u{9b}"
        );
    }
}
