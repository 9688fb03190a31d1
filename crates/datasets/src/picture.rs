//! Pictures as models read them: PNG, JPEG, WebP, BMP and GIF files, decoded and scaled to one size.

mod decoding;
mod digit;
mod scaling;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use image::imageops::overlay;
use image::{ImageBuffer, Pixel};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use spec::DataSpec;

use crate::error::DataError;
use crate::picture::decoding::{MOST_BYTES, decoded};

/// A picture as a model reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Values from 0 to 255 in row-major order with channels last.
    pub pixels: Vec<u8>,
    /// The preprocessing, a few words for each step.
    pub steps: Vec<String>,
}

impl Picture {
    /// Whether nothing is to be seen: all values are nearly the same.
    pub fn is_blank(&self) -> bool {
        let least = self.pixels.iter().min().copied().unwrap_or(0);
        let most = self.pixels.iter().max().copied().unwrap_or(0);
        most - least < FEW_LEVELS
    }
}

/// The problem with a picture in which nothing is to be seen.
pub(crate) const NOTHING_DRAWN: &str = "nothing is drawn in it";

/// Fewer levels than this are noise.
const FEW_LEVELS: u8 = 8;

/// The colours of a picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Channels {
    /// One value per pixel, from 0 for black to 255 for white.
    #[default]
    Grey,
    /// Three values per pixel: red, green and blue.
    Rgb,
}

impl Channels {
    /// Values per pixel.
    pub fn count(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::Rgb => 3,
        }
    }
}

/// What is done to a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// It is scaled to fit and centred; the rest is filled with the tone of its edge.
    AsIs {
        /// Rows and columns.
        size: [usize; 2],
        /// The colours.
        channels: Channels,
    },
    /// A drawn digit is framed as those of MNIST: light on dark, the ink's box scaled to fit 20 x 20
    /// pixels and centred by its mass in 28 x 28. A light digit on a dark ground of 28 x 28 pixels is
    /// not changed.
    Digit,
}

impl Form {
    /// What a model of such data reads: digits as MNIST has them, or pictures as they are. `None` if
    /// the data are no pictures.
    pub fn of(spec: &DataSpec) -> Option<Self> {
        let shape = spec.dense_shape()?;
        let digits = (0..10).map(|digit| digit.to_string());
        if shape == [28, 28, 1] && digits.eq(spec.classes.iter().cloned()) {
            return Some(Self::Digit);
        }
        Self::as_is(shape)
    }

    /// The form of pictures with these sizes: rows, columns and channels. `None` if there are no such
    /// pictures.
    pub fn as_is(shape: &[usize]) -> Option<Self> {
        let &[rows, columns, channels] = shape else {
            return None;
        };
        let channels = match channels {
            1 => Channels::Grey,
            3 => Channels::Rgb,
            _ => return None,
        };
        Some(Self::AsIs {
            size: [rows, columns],
            channels,
        })
    }
}

/// Reads a picture.
///
/// # Errors
///
/// If the file cannot be read, is none of the formats, is damaged or too large, or if a digit is to be
/// framed and nothing is drawn.
pub fn read(path: &Path, form: Form) -> Result<Picture, DataError> {
    decode(&bytes(path)?, form).map_err(|problem| {
        if problem == NOTHING_DRAWN {
            DataError::blank(path)
        } else {
            DataError::picture(path, problem)
        }
    })
}

/// A file's content, up to a byte more than is accepted.
fn bytes(path: &Path) -> Result<Vec<u8>, DataError> {
    let file = File::open(path).map_err(DataError::io(path))?;
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(DataError::io(path))?;
    Ok(bytes)
}

/// What a picture is like, before it is scaled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    /// Rows and columns.
    pub size: [usize; 2],
    /// Whether a pixel has a colour.
    pub has_colours: bool,
}

