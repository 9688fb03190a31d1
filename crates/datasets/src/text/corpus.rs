use std::cmp::Reverse;
use std::collections::HashMap;

use crate::examples::{Examples, Inputs};
use crate::text::encoded::EncodedTexts;
use crate::text::encoding::{Encoding, FIRST_WORD, UNKNOWN, append};
use crate::text::vocabulary::Vocabulary;
use crate::text::words::for_each_word;

/// The published halves of a data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Half {
    Train,
    Test,
}

/// Reviews as sequences of word numbers, before the words are ranked.
#[derive(Debug, Default)]
pub(crate) struct Corpus {
    numbers: HashMap<String, u32>,
    /// The frequency of each word in the training half, by word number.
    counts: Vec<u32>,
    train: Vec<Review>,
    test: Vec<Review>,
}

#[derive(Debug)]
struct Review {
    id: u32,
    label: u8,
    words: Box<[u32]>,
}

impl Corpus {
    /// Adds a text. The order of calls does not matter; id and label must be unique within a half.
    pub fn add(&mut self, half: Half, id: u32, label: u8, text: &str) {
        let mut words = Vec::new();
        for_each_word(text, |word| {
            let number = match self.numbers.get(word) {
                Some(&number) => number,
                None => {
                    let number = self.counts.len() as u32;
                    self.numbers.insert(word.to_owned(), number);
                    self.counts.push(0);
                    number
                }
            };
            words.push(number);
        });
        let reviews = match half {
            Half::Train => {
                for &word in &words {
                    self.counts[word as usize] += 1;
                }
                &mut self.train
            }
            Half::Test => &mut self.test,
        };
        reviews.push(Review {
            id,
            label,
            words: words.into(),
        });
    }

    /// The number of texts in both halves.
    pub fn examples(&self) -> usize {
        self.train.len() + self.test.len()
    }

    /// The ids of a half's texts with this label, sorted.
    pub fn ids(&self, half: Half, label: u8) -> Vec<u32> {
        let reviews = match half {
            Half::Train => &self.train,
            Half::Test => &self.test,
        };
        let reviews = reviews.iter().filter(|review| review.label == label);
        let mut ids: Vec<u32> = reviews.map(|review| review.id).collect();
        ids.sort_unstable();
        ids
    }

    /// Encodes the reviews, sorted by id and label, so that the classes take turns.
    pub fn encode(self, encoding: &Encoding) -> EncodedTexts {
        let mut ranked: Vec<(String, u32)> = self.numbers.into_iter().collect();
        ranked.retain(|&(_, number)| self.counts[number as usize] > 0);
        ranked.sort_unstable_by(|(a, a_number), (b, b_number)| {
            let key = |&number: &u32| Reverse(self.counts[number as usize]);
            key(a_number).cmp(&key(b_number)).then_with(|| a.cmp(b))
        });
        let reserved = FIRST_WORD as usize;
        ranked.truncate(encoding.vocabulary_size.saturating_sub(reserved));

        let mut ids = vec![UNKNOWN; self.counts.len()];
        let mut words = Vec::with_capacity(ranked.len());
        for ((word, number), id) in ranked.into_iter().zip(FIRST_WORD..) {
            ids[number as usize] = id;
            words.push(word);
        }
        EncodedTexts {
            train: examples(self.train, &ids, encoding.sequence_length),
            test: examples(self.test, &ids, encoding.sequence_length),
            vocabulary: Vocabulary::new(words),
        }
    }
}

fn examples(mut reviews: Vec<Review>, ids: &[i32], sequence_length: usize) -> Examples {
    reviews.sort_unstable_by_key(|review| (review.id, review.label));
    let mut tokens = Vec::with_capacity(reviews.len() * sequence_length);
    for review in &reviews {
        let words = review.words.iter().map(|&word| ids[word as usize]);
        append(&mut tokens, words, sequence_length);
    }
    let labels = reviews.iter().map(|review| review.label).collect();
    Examples::new(Inputs::Tokens(tokens), labels, sequence_length)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRAIN: [(u32, u8, &str); 3] = [(0, 1, "b a c, b!"), (1, 0, "A d c"), (0, 0, "<b>")];

    fn encoded(order: [usize; 3], vocabulary_size: usize) -> EncodedTexts {
        let mut corpus = Corpus::default();
        corpus.add(Half::Test, 0, 1, "z z z z a d");
        for index in order {
            let (id, label, text) = TRAIN[index];
            corpus.add(Half::Train, id, label, text);
        }
        let encoding = Encoding {
            vocabulary_size,
            sequence_length: 5,
        };
        corpus.encode(&encoding)
    }

    #[test]
    fn words_are_ranked_by_frequency_in_the_training_split_then_by_their_bytes() {
        let reviews = encoded([0, 1, 2], 100);
        let words = "<pad>\n<start>\n<unknown>\n<unused>\nb\na\nc\nd\n";
        assert_eq!(reviews.vocabulary.to_text(), words);
        // Sorted by id and label: "<b>", "b a c, b!", "A d c".
        let expected = [[0, 0, 0, 1, 4], [1, 4, 5, 6, 4], [0, 1, 5, 7, 6]];
        assert_eq!(reviews.train.tokens().unwrap(), expected.as_flattened());
        assert_eq!(reviews.train.labels(), [0, 1, 0]);
        assert_eq!(reviews.test.tokens().unwrap(), [2, 2, 2, 5, 7]);
    }

    #[test]
    fn ids_stay_below_the_vocabularys_size() {
        let reviews = encoded([0, 1, 2], 6);
        assert_eq!(reviews.vocabulary.len(), 6);
        assert_eq!(reviews.train.tokens().unwrap()[5..10], [1, 4, 5, 2, 4]);
        for size in [0, 4] {
            let reviews = encoded([0, 1, 2], size);
            assert_eq!(reviews.vocabulary.len(), 4);
            assert_eq!(reviews.test.tokens().unwrap(), [2, 2, 2, 2, 2]);
        }
    }

    #[test]
    fn the_order_of_adding_does_not_matter() {
        for order in [[2, 1, 0], [1, 2, 0], [0, 2, 1]] {
            assert_eq!(encoded(order, 7), encoded([0, 1, 2], 7));
        }
    }

    #[test]
    fn a_text_is_encoded_as_in_the_sets() {
        let EncodedTexts {
            train, vocabulary, ..
        } = encoded([0, 1, 2], 6);
        let texts: Vec<i32> = [2, 0, 1]
            .into_iter()
            .flat_map(|index| vocabulary.encode(TRAIN[index].2, 5))
            .collect();
        assert_eq!(train.tokens().unwrap(), texts);
    }
}
