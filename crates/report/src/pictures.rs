//! Pictures of test examples, if available.

use std::collections::BTreeMap;
use std::io::Cursor;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use compare::Run;
use image::{DynamicImage, GrayImage, ImageFormat, RgbImage};
use record::Record;
use spec::{DataSpec, InputSpec};

/// The smallest size of the longer side of a picture on the page, in pixels.
const SMALLEST: usize = 56;
/// The largest size of the longer side; larger pictures are scaled down.
const LARGEST: usize = 112;

/// The images of a test set, in the order of the test set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestSet {
    /// The pixels of all images in sequence, each with the shape in the record's spec: row by row,
    /// channels last, from 0 for black to 255 for white.
    pub bytes: Vec<u8>,
    /// The class of each example, counted from 0.
    pub labels: Vec<u16>,
    /// The digest of the test set, computed as in the record. If it differs from the record's, the
    /// images are not the ones that were tested on and are not shown.
    pub digest: String,
}

/// Test sets by digest.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Pictures {
    /// The images, or a sentence on why there are none.
    sets: BTreeMap<String, Result<Images, String>>,
}

#[derive(Clone, Debug, PartialEq)]
struct Images {
    shape: Shape,
    bytes: Vec<u8>,
    labels: Vec<u16>,
}

/// The shape of one image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shape {
    height: usize,
    width: usize,
    channels: Channels,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Channels {
    Grey,
    Rgb,
}

/// A picture for the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Picture {
    /// The PNG as a data URI.
    pub uri: String,
    /// Pixels of the page.
    pub width: usize,
    /// Pixels of the page.
    pub height: usize,
}

impl Pictures {
    /// Requests each test set once; see [`Report::read`](crate::Report::read).
    pub fn load<'a>(
        runs: impl Iterator<Item = &'a Run>,
        test_set: &mut dyn FnMut(&Run) -> Result<TestSet, String>,
    ) -> Self {
        let mut sets: BTreeMap<String, Result<Images, String>> = BTreeMap::new();
        for run in runs {
            let digest = run.record.result.data.test.digest.clone();
            sets.entry(digest)
                .or_insert_with(|| images(run, &mut *test_set));
        }
        Self { sets }
    }

    /// The picture of a test example, if available.
    pub fn of(&self, record: &Record, example: usize) -> Option<Picture> {
        let images = self.sets.get(&record.result.data.test.digest)?;
        images.as_ref().ok()?.picture(example)
    }

    /// The class of a test example, counted from 0, if known.
    pub fn label(&self, record: &Record, example: usize) -> Option<usize> {
        let images = self.sets.get(&record.result.data.test.digest)?;
        let label = images.as_ref().ok()?.labels.get(example)?;
        Some(usize::from(*label))
    }

    /// Why there are no pictures; `None` if there are.
    pub fn missing(&self, record: &Record) -> Option<&str> {
        let images = self.sets.get(&record.result.data.test.digest)?;
        images.as_ref().err().map(String::as_str)
    }
}

fn images(
    run: &Run,
    test_set: &mut dyn FnMut(&Run) -> Result<TestSet, String>,
) -> Result<Images, String> {
    let record = &run.record;
    let shape = Shape::of(&record.spec)?;
    let set = test_set(run)?;
    if set.digest != record.result.data.test.digest {
        return Err(
            "No pictures: the test set available here is not the one that was tested on."
                .to_owned(),
        );
    }
    Ok(Images {
        shape,
        bytes: set.bytes,
        labels: set.labels,
    })
}

impl Shape {
    fn of(spec: &DataSpec) -> Result<Self, String> {
        let sizes = match &spec.input {
            InputSpec::Dense { shape } => shape.as_slice(),
            InputSpec::Tokens { .. } => {
                return Err("The examples are texts, which records do not contain.".to_owned());
            }
        };
        let (height, width, channels) = match *sizes {
            [height, width, 1] => (height, width, Channels::Grey),
            [height, width, 3] => (height, width, Channels::Rgb),
            _ => return Err("No pictures: the examples are not images.".to_owned()),
        };
        Ok(Self {
            height,
            width,
            channels,
        })
    }

    /// The number of values in an image; `None` if it is 0 or overflows.
    fn values(self) -> Option<usize> {
        let channels = match self.channels {
            Channels::Grey => 1,
            Channels::Rgb => 3,
        };
        let values = self.height.checked_mul(self.width)?.checked_mul(channels)?;
        (values > 0).then_some(values)
    }
}

impl Images {
    fn picture(&self, example: usize) -> Option<Picture> {
        let values = self.shape.values()?;
        let start = example.checked_mul(values)?;
        let bytes = self.bytes.get(start..start.checked_add(values)?)?.to_vec();
        let Shape { height, width, .. } = self.shape;
        let (columns, rows) = (u32::try_from(width).ok()?, u32::try_from(height).ok()?);
        let picture = match self.shape.channels {
            Channels::Grey => DynamicImage::from(GrayImage::from_raw(columns, rows, bytes)?),
            Channels::Rgb => DynamicImage::from(RgbImage::from_raw(columns, rows, bytes)?),
        };
        let longest = width.max(height);
        let picture = if longest > LARGEST {
            picture.thumbnail(LARGEST as u32, LARGEST as u32)
        } else {
            picture
        };
        let mut png = Cursor::new(Vec::new());
        picture.write_to(&mut png, ImageFormat::Png).ok()?;
        let side = longest.clamp(SMALLEST, LARGEST);
        Some(Picture {
            uri: format!(
                "data:image/png;base64,{}",
                STANDARD.encode(png.into_inner())
            ),
            width: scaled(width, side, longest),
            height: scaled(height, side, longest),
        })
    }
}

/// Scales a size so that `longest` becomes `side`; at least one pixel.
fn scaled(size: usize, side: usize, longest: usize) -> usize {
    let scale = side as f64 / longest as f64;
    ((size as f64 * scale).round() as usize).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(height: usize, width: usize, channels: usize, bytes: usize) -> Option<Picture> {
        let spec = DataSpec {
            input: InputSpec::Dense {
                shape: vec![height, width, channels],
            },
            classes: Vec::new(),
        };
        let images = Images {
            shape: Shape::of(&spec).unwrap(),
            bytes: vec![9; bytes],
            labels: Vec::new(),
        };
        images.picture(1)
    }

    #[test]
    fn pictures_keep_their_proportions() {
        for (height, width, channels, shown) in [
            (28, 28, 1, (56, 56)),
            (8, 4, 3, (56, 28)),
            (100, 50, 3, (100, 50)),
            (10, 400, 1, (3, 112)),
        ] {
            let found = picture(height, width, channels, 2 * height * width * channels).unwrap();
            assert_eq!((found.height, found.width), shown);
        }
    }

    #[test]
    fn what_is_no_image_has_no_picture() {
        assert_eq!(picture(28, 28, 1, 2 * 28 * 28 - 1), None);
        assert_eq!(picture(0, 28, 1, 100), None);
        assert_eq!(picture(usize::MAX, 2, 3, 100), None);
        for shape in [
            vec![],
            vec![784],
            vec![28, 28],
            vec![28, 28, 4],
            vec![1, 2, 3, 1],
        ] {
            let spec = DataSpec {
                input: InputSpec::Dense { shape },
                classes: Vec::new(),
            };
            assert!(Shape::of(&spec).unwrap_err().contains("not images"));
        }
    }
}
