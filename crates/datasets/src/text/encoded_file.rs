//! Files of encoded texts in the cache. Reading one takes a tenth of the time of encoding.
//!
//! A file holds, for training, validation and test, the number of examples, the tokens and the labels, and
//! last the vocabulary. Numbers are little-endian.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::cache::CachedBytes;
use crate::checksum::hex;
use crate::examples::{Examples, Inputs};
use crate::text::encoded::EncodedTexts;
use crate::text::encoding::Encoding;
use crate::text::vocabulary::Vocabulary;

/// Incremented when the words, their order or the file's layout change.
const VERSION: u32 = 3;

/// The path of the file for the texts with this checksum in this encoding.
pub(crate) fn path(folder: &Path, sha256: &str, encoding: &Encoding) -> PathBuf {
    let Encoding {
        vocabulary_size,
        sequence_length,
    } = encoding;
    // Lower case depends on the version of Unicode.
    let unicode = char::UNICODE_VERSION;
    let key = format!("{VERSION} {unicode:?} {sha256} {vocabulary_size} {sequence_length}");
    folder.join(format!("{}.bin", hex(&Sha256::digest(key))))
}

/// Reads a file that [`write`] wrote for so many classes; `None` if it is missing or damaged.
pub(crate) fn read(path: &Path, encoding: &Encoding, classes: usize) -> Option<EncodedTexts> {
    from_bytes(&CachedBytes::at(path).read()?, encoding, classes)
}

/// Parses the content of a file, made by [`to_bytes`] with the same encoding; `None` if it does not fit the
/// encoding.
pub fn from_bytes(bytes: &[u8], encoding: &Encoding, classes: usize) -> Option<EncodedTexts> {
    let mut rest = bytes;
    let train = examples(&mut rest, encoding.sequence_length)?;
    let validation = examples(&mut rest, encoding.sequence_length)?;
    let test = examples(&mut rest, encoding.sequence_length)?;
    let vocabulary = Vocabulary::from_text(str::from_utf8(rest).ok()?).ok()?;
    // The cache notices damage, but not a forged file. Models look ids up without checking them.
    let fits = |set: &Examples| {
        let ids = 0..vocabulary.len() as i32;
        let mut tokens = set.tokens().unwrap_or_default().iter();
        let mut labels = set.labels().iter();
        tokens.all(|id| ids.contains(id)) && labels.all(|&label| usize::from(label) < classes)
    };
    let sets = [&train, &validation, &test];
    if vocabulary.len() > encoding.vocabulary_size || !sets.into_iter().all(fits) {
        return None;
    }
    Some(EncodedTexts {
        train,
        validation,
        test,
        vocabulary,
    })
}

fn examples(bytes: &mut &[u8], sequence_length: usize) -> Option<Examples> {
    let (count, rest) = bytes.split_first_chunk()?;
    let examples = usize::try_from(u64::from_le_bytes(*count)).ok()?;
    let count = examples.checked_mul(sequence_length)?.checked_mul(4)?;
    let (tokens, rest) = rest.split_at_checked(count)?;
    let (labels, rest) = rest.split_at_checked(examples.checked_mul(2)?)?;
    *bytes = rest;
    let (labels, _) = labels.as_chunks();
    let labels = labels.iter().map(|&label| u16::from_le_bytes(label));
    let (tokens, _) = tokens.as_chunks();
    let tokens = tokens.iter().map(|&token| i32::from_le_bytes(token));
    let tokens = Inputs::Tokens(tokens.collect());
    Some(Examples::new(tokens, labels.collect(), sequence_length))
}

/// The content of the file for these texts.
pub fn to_bytes(texts: &EncodedTexts) -> Vec<u8> {
    let mut bytes = Vec::new();
    for set in [&texts.train, &texts.validation, &texts.test] {
        bytes.extend((set.len() as u64).to_le_bytes());
        bytes.extend(
            set.tokens()
                .unwrap_or_default()
                .iter()
                .flat_map(|token| token.to_le_bytes()),
        );
        bytes.extend(set.labels().iter().flat_map(|label| label.to_le_bytes()));
    }
    bytes.extend(texts.vocabulary.to_text().bytes());
    bytes
}