/// Looks at a picture.
pub(crate) fn facts(path: &Path) -> Result<Facts, DataError> {
    let picture = decoded(&bytes(path)?, &mut Vec::new());
    let picture = picture.map_err(|problem| DataError::picture(path, problem))?;
    let rgb = picture.into_rgb8();
    let has_colours = rgb.pixels().any(|pixel| {
        let [red, green, blue] = pixel.0;
        red.abs_diff(green).max(green.abs_diff(blue)) > FEW_LEVELS
    });
    Ok(Facts {
        size: [rgb.height() as usize, rgb.width() as usize],
        has_colours,
    })
}

/// Like [`read`], but takes the content of the file.
///
/// # Errors
///
/// A message of one line, in the cases of [`read`].
pub fn decode(bytes: &[u8], form: Form) -> Result<Picture, String> {
    let mut steps = Vec::new();
    let picture = decoded(bytes, &mut steps)?;
    let pixels = match form {
        Form::Digit => digit::framed(&decoding::grey(picture, &mut steps), &mut steps)?,
        Form::AsIs {
            size,
            channels: Channels::Grey,
        } if picture.color().has_color() => {
            steps.push("colours to grey".to_owned());
            // Of the small picture, as there are fewer pixels.
            let colours = fitted(decoding::rgb(picture, &mut steps), size, &mut steps);
            decoding::luminance(&colours).into_raw()
        }
        Form::AsIs {
            size,
            channels: Channels::Grey,
        } => fitted(decoding::grey(picture, &mut steps), size, &mut steps).into_raw(),
        Form::AsIs {
            size,
            channels: Channels::Rgb,
        } => fitted(decoding::rgb(picture, &mut steps), size, &mut steps).into_raw(),
    };
    Ok(Picture { pixels, steps })
}

/// Scales a picture to fit and centres it on the tone of its edge.
fn fitted<P>(
    picture: ImageBuffer<P, Vec<u8>>,
    [rows, columns]: [usize; 2],
    steps: &mut Vec<String>,
) -> ImageBuffer<P, Vec<u8>>
where
    P: Pixel<Subpixel = u8> + 'static,
{
    let (width, height) = picture.dimensions();
    let (columns, rows) = (columns as u32, rows as u32);
    if (width, height) == (columns, rows) {
        return picture;
    }
    steps.push(format!("{width} x {height} to {columns} x {rows}"));
    // The longer side, relative to the target, determines the scale.
    let [wide, high] = [width, height].map(u64::from);
    let (part, whole) = if wide * u64::from(rows) > high * u64::from(columns) {
        (columns, wide)
    } else {
        (rows, high)
    };
    let scaled = |length: u64| ((length * u64::from(part) / whole) as u32).max(1);
    let (inner_width, inner_height) = (scaled(wide), scaled(high));
    let small = scaling::scaled(&picture, inner_width, inner_height);
    let mut whole = ImageBuffer::from_pixel(columns, rows, edge(&picture));
    let (x, y) = ((columns - inner_width) / 2, (rows - inner_height) / 2);
    overlay(&mut whole, &small, x.into(), y.into());
    whole
}

