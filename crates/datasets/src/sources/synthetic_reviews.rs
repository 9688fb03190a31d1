//! Reviews made of a few phrases. They are easier than people's: results on them say nothing about
//! real reviews.

use random::{Purpose, Stream, unit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use spec::{DataSpec, Fraction, Problem, Split};

use crate::dataset::Dataset;
use crate::error::DataError;
use crate::preprocessing::Preprocessing;
use crate::progress::Progress;
use crate::settings::{SequenceLength, SetSize, VocabularySize};
use crate::source::{Places, Source, Validation};
use crate::text::corpus::Corpus;
use crate::text::encoded::EncodedTexts;
use crate::text::encoding::Encoding;
use crate::{described, settings};

/// Film reviews that hearth makes up, easier than people's. They need no files and no network, and are
/// the same on every machine and for every seed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SyntheticReviews {
    /// The number of reviews for training.
    #[serde(default = "settings::train_examples")]
    pub train_examples: SetSize,
    /// The number of reviews for the test.
    #[serde(default = "settings::test_examples")]
    pub test_examples: SetSize,
    /// The number of token ids: padding, start, unknown, one unused, then the most frequent words.
    #[serde(default = "settings::vocabulary_size")]
    pub vocabulary_size: VocabularySize,
    /// Tokens per review: longer reviews keep their last tokens, shorter ones are padded at the front.
    #[serde(default = "settings::sequence_length")]
    pub sequence_length: SequenceLength,
    /// The fraction of the training set, from its end, to hold out for validation.
    #[serde(default = "settings::validation_fraction")]
    pub validation_fraction: Fraction,
    /// Whether to validate on the test set. If validation is then used to choose among models or
    /// epochs, the test score is biased.
    #[serde(default)]
    pub validate_on_test: bool,
}

impl SyntheticReviews {
    fn encoding(&self) -> Encoding {
        settings::encoding(self.vocabulary_size, self.sequence_length)
    }
}

impl Source for SyntheticReviews {
    fn check(&self) -> Result<(), Problem> {
        settings::one_validation(self.validation_fraction, self.validate_on_test)
    }

    fn spec(&self) -> Option<DataSpec> {
        Some(described::reviews(self.encoding()))
    }

    fn validation(&self) -> Validation {
        settings::validation(self.validation_fraction, self.validate_on_test)
    }

    fn load(&self, _: &Places, _: &mut dyn FnMut(Progress)) -> Result<Dataset, DataError> {
        let (train, test) = (self.train_examples.get(), self.test_examples.get());
        let mut reviews = reviews(train, test, &self.encoding());
        let validation = reviews
            .train
            .hold_out_last(self.validation_fraction.get())?;
        Ok(Dataset {
            name: "synthetic reviews".to_owned(),
            spec: described::reviews(self.encoding()),
            train: reviews.train,
            validation,
            test: reviews.test,
            preprocessing: Preprocessing::Vocabulary(reviews.vocabulary),
            noticed: None,
            splits: None,
        })
    }
}

const ASPECTS: [&str; 16] = [
    "plot", "acting", "music", "ending", "dialogue", "cast", "editing", "script", "story",
    "scenery", "humour", "villain", "pacing", "hero", "lighting", "finale",
];
const VERBS: [&str; 6] = ["was", "is", "felt", "seemed", "looked", "turned out"];
const DEGREES: [&str; 8] = [
    "really", "quite", "simply", "rather", "truly", "mostly", "so", "utterly",
];
/// The judgements of negative and of positive reviews, by label.
const JUDGEMENTS: [[&str; 16]; 2] = [
    [
        "awful", "boring", "dull", "terrible", "clumsy", "lazy", "tedious", "annoying", "wooden",
        "painful", "silly", "bad", "weak", "tiresome", "shallow", "stale",
    ],
    [
        "superb", "moving", "charming", "clever", "gripping", "funny", "touching", "original",
        "good", "strong", "splendid", "fresh", "lovely", "witty", "elegant", "great",
    ],
];
/// The verdicts of negative and of positive reviews, by label.
const VERDICTS: [[&str; 6]; 2] = [
    [
        "What a waste of time!",
        "I want my two hours back.",
        "Avoid it.",
        "I nearly fell asleep.",
        "Don't bother.",
        "My rating: 2/10.",
    ],
    [
        "I'd watch it again tomorrow!",
        "Don't miss it.",
        "It's worth every minute.",
        "I laughed and I cried.",
        "See it with somebody you love.",
        "My rating: 9/10.",
    ],
];
const PEOPLE: [&str; 8] = [
    "Ada", "Tom", "Maria", "Jules", "Ivan", "Grace", "Otto", "Yuki",
];
const PARTS: [&str; 8] = [
    "a spy", "a widow", "a thief", "a singer", "a nurse", "a priest", "a mayor", "a sailor",
];
const PLACES: [&str; 8] = [
    "Paris", "Rome", "New York", "space", "a desert", "London", "the Alps", "Tokyo",
];

const FEWEST_SENTENCES: usize = 4;
const MOST_SENTENCES: usize = 12;
/// Random words for the review as a whole, and for each sentence.
const WORDS: usize = 8;

