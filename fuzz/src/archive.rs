//! The archive of reviews. The first byte says whether the rest is the file or what is packed in it:
//! no mutation finds the checksums of both.

use std::io::Write;
use std::path::Path;

use datasets::{Encoding, encoded, imdb};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::sentence;

const ENCODING: Encoding = Encoding {
    vocabulary_size: 20,
    sequence_length: 5,
};
const BLOCK: usize = 512;
/// No stream of gzip's is longer unpacked.
const MOST_EXPANSION: usize = 1032;

pub fn check(data: &[u8]) {
    let Some((mode, rest)) = data.split_first() else {
        return;
    };
    match mode & 3 {
        0 => read(rest),
        1 => read(&gzip(&repaired(rest))),
        // Several streams after one another are one.
        _ => {
            let tar = repaired(rest);
            let (first, second) = tar.split_at(tar.len() / 2);
            read(&[gzip(first), gzip(second)].concat());
        }
    }
}

fn read(file: &[u8]) {
    let reviews = match imdb::read_archive(file, Path::new("reviews.tar.gz"), &ENCODING) {
        Ok(reviews) => reviews,
        Err(error) => return sentence::check(&error.to_string()),
    };
    assert!(reviews.vocabulary.len() <= ENCODING.vocabulary_size);
    let ids = 0..reviews.vocabulary.len() as i32;
    for set in [&reviews.sets.train, &reviews.sets.test] {
        assert!(set.examples() * BLOCK <= file.len() * MOST_EXPANSION);
        assert!(set.tokens().iter().all(|id| ids.contains(id)));
        assert!(set.labels().contains(&0) && set.labels().contains(&1));
    }
    let bytes = encoded::to_bytes(&reviews);
    let again = encoded::from_bytes(&bytes, reviews.sets.name, &ENCODING);
    assert_eq!(again.as_ref(), Some(&reviews));
}

/// With the checksums that its headers should have.
fn repaired(tar: &[u8]) -> Vec<u8> {
    let mut tar = tar.to_vec();
    let mut position = 0;
    while let Some(header) = tar.get_mut(position..position + BLOCK) {
        position += BLOCK;
        if header.iter().all(|&byte| byte == 0) {
            continue;
        }
        header[148..156].fill(b' ');
        let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        position = position.saturating_add(size(&header[124..136]).next_multiple_of(BLOCK));
        if position > tar.len() {
            break;
        }
    }
    tar
}

/// As octal digits; other sizes lead past the end anyway.
fn size(digits: &[u8]) -> usize {
    let digits = digits.iter().filter(|byte| byte.is_ascii_digit());
    digits.fold(0, |size, digit| size << 3 | usize::from(digit & 7)) & 0xfff_ffff
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}
