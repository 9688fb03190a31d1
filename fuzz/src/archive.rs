//! The archive of reviews. The first byte says whether the rest is the compressed file or its
//! content, since mutations cannot guess the checksums of both.

use std::io::Write;
use std::path::Path;

use datasets::Encoding;
use datasets::sources::imdb;
use datasets::text::encoded_file;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::sentence;

const ENCODING: Encoding = Encoding {
    vocabulary_size: 20,
    sequence_length: 5,
};
const BLOCK: usize = 512;
/// The largest expansion of gzip.
const MOST_EXPANSION: usize = 1032;

/// Checks that an archive is refused with a one-line error, or gives valid reviews that survive the
/// cache.
pub fn check(data: &[u8]) {
    let Some((mode, rest)) = data.split_first() else {
        return;
    };
    match mode & 3 {
        0 => read(rest),
        1 => read(&gzip(&repaired(rest))),
        // Concatenated gzip streams count as one.
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
    for set in [&reviews.train, &reviews.test] {
        assert!(set.len() * BLOCK <= file.len() * MOST_EXPANSION);
        assert!(
            set.tokens()
                .expect("texts")
                .iter()
                .all(|id| ids.contains(id))
        );
        assert!(set.labels().contains(&0) && set.labels().contains(&1));
    }
    let bytes = encoded_file::to_bytes(&reviews);
    let again = encoded_file::from_bytes(&bytes, &ENCODING, 2);
    assert_eq!(again.as_ref(), Some(&reviews));
}

/// Corrects the checksums of the headers.
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

/// A size in octal digits. Sizes in other forms lead past the end anyway.
fn size(digits: &[u8]) -> usize {
    let digits = digits.iter().filter(|byte| byte.is_ascii_digit());
    digits.fold(0, |size, digit| size << 3 | usize::from(digit & 7)) & 0xfff_ffff
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}
