use std::borrow::Cow;
use std::collections::HashMap;

use crate::examples::PADDING;
use crate::text::encoding::{FIRST_WORD, START, UNKNOWN, append};
use crate::text::words::{for_each_word, is_separator};

/// The names of the ids before those of words. No word has such a name, since brackets separate words.
const RESERVED: [&str; FIRST_WORD as usize] = ["<pad>", "<start>", "<unknown>", "<unused>"];

/// The words of the token ids, most frequent first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vocabulary {
    words: Vec<String>,
    ids: HashMap<String, i32>,
}

/// How much of a text a model reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// The words of the text.
    pub words: usize,
    /// Those among the last ones, which the model reads, that are in the vocabulary.
    pub known: usize,
    /// Words at the beginning that the model does not read, since the text is too long.
    pub cut: usize,
}

/// The reason that a text is not a vocabulary. The message does not name the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VocabularyError {
    /// The text does not begin with the reserved ids.
    #[error("its first lines are not {}", RESERVED.join(", "))]
    Beginning,
    /// A line is not a word.
    #[error("line {line} is {found:?}, not a word")]
    NoWord {
        /// The line, counted from 1.
        line: usize,
        /// The content of the line.
        found: String,
    },
    /// A word has two ids.
    #[error("line {line} repeats the word {word:?}")]
    Twice {
        /// The second line with the word, counted from 1.
        line: usize,
        /// The word.
        word: String,
    },
    /// The last line does not end in a newline.
    #[error("its last line is cut off")]
    End,
}

impl Vocabulary {
    /// A vocabulary of distinct words in the order of their ids.
    pub(crate) fn new(words: Vec<String>) -> Self {
        let ids = words.iter().cloned().zip(FIRST_WORD..).collect();
        Self { words, ids }
    }

    /// The number of ids, including the four that are not words.
    #[expect(clippy::len_without_is_empty, reason = "there are always four ids")]
    pub fn len(&self) -> usize {
        RESERVED.len() + self.words.len()
    }

    /// The words, most frequent first.
    pub fn words(&self) -> impl ExactSizeIterator<Item = &str> {
        self.words.iter().map(String::as_str)
    }

    /// The word of an id, or the name of one that is no word.
    pub(crate) fn word(&self, id: i32) -> &str {
        let id = usize::try_from(id).unwrap_or(UNKNOWN as usize);
        let word = id
            .checked_sub(RESERVED.len())
            .map(|index| self.words.get(index));
        match word {
            None => RESERVED[id],
            Some(word) => word.map_or(RESERVED[UNKNOWN as usize], String::as_str),
        }
    }

    /// The words of token ids, without the padding and the start.
    pub fn decode(&self, tokens: &[i32]) -> String {
        let words = tokens.iter().filter(|&&id| id != PADDING && id != START);
        let words: Vec<&str> = words.map(|&id| self.word(id)).collect();
        words.join(" ")
    }

    /// Encodes a text in the same way as the data set, to `sequence_length` token ids.
    pub fn encode(&self, text: &str, sequence_length: usize) -> Vec<i32> {
        self.read(text, sequence_length).0
    }

    /// Encodes a text, and tells how much of it is known.
    pub fn read(&self, text: &str, sequence_length: usize) -> (Vec<i32>, Coverage) {
        let mut ids = Vec::new();
        for_each_word(text, |word| {
            ids.push(self.ids.get(word).copied().unwrap_or(UNKNOWN));
        });
        let cut = ids.len().saturating_sub(sequence_length);
        let coverage = Coverage {
            words: ids.len(),
            known: ids[cut..].iter().filter(|&&id| id != UNKNOWN).count(),
            cut,
        };
        let mut tokens = Vec::with_capacity(sequence_length);
        append(&mut tokens, ids.into_iter(), sequence_length);
        (tokens, coverage)
    }

    /// The words, one line per id, starting at id 0.
    pub fn to_text(&self) -> String {
        let words = self.words.iter().map(String::as_str);
        let lines = RESERVED.into_iter().chain(words);
        lines.flat_map(|line| [line, "\n"]).collect()
    }

