//! Encoded reviews in the cache. The first byte is the length of a review and says whether the file
//! gets the hash that it should have, which no mutation finds.

use datasets::{Encoding, encoded};
use sha2::{Digest, Sha256};

const HASH: usize = 32;

pub fn check(data: &[u8]) {
    let Some((&mode, file)) = data.split_first() else {
        return;
    };
    let encoding = Encoding {
        vocabulary_size: 12,
        sequence_length: usize::from(mode & 7),
    };
    let mut file = file.to_vec();
    if mode & 8 != 0 && file.len() >= HASH {
        let hash = Sha256::digest(&file[HASH..]);
        file[..HASH].copy_from_slice(&hash);
    }
    let Some(reviews) = encoded::from_bytes(&file, "fuzzed", &encoding) else {
        return;
    };
    assert_eq!(encoded::to_bytes(&reviews), file);
    assert!(reviews.vocabulary.len() <= encoding.vocabulary_size);
    let ids = 0..reviews.vocabulary.len() as i32;
    for set in [&reviews.sets.train, &reviews.sets.test] {
        assert!(set.tokens().iter().all(|id| ids.contains(id)));
        assert!(set.labels().iter().all(|&label| label < 2));
    }
}