/// Writes the file completely or not at all. Creates the folder if needed.
pub(crate) fn write(path: &Path, texts: &EncodedTexts) -> std::io::Result<()> {
    CachedBytes::at(path).write(&to_bytes(texts))
}

#[cfg(test)]
mod tests {
    use spec::Split;

    use super::*;
    use crate::text::corpus::Corpus;

    /// Six training and four test reviews.
    fn reviews() -> EncodedTexts {
        let mut corpus = Corpus::default();
        for id in 0..5 {
            let split = if id < 3 { Split::Train } else { Split::Test };
            for (label, judgement) in [(0, "a dull and long"), (1, "a witty and short")] {
                let text = format!("{judgement} film with {id} heroes, isn't it?");
                corpus.add(split, id, label, &text);
            }
        }
        corpus.encode(&ENCODING)
    }

    const ENCODING: Encoding = Encoding {
        vocabulary_size: 50,
        sequence_length: 20,
    };

    #[test]
    fn comes_back_and_any_damage_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("not/there/yet");
        let [path, other] = ["source", "other"].map(|source| path(&folder, source, &ENCODING));
        let reviews = reviews();
        assert_eq!(read(&path, &ENCODING, 2), None);
        write(&path, &reviews).unwrap();
        assert_eq!(read(&path, &ENCODING, 2), Some(reviews));

        let whole = std::fs::read(&path).unwrap();
        // Under the name of the encoding of other texts, it is not that.
        std::fs::copy(&path, &other).unwrap();
        assert_eq!(read(&other, &ENCODING, 2), None);
        for position in (0..whole.len()).step_by(31) {
            let mut flipped = whole.clone();
            flipped[position] ^= 0x10;
            for damaged in [&flipped, &whole[..position]] {
                std::fs::write(&path, damaged).unwrap();
                assert_eq!(read(&path, &ENCODING, 2), None);
            }
        }
    }

    #[test]
    fn ids_without_a_word_and_other_labels_are_refused() {
        let reviews = reviews();
        let changed = |tokens: &[i32], label: u16, vocabulary_size| {
            let examples = |tokens: &[i32], labels, length| {
                Examples::new(Inputs::Tokens(tokens.to_vec()), labels, length)
            };
            let reviews = EncodedTexts {
                train: examples(&[], Vec::new(), tokens.len()),
                validation: examples(&[], Vec::new(), tokens.len()),
                test: examples(tokens, vec![label], tokens.len()),
                vocabulary: reviews.vocabulary.clone(),
            };
            let encoding = Encoding {
                vocabulary_size,
                sequence_length: tokens.len(),
            };
            from_bytes(&to_bytes(&reviews), &encoding, 2)
        };
        let ids = reviews.vocabulary.len();
        let last = ids as i32 - 1;
        assert!(changed(&[0, last], 1, ids).is_some());
        assert!(changed(&[0, last + 1], 1, ids).is_none());
        assert!(changed(&[-1, last], 1, ids).is_none());
        assert!(changed(&[0, last], 2, ids).is_none());
        assert!(changed(&[0, last], 1, ids - 1).is_none());
    }

    #[test]
    fn every_part_of_the_key_gives_another_file() {
        let path = |source, vocabulary_size, sequence_length| {
            let encoding = Encoding {
                vocabulary_size,
                sequence_length,
            };
            super::path(Path::new("cache"), source, &encoding)
        };
        let base = path("source", 50, 20);
        for other in [
            path("other", 50, 20),
            path("source", 51, 20),
            path("source", 50, 21),
        ] {
            assert_ne!(base, other);
        }
    }
}
