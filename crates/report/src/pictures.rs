//! The pictures of test examples, where they are at hand.

use std::cell::LazyCell;
use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use datasets::{ImageSet, Location, PIXELS, mnist, synthetic};
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};
use record::Record;

/// More synthetic digits are not drawn for a few pictures.
const MOST_DRAWN: usize = 20_000;

/// What can be shown of a test set.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TestSet {
    Pictures(ImageSet),
    /// A sentence on why there are none.
    None(String),
}

/// Test sets by their digests.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Pictures {
    sets: BTreeMap<String, TestSet>,
}

impl Pictures {
    /// Nothing is downloaded: the set is in the folder named, in the cache, or it is not shown.
    pub fn load<'a>(records: impl Iterator<Item = &'a Record>, location: &Location) -> Self {
        let mut sets: BTreeMap<String, TestSet> = BTreeMap::new();
        let mnist = LazyCell::new(|| read_mnist(location));
        for record in records {
            let digest = record.result.data.test.digest.clone();
            sets.entry(digest)
                .or_insert_with(|| test_set(record, &mnist));
        }
        Self { sets }
    }

    /// The picture of an example as a data URI.
    pub fn of(&self, record: &Record, example: usize) -> Option<String> {
        match self.sets.get(&record.result.data.test.digest)? {
            TestSet::Pictures(set) => data_uri(set, example),
            TestSet::None(_) => None,
        }
    }

    /// Why there are no pictures, if so.
    pub fn missing(&self, record: &Record) -> Option<&str> {
        match self.sets.get(&record.result.data.test.digest) {
            Some(TestSet::None(why)) => Some(why),
            _ => None,
        }
    }
}

fn test_set(
    record: &Record,
    mnist: &LazyCell<Option<ImageSet>, impl FnOnce() -> Option<ImageSet>>,
) -> TestSet {
    let test = &record.result.data.test;
    let none = |why: &str| TestSet::None(why.to_owned());
    let set = match record.result.data.source.as_str() {
        _ if test.tokens.is_some() => {
            return none("The examples are texts, which records do not hold.");
        }
        "mnist" => match mnist.as_ref() {
            Some(set) => set.clone(),
            None => {
                return none(
                    "Without pictures, which are not at hand: `hearth data fetch mnist` downloads \
                     them, --data-dir names a folder that has them.",
                );
            }
        },
        "synthetic digits" if test.examples <= MOST_DRAWN => {
            synthetic::digits(0, test.examples).test
        }
        _ => return none("Without pictures: this data set's are not known here."),
    };
    match set.digest() == test.digest {
        true => TestSet::Pictures(set),
        false => none("Without pictures: the test set at hand is not the one that was tested on."),
    }
}

fn read_mnist(location: &Location) -> Option<ImageSet> {
    // The cache's location downloads what is missing; its folder by name does not.
    let folder = match location {
        Location::Folder(folder) => folder.clone(),
        Location::Cache => {
            let files = mnist::verify(location).ok()?;
            files.first()?.path.parent()?.parent()?.to_owned()
        }
    };
    let dataset = mnist::load(&Location::Folder(folder), &mut |_| ()).ok()?;
    Some(dataset.test)
}

fn data_uri(set: &ImageSet, example: usize) -> Option<String> {
    let start = example.checked_mul(PIXELS)?;
    let pixels = set.pixels().get(start..start.checked_add(PIXELS)?)?;
    let side = PIXELS.isqrt() as u32;
    let mut png = Vec::new();
    let encoder = PngEncoder::new(&mut png);
    encoder
        .write_image(pixels, side, side, ExtendedColorType::L8)
        .ok()?;
    Some(format!("data:image/png;base64,{}", STANDARD.encode(png)))
}
