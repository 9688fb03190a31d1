//! Encoded reviews in the cache. The first byte holds the length of a review.

use datasets::Encoding;
use datasets::text::encoded_file;

/// Checks that a file is refused, or gives valid reviews that come back from what is written of them. The file
/// itself may differ: a vocabulary may have a byte order mark.
pub fn check(data: &[u8]) {
    let Some((&mode, file)) = data.split_first() else {
        return;
    };
    let encoding = Encoding {
        vocabulary_size: 12,
        sequence_length: usize::from(mode & 7),
    };
    let Some(reviews) = encoded_file::from_bytes(file, &encoding, 2) else {
        return;
    };
    let written = encoded_file::to_bytes(&reviews);
    let again = encoded_file::from_bytes(&written, &encoding, 2);
    assert!(again.is_some_and(|again| again == reviews));
    assert!(reviews.vocabulary.len() <= encoding.vocabulary_size);
    let ids = 0..reviews.vocabulary.len() as i32;
    for set in [&reviews.train, &reviews.validation, &reviews.test] {
        assert!(
            set.tokens()
                .expect("texts")
                .iter()
                .all(|id| ids.contains(id))
        );
        assert!(set.labels().iter().all(|&label| label < 2));
    }
}