    /// Parses a text made by [`to_text`](Self::to_text).
    ///
    /// # Errors
    ///
    /// If the text is not a vocabulary.
    pub fn from_text(text: &str) -> Result<Self, VocabularyError> {
        let text = as_written(text);
        let text = text.strip_suffix('\n').ok_or(VocabularyError::End)?;
        // Not `lines`, which strips carriage returns: they may be part of a word.
        let mut lines = (1..).zip(text.split('\n'));
        for reserved in RESERVED {
            if lines.next().is_none_or(|(_, found)| found != reserved) {
                return Err(VocabularyError::Beginning);
            }
        }
        let mut words = Vec::new();
        let mut ids = HashMap::new();
        for ((line, word), id) in lines.zip(FIRST_WORD..) {
            let word = word.to_owned();
            if word.is_empty() || word.contains(is_separator) {
                return Err(VocabularyError::NoWord { line, found: word });
            }
            if ids.insert(word.clone(), id).is_some() {
                return Err(VocabularyError::Twice { line, word });
            }
            words.push(word);
        }
        Ok(Self { words, ids })
    }
}

/// The text without what an editor on Windows adds: a byte order mark, and carriage returns at the end
/// of all lines.
fn as_written(text: &str) -> Cow<'_, str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let is_changed = text
        .strip_prefix(RESERVED[0])
        .is_some_and(|rest| rest.starts_with("\r\n"));
    if is_changed {
        text.replace("\r\n", "\n").into()
    } else {
        text.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vocabulary(words: &[&str]) -> Vocabulary {
        Vocabulary::new(words.iter().map(|&word| word.to_owned()).collect())
    }

    #[test]
    fn encodes_known_and_unknown_words() {
        let vocabulary = vocabulary(&["the", "film", "isn't"]);
        assert_eq!(vocabulary.len(), 7);
        assert_eq!(
            vocabulary.encode("The FILM isn't <b>good</b>.", 8),
            [0, 1, 4, 5, 6, 2, 2, 2]
        );
        assert_eq!(vocabulary.encode("The film isn't", 2), [5, 6]);
        assert_eq!(vocabulary.encode("", 3), [0, 0, 1]);
        let (_, coverage) = vocabulary.read("The FILM isn't <b>good</b>.", 3);
        assert_eq!((coverage.words, coverage.known, coverage.cut), (6, 0, 3));
        let (_, coverage) = vocabulary.read("The FILM isn't <b>good</b>.", 8);
        assert_eq!((coverage.words, coverage.known, coverage.cut), (6, 3, 0));
    }

    #[test]
    fn comes_back_from_its_text() {
        let words = [
            "the",
            "isn't",
            "été",
            "a\rb",
            "end\r",
            "no\u{a0}break",
            "\u{2028}",
        ];
        for vocabulary in [vocabulary(&words), vocabulary(&[])] {
            let text = vocabulary.to_text();
            assert_eq!(text.matches('\n').count(), vocabulary.len());
            assert_eq!(Vocabulary::from_text(&text), Ok(vocabulary));
        }
        let saved_on_windows = "\u{feff}<pad>\r\n<start>\r\n<unknown>\r\n<unused>\r\nthe\r\n";
        assert_eq!(
            Vocabulary::from_text(saved_on_windows),
            Ok(vocabulary(&["the"]))
        );
        assert_eq!(
            vocabulary(&["the"]).to_text(),
            "<pad>\n<start>\n<unknown>\n<unused>\nthe\n"
        );
    }

    #[test]
    fn errors_name_the_problem() {
        let start = "<pad>\n<start>\n<unknown>\n<unused>\n";
        let cases = [
            ("", "last line is cut off"),
            ("the\n", "not <pad>, <start>, <unknown>, <unused>"),
            ("<pad>\n<start>\n", "not <pad>"),
            (&format!("{start}the\nfil"), "last line is cut off"),
            (&format!("{start}the\n\n"), "line 6 is \"\", not a word"),
            (&format!("{start}a b\n"), "line 5 is \"a b\", not a word"),
            (
                &format!("{start}the\na\nthe\n"),
                "line 7 repeats the word \"the\"",
            ),
        ];
        for (text, expected) in cases {
            let error = Vocabulary::from_text(text).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
            assert_eq!(error.lines().count(), 1, "{error}");
        }
    }
}