/// Makes up and encodes reviews; negative and positive ones take turns.
pub fn reviews(train_examples: usize, test_examples: usize, encoding: &Encoding) -> EncodedTexts {
    let mut corpus = Corpus::default();
    let halves = [(Split::Train, train_examples), (Split::Test, test_examples)];
    for ((split, examples), half) in halves.into_iter().zip(0..) {
        for (index, label) in (0..).zip([0, 1].into_iter().cycle()).take(examples) {
            corpus.add(split, index, label, &review(half, index, label));
        }
    }
    corpus.encode(encoding)
}

/// A review of the training half, 0, or the test half, 1.
fn review(half: u32, index: u32, label: u16) -> String {
    let stream = Stream::new(0, Purpose::SyntheticReviews, half, index);
    let words = stream.words(WORDS * (1 + MOST_SENTENCES));
    let (words, _) = words.as_chunks::<WORDS>();
    let [length, ..] = words[0];
    let sentences = FEWEST_SENTENCES + below(length, MOST_SENTENCES - FEWEST_SENTENCES + 1);
    let mut text = String::new();
    for words in &words[1..=sentences] {
        text += &sentence(words, usize::from(label));
        text += pick(&[" ", " ", "\n", "<br /><br />"], words[WORDS - 1]);
    }
    text
}

fn sentence(words: &[u32; WORDS], label: usize) -> String {
    let [kind, agreement, negation, a, b, c, d, _] = *words;
    // Some sentences contradict the review's label.
    let side = if unit(agreement) < 0.95 {
        label
    } else {
        1 - label
    };
    // Some negate the opposite, which a model that only counts words cannot see.
    let judgement = if unit(negation) < 0.8 {
        pick(&JUDGEMENTS[side], a).to_owned()
    } else {
        format!("not {}", pick(&JUDGEMENTS[1 - side], a))
    };
    let (aspect, verb, degree) = (pick(&ASPECTS, b), pick(&VERBS, c), pick(&DEGREES, d));
    let (person, part, place) = (pick(&PEOPLE, d), pick(&PARTS, b), pick(&PLACES, c));
    match below(kind, 10) {
        0 => format!("It's the story of {part}, set in {place}."),
        1 => format!("In the film {person} plays {part} from {place}."),
        2 => format!("I saw it in {place} after I'd heard of the {aspect}."),
        3 => pick(&VERDICTS[side], a).to_owned(),
        4 | 5 => format!("I found the {aspect} {degree} {judgement}."),
        6 => format!("{person} {verb} {judgement} as {part}!"),
        _ => format!("The {aspect} {verb} {judgement}."),
    }
}

fn pick<'a>(choices: &[&'a str], word: u32) -> &'a str {
    choices[below(word, choices.len())]
}

fn below(word: u32, bound: usize) -> usize {
    ((u64::from(word) * bound as u64) >> 32) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::Examples;

    const ENCODING: Encoding = Encoding {
        vocabulary_size: 400,
        sequence_length: 100,
    };

    #[test]
    fn are_the_same_every_time_and_differ_between_halves() {
        let reviews = super::reviews(20, 20, &ENCODING);
        assert_eq!(reviews, super::reviews(20, 20, &ENCODING));
        assert_ne!(reviews.train, reviews.test);
        assert_eq!(reviews.train.labels()[..4], [0, 1, 0, 1]);
        // More examples continue the sequence, with the same tokens as long as the vocabulary is the
        // same.
        let longer = super::reviews(20, 30, &ENCODING).test;
        let tokens = reviews.test.tokens().unwrap();
        assert_eq!(longer.tokens().unwrap()[..tokens.len()], *tokens);
        assert_eq!(longer.len(), 30);
    }

    /// Results on these reviews are comparable only as long as the texts and their encoding stay the
    /// same.
    #[test]
    fn have_not_changed() {
        assert_eq!(
            super::reviews(20, 0, &ENCODING).train.digest(),
            "sha256:2a9cc6bf6b710a967be18493960f2a2ca7e62694b54de2ec5ad8f0d83644c76f"
        );
    }

    /// The distinct words of each review, without padding, and its label.
    fn bags(set: &Examples) -> Vec<(Vec<usize>, usize)> {
        let reviews = set.tokens().unwrap().chunks(set.width());
        let labels = set.labels().iter().map(|&label| usize::from(label));
        let bag = |tokens: &[i32]| {
            let mut bag: Vec<usize> = tokens.iter().map(|&token| token as usize).collect();
            bag.sort_unstable();
            bag.dedup();
            bag.retain(|&id| id != 0);
            bag
        };
        reviews.map(bag).zip(labels).collect()
    }

    #[test]
    fn counting_words_tells_most_reviews_apart_but_does_not_suffice() {
        let EncodedTexts {
            train,
            test,
            vocabulary,
            ..
        } = super::reviews(2000, 1000, &ENCODING);
        assert!(vocabulary.len() > 100, "{}", vocabulary.len());
        // Naive Bayes on which words occur.
        let mut counts = vec![[1.0_f64; 2]; vocabulary.len()];
        for (bag, label) in bags(&train) {
            for id in bag {
                counts[id][label] += 1.0;
            }
        }
        let right = |(bag, label): &(Vec<usize>, usize)| {
            let odds = bag.iter().map(|&id| (counts[id][1] / counts[id][0]).ln());
            (odds.sum::<f64>() > 0.0) == (*label == 1)
        };
        let right = bags(&test).iter().filter(|bag| right(bag)).count();
        assert!(
            (900..970).contains(&right),
            "{right} of 1000: too hard or too easy"
        );
    }
}
