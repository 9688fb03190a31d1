use sha2::{Digest, Sha256};

use crate::checksum::hex;
use crate::dataset::kept;
use crate::{Dataset, Vocabulary};

/// The ids before those of words, as Keras's `imdb.load_data` gives them.
pub(crate) const PADDING: i32 = 0;
pub(crate) const START: i32 = 1;
pub(crate) const UNKNOWN: i32 = 2;
/// The id of the most frequent word.
pub(crate) const FIRST_WORD: i32 = 4;

/// How text becomes numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encoding {
    /// The ids there are, the four that are no words included.
    pub vocabulary_size: usize,
    /// Tokens of a review: of a longer one the last are kept, a shorter one is padded in front.
    pub sequence_length: usize,
}

/// Encoded reviews, and the words that the ids stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reviews {
    pub sets: Dataset<ReviewSet>,
    pub vocabulary: Vocabulary,
}

/// Encoded reviews of one length with a label each, 0 negative, 1 positive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReviewSet {
    tokens: Vec<i32>,
    labels: Vec<u8>,
    sequence_length: usize,
}

impl ReviewSet {
    /// # Panics
    ///
    /// If there are not as many labels as reviews.
    pub(crate) fn new(tokens: Vec<i32>, labels: Vec<u8>, sequence_length: usize) -> Self {
        let expected = labels.len() * sequence_length;
        assert_eq!(tokens.len(), expected, "a label per review");
        Self {
            tokens,
            labels,
            sequence_length,
        }
    }

    pub fn examples(&self) -> usize {
        self.labels.len()
    }

    pub fn sequence_length(&self) -> usize {
        self.sequence_length
    }

    /// The reviews one after another.
    pub fn tokens(&self) -> &[i32] {
        &self.tokens
    }

    pub fn into_tokens(self) -> Vec<i32> {
        self.tokens
    }

    pub fn labels(&self) -> &[u8] {
        &self.labels
    }

    /// The tokens that are not padding.
    pub fn words(&self) -> usize {
        let tokens = self.tokens.iter();
        tokens.filter(|&&token| token != PADDING).count()
    }

    /// Takes the last `fraction`, `[0, 1)`, of the examples off, as Keras's `validation_split`
    /// does: before any shuffle, and the remaining part rounded down.
    pub fn split_off_last(&mut self, fraction: f64) -> Self {
        let kept = kept(self.examples(), fraction);
        Self {
            tokens: self.tokens.split_off(kept * self.sequence_length),
            labels: self.labels.split_off(kept),
            sequence_length: self.sequence_length,
        }
    }

    /// The hash of the tokens and the labels in their order.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        hash.update((self.examples() as u64).to_le_bytes());
        hash.update((self.sequence_length as u64).to_le_bytes());
        for tokens in self.tokens.chunks(1 << 10) {
            let bytes: Vec<u8> = tokens.iter().flat_map(|id| id.to_le_bytes()).collect();
            hash.update(bytes);
        }
        hash.update(&self.labels);
        format!("sha256:{}", hex(&hash.finalize()))
    }
}

/// Appends a review of these words to `tokens`: the start before them, cut or padded in front to
/// `sequence_length`.
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

    fn numbered(count: u8) -> ReviewSet {
        let tokens = (0..i32::from(count)).flat_map(|number| [0, 1, number + 2]);
        let labels = (0..count).map(|number| number % 2).collect();
        ReviewSet::new(tokens.collect(), labels, 3)
    }

    #[test]
    fn is_cut_and_padded_in_front() {
        let review = |sequence_length| {
            let mut tokens = Vec::new();
            append(&mut tokens, [5, 6, 7].into_iter(), sequence_length);
            tokens
        };
        assert_eq!(review(6), [0, 0, 1, 5, 6, 7]);
        assert_eq!(review(4), [1, 5, 6, 7]);
        assert_eq!(review(3), [5, 6, 7]);
        assert_eq!(review(2), [6, 7]);
        assert_eq!(review(0), []);
    }

    #[test]
    fn the_last_examples_are_split_off() {
        let mut train = numbered(5);
        let validation = train.split_off_last(0.4);
        assert_eq!(train.labels(), [0, 1, 0]);
        assert_eq!(validation.labels(), [1, 0]);
        assert_eq!(validation.tokens(), [0, 1, 5, 0, 1, 6]);
        assert_eq!(validation.sequence_length(), 3);
        assert_eq!((train.words(), validation.words()), (6, 4));
    }

    #[test]
    fn the_digest_tells_tokens_labels_lengths_and_order_apart() {
        let set = numbered(6);
        let mut other_token = set.clone();
        other_token.tokens[5] = 9;
        let mut other_label = set.clone();
        other_label.labels[2] = 1;
        let empty = |sequence_length| ReviewSet::new(Vec::new(), Vec::new(), sequence_length);
        assert_eq!(set.digest(), numbered(6).digest());
        for other in [other_token, other_label, numbered(7)] {
            assert_ne!(set.digest(), other.digest());
        }
        assert_ne!(empty(2).digest(), empty(3).digest());
    }
}
