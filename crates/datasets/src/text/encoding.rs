use spec::InputSpec;

use crate::examples::PADDING;

// The ids before those of words, as in Keras's `imdb.load_data`. Id 0 is padding, 3 is not used.
pub(crate) const START: i32 = 1;
pub(crate) const UNKNOWN: i32 = 2;
/// The id of the most frequent word.
pub(crate) const FIRST_WORD: i32 = 4;

/// The parameters for encoding texts as token ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encoding {
    /// The largest number of ids, including the four that are not words.
    pub vocabulary_size: usize,
    /// Tokens per text: longer texts keep their last tokens, shorter ones are padded at the front.
    pub sequence_length: usize,
}

impl Encoding {
    /// The kind and shape of an encoded text.
    pub(crate) fn input(self) -> InputSpec {
        InputSpec::Tokens {
            vocabulary: self.vocabulary_size,
            length: self.sequence_length,
        }
    }
}

/// Appends a text to `tokens`: the start, then its words, cut or padded at the front to
/// `sequence_length` tokens.
pub(crate) fn append(
    tokens: &mut Vec<i32>,
    words: impl ExactSizeIterator<Item = i32>,
    sequence_length: usize,
) {
    let length = 1 + words.len();
    let padding = sequence_length.saturating_sub(length);
    let cut = length.saturating_sub(sequence_length);
    tokens.extend(std::iter::repeat_n(PADDING, padding));
    tokens.extend(std::iter::once(START).chain(words).skip(cut));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_and_padded_at_the_front() {
        let text = |sequence_length| {
            let mut tokens = Vec::new();
            append(&mut tokens, [5, 6, 7].into_iter(), sequence_length);
            tokens
        };
        assert_eq!(text(6), [0, 0, 1, 5, 6, 7]);
        assert_eq!(text(4), [1, 5, 6, 7]);
        assert_eq!(text(3), [5, 6, 7]);
        assert_eq!(text(2), [6, 7]);
        assert_eq!(text(0), [0; 0]);
    }
}
