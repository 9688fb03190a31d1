use std::cmp::Reverse;
use std::collections::HashMap;

use spec::Split;

use crate::examples::{Examples, Inputs};
use crate::text::encoded::EncodedTexts;
use crate::text::encoding::{Encoding, FIRST_WORD, UNKNOWN, append};
use crate::text::vocabulary::Vocabulary;
use crate::text::words::for_each_word;

/// Texts as sequences of word numbers, before the words are ranked.
#[derive(Debug, Default)]
pub(crate) struct Corpus {
    numbers: HashMap<String, u32>,
    texts: Vec<Text>,
    words: usize,
}

#[derive(Debug)]
struct Text {
    split: Split,
    id: u32,
    label: u16,
    words: Box<[u32]>,
}

impl Corpus {
    /// Adds a text. The order of calls does not matter; id and label must be unique within a split.
    pub fn add(&mut self, split: Split, id: u32, label: u16, text: &str) {
        let mut words = Vec::new();
        for_each_word(text, |word| {
            let number = match self.numbers.get(word) {
                Some(&number) => number,
                None => {
                    let number = self.numbers.len() as u32;
                    self.numbers.insert(word.to_owned(), number);
                    number
                }
            };
            words.push(number);
        });
        self.words += words.len();
        self.texts.push(Text {
            split,
            id,
            label,
            words: words.into(),
        });
    }

    /// Moves the first texts, in the order of adding, to these splits, and renumbers their labels: label
    /// `n` becomes `places[n]`.
    pub fn assign(&mut self, splits: &[Split], places: &[u16]) {
        for (text, &split) in self.texts.iter_mut().zip(splits) {
            text.split = split;
            text.label = places[usize::from(text.label)];
        }
    }

    /// The number of words in all texts.
    pub fn words(&self) -> usize {
        self.words
    }

    /// The number of words that differ from one another.
    pub fn distinct_words(&self) -> usize {
        self.numbers.len()
    }

    /// The number of texts.
    pub fn examples(&self) -> usize {
        self.texts.len()
    }

    /// The ids of a split's texts with this label, sorted.
    pub fn ids(&self, split: Split, label: u16) -> Vec<u32> {
        let texts = self.texts.iter();
        let texts = texts.filter(|text| text.split == split && text.label == label);
        let mut ids: Vec<u32> = texts.map(|text| text.id).collect();
        ids.sort_unstable();
        ids
    }

    /// Encodes the texts of each split, sorted by id and label, so that classes with the same ids
    /// take turns. The words are ranked by their frequency in the training texts.
    pub fn encode(self, encoding: &Encoding) -> EncodedTexts {
        let mut counts: Vec<u32> = vec![0; self.numbers.len()];
        for text in self.texts.iter().filter(|text| text.split == Split::Train) {
            for &word in &text.words {
                counts[word as usize] += 1;
            }
        }
        let mut ranked: Vec<(String, u32)> = self.numbers.into_iter().collect();
        ranked.retain(|&(_, number)| counts[number as usize] > 0);
        ranked.sort_unstable_by(|(a, a_number), (b, b_number)| {
            let key = |&number: &u32| Reverse(counts[number as usize]);
            key(a_number).cmp(&key(b_number)).then_with(|| a.cmp(b))
        });
        let reserved = FIRST_WORD as usize;
        ranked.truncate(encoding.vocabulary_size.saturating_sub(reserved));

        let mut ids = vec![UNKNOWN; counts.len()];
        let mut words = Vec::with_capacity(ranked.len());
        for ((word, number), id) in ranked.into_iter().zip(FIRST_WORD..) {
            ids[number as usize] = id;
            words.push(word);
        }
        let mut texts = self.texts;
        texts.sort_unstable_by_key(|text| (text.id, text.label));
        let of = |split| {
            let texts: Vec<&Text> = texts.iter().filter(|text| text.split == split).collect();
            examples(&texts, &ids, encoding.sequence_length)
        };
        EncodedTexts {
            train: of(Split::Train),
            validation: of(Split::Validation),
            test: of(Split::Test),
            vocabulary: Vocabulary::new(words),
        }
    }
}

fn examples(texts: &[&Text], ids: &[i32], sequence_length: usize) -> Examples {
    let mut tokens = Vec::with_capacity(texts.len() * sequence_length);
    for text in texts {
        let words = text.words.iter().map(|&word| ids[word as usize]);
        append(&mut tokens, words, sequence_length);
    }
    let labels = texts.iter().map(|text| text.label).collect();
    Examples::new(Inputs::Tokens(tokens), labels, sequence_length)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRAIN: [(u32, u16, &str); 3] = [(0, 1, "b a c, b!"), (1, 0, "A d c"), (0, 0, "<b>")];

    fn encoded(order: [usize; 3], vocabulary_size: usize) -> EncodedTexts {
        let mut corpus = Corpus::default();
        corpus.add(Split::Test, 0, 1, "z z z z a d");
        for index in order {
            let (id, label, text) = TRAIN[index];
            corpus.add(Split::Train, id, label, text);
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
