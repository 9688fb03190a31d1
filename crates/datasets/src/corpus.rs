use std::cmp::Reverse;
use std::collections::HashMap;

use crate::reviews::{FIRST_WORD, UNKNOWN, append};
use crate::words::for_each_word;
use crate::{Dataset, Encoding, ReviewSet, Reviews, Vocabulary};

/// The two parts that the makers of a data set split it into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Split {
    Train,
    Test,
}

/// Reviews as numbers of words, before it is known which words get ids.
#[derive(Debug, Default)]
pub(crate) struct Corpus {
    numbers: HashMap<String, u32>,
    /// How often the training split has each word, by number.
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
    /// Adds a review; the order does not matter, and no two of a split share id and label.
    pub fn add(&mut self, split: Split, id: u32, label: u8, text: &str) {
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
        let reviews = match split {
            Split::Train => {
                for &word in &words {
                    self.counts[word as usize] += 1;
                }
                &mut self.train
            }
            Split::Test => &mut self.test,
        };
        reviews.push(Review {
            id,
            label,
            words: words.into(),
        });
    }

    pub fn examples(&self) -> usize {
        self.train.len() + self.test.len()
    }

    /// The ids of a split's reviews with this label, ascending.
    pub fn ids(&self, split: Split, label: u8) -> Vec<u32> {
        let reviews = match split {
            Split::Train => &self.train,
            Split::Test => &self.test,
        };
        let reviews = reviews.iter().filter(|review| review.label == label);
        let mut ids: Vec<u32> = reviews.map(|review| review.id).collect();
        ids.sort_unstable();
        ids
    }

    /// The reviews by id and label, so that the classes take turns.
    pub fn encode(self, name: &'static str, encoding: &Encoding) -> Reviews {
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
        Reviews {
            sets: Dataset {
                name,
                train: review_set(self.train, &ids, encoding.sequence_length),
                test: review_set(self.test, &ids, encoding.sequence_length),
            },
            vocabulary: Vocabulary::new(words),
        }
    }
}

fn review_set(mut reviews: Vec<Review>, ids: &[i32], sequence_length: usize) -> ReviewSet {
    reviews.sort_unstable_by_key(|review| (review.id, review.label));
    let mut tokens = Vec::with_capacity(reviews.len() * sequence_length);
    for review in &reviews {
        let words = review.words.iter().map(|&word| ids[word as usize]);
        append(&mut tokens, words, sequence_length);
    }
    let labels = reviews.iter().map(|review| review.label).collect();
    ReviewSet::new(tokens, labels, sequence_length)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRAIN: [(u32, u8, &str); 3] = [(0, 1, "b a c, b!"), (1, 0, "A d c"), (0, 0, "<b>")];

    fn encoded(order: [usize; 3], vocabulary_size: usize) -> Reviews {
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
        corpus.encode("letters", &encoding)
    }

    #[test]
    fn the_words_of_the_training_split_are_ranked_and_ties_go_by_the_word() {
        let reviews = encoded([0, 1, 2], 100);
        let words = "<pad>\n<start>\n<unknown>\n<unused>\nb\na\nc\nd\n";
        assert_eq!(reviews.vocabulary.to_text(), words);
        // By id and label: "<b>", "b a c, b!", "A d c".
        let expected = [[0, 0, 0, 1, 4], [1, 4, 5, 6, 4], [0, 1, 5, 7, 6]];
        assert_eq!(reviews.sets.train.tokens(), expected.as_flattened());
        assert_eq!(reviews.sets.train.labels(), [0, 1, 0]);
        assert_eq!(reviews.sets.test.tokens(), [2, 2, 2, 5, 7]);
    }

    #[test]
    fn ids_stay_below_the_vocabularys_size() {
        let reviews = encoded([0, 1, 2], 6);
        assert_eq!(reviews.vocabulary.len(), 6);
        assert_eq!(reviews.sets.train.tokens()[5..10], [1, 4, 5, 2, 4]);
        for size in [0, 4] {
            let reviews = encoded([0, 1, 2], size);
            assert_eq!(reviews.vocabulary.len(), 4);
            assert_eq!(reviews.sets.test.tokens(), [2, 2, 2, 2, 2]);
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
        let Reviews { sets, vocabulary } = encoded([0, 1, 2], 6);
        let texts: Vec<i32> = [2, 0, 1]
            .into_iter()
            .flat_map(|index| vocabulary.encode(TRAIN[index].2, 5))
            .collect();
        assert_eq!(sets.train.tokens(), texts);
    }
}
