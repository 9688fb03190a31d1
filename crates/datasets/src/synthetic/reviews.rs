//! Reviews made of a few phrases. Easier than what people write; nothing learnt about them holds
//! for theirs.

use random::{Purpose, Stream, unit};

use crate::corpus::{Corpus, Split};
use crate::{Encoding, Reviews};

const ASPECTS: [&str; 16] = [
    "plot", "acting", "music", "ending", "dialogue", "cast", "editing", "script", "story",
    "scenery", "humour", "villain", "pacing", "hero", "lighting", "finale",
];
const VERBS: [&str; 6] = ["was", "is", "felt", "seemed", "looked", "turned out"];
const DEGREES: [&str; 8] = [
    "really", "quite", "simply", "rather", "truly", "mostly", "so", "utterly",
];
/// Of the negative reviews, and of the positive ones: at their labels.
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

/// Texts about films, encoded as any; the classes take turns.
pub fn reviews(train_examples: usize, test_examples: usize, encoding: &Encoding) -> Reviews {
    let mut corpus = Corpus::default();
    for (split, examples) in [(Split::Train, train_examples), (Split::Test, test_examples)] {
        for (index, label) in (0..).zip([0, 1].into_iter().cycle()).take(examples) {
            corpus.add(split, index, label, &review(split, index, label));
        }
    }
    corpus.encode("synthetic reviews", encoding)
}

fn review(split: Split, index: u32, label: u8) -> String {
    let stream = Stream::new(0, Purpose::SyntheticReviews, split as u32, index);
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
    // Some of what a review says is against its own tendency.
    let side = match unit(agreement) < 0.95 {
        true => label,
        false => 1 - label,
    };
    // And some is said by denying the opposite, which takes more than counting words to see.
    let judgement = match unit(negation) < 0.8 {
        true => pick(&JUDGEMENTS[side], a).to_owned(),
        false => format!("not {}", pick(&JUDGEMENTS[1 - side], a)),
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
    use crate::ReviewSet;

    const ENCODING: Encoding = Encoding {
        vocabulary_size: 400,
        sequence_length: 100,
    };

    #[test]
    fn are_the_same_every_time_and_differ_between_splits() {
        let reviews = super::reviews(20, 20, &ENCODING);
        assert_eq!(reviews, super::reviews(20, 20, &ENCODING));
        assert_ne!(reviews.sets.train, reviews.sets.test);
        assert_eq!(reviews.sets.train.labels()[..4], [0, 1, 0, 1]);
        // More examples are a continuation: with the same vocabulary the same tokens.
        let longer = super::reviews(20, 30, &ENCODING).sets.test;
        let tokens = reviews.sets.test.tokens();
        assert_eq!(longer.tokens()[..tokens.len()], *tokens);
        assert_eq!(longer.examples(), 30);
    }

    /// Guards the texts and their encoding: results on these reviews are only comparable while
    /// both stay.
    #[test]
    fn have_not_changed() {
        assert_eq!(
            super::reviews(20, 0, &ENCODING).sets.train.digest(),
            "sha256:2a9cc6bf6b710a967be18493960f2a2ca7e62694b54de2ec5ad8f0d83644c76f"
        );
    }

    /// The reviews' different words, without padding.
    fn bags(set: &ReviewSet) -> Vec<(Vec<usize>, usize)> {
        let reviews = set.tokens().chunks(set.sequence_length());
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
        let Reviews { sets, vocabulary } = super::reviews(2000, 1000, &ENCODING);
        assert!(vocabulary.len() > 100, "{}", vocabulary.len());
        // Naive Bayes on which words occur.
        let mut counts = vec![[1.0_f64; 2]; vocabulary.len()];
        for (bag, label) in bags(&sets.train) {
            for id in bag {
                counts[id][label] += 1.0;
            }
        }
        let right = |(bag, label): &(Vec<usize>, usize)| {
            let odds = bag.iter().map(|&id| (counts[id][1] / counts[id][0]).ln());
            (odds.sum::<f64>() > 0.0) == (*label == 1)
        };
        let right = bags(&sets.test).iter().filter(|bag| right(bag)).count();
        assert!(
            (900..970).contains(&right),
            "{right} of 1000: too hard or too easy"
        );
    }
}
