//! Encoded reviews in the cache: reading them takes a tenth of the time that encoding does.
//!
//! A file is the SHA-256 of the rest, then for each split its number of examples, tokens and
//! labels, then the vocabulary; numbers are little-endian.

use std::io::Write;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use crate::checksum::hex;
use crate::{Dataset, Encoding, ReviewSet, Reviews, Vocabulary};

/// Goes up when the words, the order or the file come out differently.
const VERSION: u32 = 1;
/// Bytes of a SHA-256.
const HASH: usize = 32;

/// The file for the source with this checksum, encoded this way.
pub(crate) fn path(folder: &Path, sha256: &str, encoding: &Encoding) -> PathBuf {
    let Encoding {
        vocabulary_size,
        sequence_length,
    } = encoding;
    // What lower case is depends on the version of Unicode.
    let unicode = char::UNICODE_VERSION;
    let key = format!("{VERSION} {unicode:?} {sha256} {vocabulary_size} {sequence_length}");
    folder.join(format!("{}.bin", hex(&Sha256::digest(key))))
}

/// What [`write`] wrote; nothing where the file is missing or damaged.
pub(crate) fn read(path: &Path, name: &'static str, encoding: &Encoding) -> Option<Reviews> {
    from_bytes(&std::fs::read(path).ok()?, name, encoding)
}

/// What [`to_bytes`] gave; nothing where it was damaged.
pub fn from_bytes(bytes: &[u8], name: &'static str, encoding: &Encoding) -> Option<Reviews> {
    let (hash, mut rest) = bytes.split_at_checked(HASH)?;
    if *hash != *Sha256::digest(rest) {
        return None;
    }
    let train = review_set(&mut rest, encoding.sequence_length)?;
    let test = review_set(&mut rest, encoding.sequence_length)?;
    let vocabulary = Vocabulary::from_text(str::from_utf8(rest).ok()?).ok()?;
    // The hash tells damage, not what somebody else put there: models look ids up unchecked.
    let fits = |set: &ReviewSet| {
        let ids = 0..vocabulary.len() as i32;
        set.tokens().iter().all(|id| ids.contains(id))
            && set.labels().iter().all(|&label| label < 2)
    };
    if vocabulary.len() > encoding.vocabulary_size || !fits(&train) || !fits(&test) {
        return None;
    }
    Some(Reviews {
        sets: Dataset { name, train, test },
        vocabulary,
    })
}

fn review_set(bytes: &mut &[u8], sequence_length: usize) -> Option<ReviewSet> {
    let (examples, rest) = bytes.split_first_chunk()?;
    let examples = usize::try_from(u64::from_le_bytes(*examples)).ok()?;
    let count = examples.checked_mul(sequence_length)?.checked_mul(4)?;
    let (tokens, rest) = rest.split_at_checked(count)?;
    let (labels, rest) = rest.split_at_checked(examples)?;
    *bytes = rest;
    let (tokens, _) = tokens.as_chunks();
    let tokens = tokens.iter().map(|&token| i32::from_le_bytes(token));
    Some(ReviewSet::new(
        tokens.collect(),
        labels.to_vec(),
        sequence_length,
    ))
}

/// The content of the reviews' file.
pub fn to_bytes(reviews: &Reviews) -> Vec<u8> {
    let mut bytes = vec![0; HASH];
    for set in [&reviews.sets.train, &reviews.sets.test] {
        bytes.extend((set.examples() as u64).to_le_bytes());
        bytes.extend(set.tokens().iter().flat_map(|token| token.to_le_bytes()));
        bytes.extend(set.labels());
    }
    bytes.extend(reviews.vocabulary.to_text().bytes());
    let hash = Sha256::digest(&bytes[HASH..]);
    bytes[..HASH].copy_from_slice(&hash);
    bytes
}

/// Writes a file that appears whole or not at all.
pub(crate) fn write(path: &Path, reviews: &Reviews) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(&to_bytes(reviews))?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synthetic;

    const ENCODING: Encoding = Encoding {
        vocabulary_size: 50,
        sequence_length: 20,
    };

    #[test]
    fn comes_back_whole_and_any_damage_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = path(&folder.path().join("not/there/yet"), "source", &ENCODING);
        let reviews = synthetic::reviews(6, 4, &ENCODING);
        let name = reviews.sets.name;
        assert_eq!(read(&path, name, &ENCODING), None);
        write(&path, &reviews).unwrap();
        assert_eq!(read(&path, name, &ENCODING), Some(reviews));

        let whole = std::fs::read(&path).unwrap();
        for position in (0..whole.len()).step_by(31) {
            let mut flipped = whole.clone();
            flipped[position] ^= 0x10;
            for damaged in [&flipped, &whole[..position]] {
                std::fs::write(&path, damaged).unwrap();
                assert_eq!(read(&path, name, &ENCODING), None);
            }
        }
    }

    #[test]
    fn ids_without_a_word_and_other_labels_are_refused() {
        let reviews = synthetic::reviews(6, 4, &ENCODING);
        let name = reviews.sets.name;
        let changed = |tokens: &[i32], label: u8, vocabulary_size| {
            let test = ReviewSet::new(tokens.to_vec(), vec![label], tokens.len());
            let train = ReviewSet::new(Vec::new(), Vec::new(), tokens.len());
            let reviews = Reviews {
                sets: Dataset { name, train, test },
                vocabulary: reviews.vocabulary.clone(),
            };
            let encoding = Encoding {
                vocabulary_size,
                sequence_length: tokens.len(),
            };
            from_bytes(&to_bytes(&reviews), name, &encoding)
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