/// The mean of the pixels at the edge.
fn edge<P: Pixel<Subpixel = u8>>(picture: &ImageBuffer<P, Vec<u8>>) -> P {
    let (right, bottom) = (picture.width() - 1, picture.height() - 1);
    let mut sums = vec![0u64; usize::from(P::CHANNEL_COUNT)];
    let mut count = 0;
    for y in 0..=bottom {
        let step = if y == 0 || y == bottom {
            1
        } else {
            right.max(1)
        };
        for x in (0..=right).step_by(step as usize) {
            count += 1;
            for (sum, &value) in sums.iter_mut().zip(picture.get_pixel(x, y).channels()) {
                *sum += u64::from(value);
            }
        }
    }
    let means: Vec<u8> = sums.iter().map(|sum| (sum / count) as u8).collect();
    *P::from_slice(&means)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{DynamicImage, GrayImage, ImageFormat, Luma, Rgb, RgbImage};

    use super::*;

    pub(super) fn encoded(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture.into().write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    /// A dark picture with a bright vertical bar in the middle.
    pub(super) fn bar(width: u32, height: u32) -> GrayImage {
        GrayImage::from_fn(width, height, |x, y| {
            let middle = x.abs_diff(width / 2) <= width / 10;
            let inside = y > height / 5 && y < height - height / 5;
            Luma([if middle && inside { 250 } else { 3 }])
        })
    }

    fn grey(size: [usize; 2]) -> Form {
        Form::AsIs {
            size,
            channels: Channels::Grey,
        }
    }

    #[test]
    fn a_picture_of_the_right_size_is_not_changed() {
        let picture = bar(28, 28);
        for format in [ImageFormat::Png, ImageFormat::Bmp, ImageFormat::WebP] {
            let read = decode(&encoded(picture.clone(), format), grey([28, 28])).unwrap();
            assert_eq!(read.pixels.as_slice(), picture.as_raw().as_slice());
            // The other formats store grey values as colours.
            assert!(format != ImageFormat::Png || read.steps.is_empty());
        }
    }

    #[test]
    fn other_sizes_are_scaled_and_centred() {
        let wide: RgbImage = DynamicImage::from(bar(600, 300)).to_rgb8();
        let read = decode(&encoded(wide, ImageFormat::Jpeg), grey([28, 28])).unwrap();
        assert_eq!(read.steps, ["colours to grey", "600 x 300 to 28 x 28"]);
        // The bar is still in the middle, with dark above and below.
        assert!(read.pixels[14 * 28 + 14] > 200 && read.pixels[14 * 28 + 2] < 20);
        assert!(read.pixels[14] < 20 && read.pixels[27 * 28 + 14] < 20);
        // The target need not be square.
        let flat = decode(&encoded(bar(60, 60), ImageFormat::Png), grey([20, 50])).unwrap();
        assert_eq!(flat.steps, ["60 x 60 to 50 x 20"]);
        assert!(flat.pixels[10 * 50 + 25] > 200 && flat.pixels[10 * 50 + 2] < 20);
        // As thin as can be.
        assert!(decode(&encoded(bar(5000, 1), ImageFormat::Png), grey([28, 28])).is_ok());
    }

    #[test]
    fn colours_are_kept_if_the_model_reads_them() {
        let picture = RgbImage::from_fn(4, 2, |x, y| Rgb([x as u8 * 40, y as u8 * 90, 7]));
        let form = Form::as_is(&[2, 4, 3]).unwrap();
        let read = decode(&encoded(picture.clone(), ImageFormat::Png), form).unwrap();
        assert_eq!(read.pixels.as_slice(), picture.as_raw().as_slice());
        let form = Form::as_is(&[6, 4, 3]).unwrap();
        let taller = decode(&encoded(picture, ImageFormat::Png), form).unwrap();
        // The mean of the edge above and below: all eight pixels are at the edge.
        assert_eq!(taller.pixels[..3], [60, 45, 7]);
        assert_eq!(taller.pixels.len(), 6 * 4 * 3);
    }

    #[test]
    fn every_pixel_of_the_edge_counts_once() {
        let numbered =
            |width, height| GrayImage::from_fn(width, height, |x, y| Luma([(10 * y + x) as u8]));
        let edge = |width, height| edge(&numbered(width, height)).0[0];
        assert_eq!(edge(1, 1), 0);
        assert_eq!(edge(3, 1), 1);
        assert_eq!(edge(1, 3), 10);
        assert_eq!(edge(2, 3), (1 + 10 + 11 + 20 + 21) / 6);
        assert_eq!(edge(3, 3), (1 + 2 + 10 + 12 + 20 + 21 + 22) / 8);
    }

    #[test]
    fn an_empty_picture_is_blank() {
        let blank = decode(
            &encoded(GrayImage::from_pixel(28, 28, Luma([200])), ImageFormat::Png),
            grey([28, 28]),
        );
        assert!(blank.unwrap().is_blank());
        let drawn = decode(&encoded(bar(28, 28), ImageFormat::Png), grey([28, 28]));
        assert!(!drawn.unwrap().is_blank());
    }
}
