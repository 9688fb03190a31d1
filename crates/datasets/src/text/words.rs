/// Calls `action` with each word of a text in lower case, split as by Keras's `Tokenizer`.
///
/// Only the space and Keras's filter characters separate words: all ASCII punctuation except the
/// apostrophe, the tab and the newline. Other white space is part of a word.
pub(crate) fn for_each_word(text: &str, mut action: impl FnMut(&str)) {
    let lower = text.to_lowercase();
    lower
        .split(is_separator)
        .filter(|word| !word.is_empty())
        .for_each(&mut action);
}

/// Whether the character separates words.
pub(crate) fn is_separator(character: char) -> bool {
    match character {
        ' ' | '\t' | '\n' => true,
        '\'' => false,
        _ => character.is_ascii_punctuation(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_keras_words() {
        let cases: [(&str, &[&str]); 9] = [
            ("", &[]),
            (" \t\n ... ", &[]),
            (
                "One of the BEST films!",
                &["one", "of", "the", "best", "films"],
            ),
            (
                "It's Kubrick's, isn't it?",
                &["it's", "kubrick's", "isn't", "it"],
            ),
            ("good.<br /><br />Bad", &["good", "br", "br", "bad"]),
            (
                "well-made\tand\nslow_paced",
                &["well", "made", "and", "slow", "paced"],
            ),
            // A control character and a no-break space are not in the filter.
            ("a\rb c\u{a0}d", &["a\rb", "c\u{a0}d"]),
            ("ÉTÉ «Ärger» Straße", &["été", "«ärger»", "straße"]),
            // A word's last sigma has another form, even before a full stop.
            ("ΟΔΟΣ. ΣΑΣ", &["οδος", "σας"]),
        ];
        for (text, expected) in cases {
            let mut words = Vec::new();
            for_each_word(text, |word| words.push(word.to_owned()));
            assert_eq!(words, expected, "{text:?}");
        }
    }

    #[test]
    fn separators_are_keras_filter_and_the_space() {
        let filter = "!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n";
        for character in '\0'..='\u{ff}' {
            assert_eq!(
                is_separator(character),
                filter.contains(character) || character == ' ',
                "{character:?}"
            );
        }
    }
}
