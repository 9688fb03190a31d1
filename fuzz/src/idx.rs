//! IDX files. The first byte says whether the rest is a file of images or of labels, and how it is
//! compressed.

use std::io::Write;
use std::path::Path;

use datasets::{DataError, idx};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::sentence;

const SIZE: [usize; 2] = [28, 28];
const CLASSES: usize = 10;
/// The largest expansion of gzip.
const MOST_EXPANSION: usize = 1032;

/// Checks that a file is refused with a one-line error, or gives valid elements.
pub fn check(data: &[u8]) {
    let Some((mode, file)) = data.split_first() else {
        return;
    };
    let images = mode & 1 == 0;
    match mode >> 1 & 3 {
        0 => read(images, "plain", file),
        1 => read(images, "packed.gz", file),
        _ => read(images, "packed.gz", &gzip(file)),
    }
}

fn read(images: bool, name: &str, file: &[u8]) {
    match parse(images, name, file) {
        Ok(elements) => {
            assert!(elements.len() <= file.len().saturating_mul(MOST_EXPANSION));
            assert!(images || elements.iter().all(|&label| usize::from(label) < CLASSES));
            let again = parse(images, "again", &written(images, &elements));
            assert_eq!(again.ok(), Some(elements));
        }
        Err(error) => sentence::check(&error.to_string()),
    }
}

fn parse(images: bool, name: &str, file: &[u8]) -> Result<Vec<u8>, DataError> {
    if images {
        idx::images(file, Path::new(name), SIZE)
    } else {
        idx::labels(file, Path::new(name), CLASSES)
    }
}

fn written(images: bool, elements: &[u8]) -> Vec<u8> {
    let [rows, columns] = SIZE;
    let numbers = if images {
        vec![0x0803, elements.len() / (rows * columns), rows, columns]
    } else {
        vec![0x0801, elements.len()]
    };
    let header = numbers
        .iter()
        .flat_map(|&number| (number as u32).to_be_bytes());
    header.chain(elements.iter().copied()).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}
