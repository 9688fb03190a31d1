//! Pictures of digits that people have: PNG or JPEG, made into what the models read.

use std::fs::File;
use std::io::{Cursor, Read};
use std::path::Path;

use image::imageops::{FilterType, overlay, resize};
use image::{
    DynamicImage, GrayImage, ImageDecoder, ImageReader, Limits, Luma, Pixel, Rgba, RgbaImage,
};

use crate::DataError;
use crate::error::one_line;
use crate::images::{PIXELS, SIDE};

/// A picture as the models read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Light on dark, row by row.
    pub pixels: [u8; PIXELS],
    /// What was done to it, in words.
    pub steps: Vec<String>,
}

/// A longer side is a mistake.
const MOST_SIDE: u32 = 20_000;
// A photograph of 50 million pixels in colours stays below each; a small file can say anything, and
// decoding it takes up to three times as many bytes.
const MOST_PIXELS: u64 = 64_000_000;
const MOST_BYTES: u64 = 160 << 20;
/// Of what is packed beside the picture: a colour profile, for one.
const MOST_BYTES_BESIDE: u64 = 16 << 20;

/// Reads a picture.
///
/// # Errors
///
/// When the file cannot be read, is no PNG or JPEG, is damaged or too large.
pub fn read(path: &Path) -> Result<Picture, DataError> {
    let file = File::open(path).map_err(DataError::io(path))?;
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(DataError::io(path))?;
    decode(&bytes).map_err(|problem| DataError::picture(path, problem))
}

/// The picture in a file's bytes; a sentence on what is wrong with them otherwise.
///
/// # Errors
///
/// As for [`read`].
pub fn decode(bytes: &[u8]) -> Result<Picture, String> {
    let said = |error: image::ImageError| one_line(&error.to_string());
    if bytes.len() as u64 > MOST_BYTES {
        return Err(format!("a file of over {MOST_BYTES} bytes"));
    }
    let mut reader = ImageReader::new(Cursor::new(bytes));
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MOST_BYTES_BESIDE);
    reader.limits(limits);
    let reader = reader
        .with_guessed_format()
        .map_err(|error| error.to_string())?;
    if reader.format().is_none() {
        return Err("neither PNG nor JPEG".to_owned());
    }
    let decoder = reader.into_decoder().map_err(said)?;
    let (width, height) = decoder.dimensions();
    if width.max(height) > MOST_SIDE
        || u64::from(width) * u64::from(height) > MOST_PIXELS
        || decoder.total_bytes() > MOST_BYTES
    {
        return Err(format!("too large with {width} x {height} pixels"));
    }
    if width.min(height) == 0 {
        return Err("without pixels".to_owned());
    }
    let picture = DynamicImage::from_decoder(decoder).map_err(said)?;
    let mut steps = Vec::new();
    if picture.color().has_color() {
        steps.push("colours to grey".to_owned());
    }
    let mut grey = match picture.color().has_alpha() {
        true => {
            steps.push("transparent to white".to_owned());
            on_white(picture.into_rgba8())
        }
        false => picture.into_luma8(),
    };
    if edge(&grey) > 127 {
        steps.push("dark on light turned over".to_owned());
        image::imageops::invert(&mut grey);
    }
    let side = SIDE as u32;
    if (width, height) != (side, side) {
        steps.push(format!("{width} x {height} to {side} x {side}"));
        grey = fitted(&grey);
    }
    let pixels = grey.into_raw().try_into();
    let pixels = pixels.map_err(|_| "not of the size it was scaled to".to_owned())?;
    Ok(Picture { pixels, steps })
}

fn on_white(mut picture: RgbaImage) -> GrayImage {
    for pixel in picture.pixels_mut() {
        let mut white = Rgba([255; 4]);
        white.blend(pixel);
        *pixel = white;
    }
    DynamicImage::ImageRgba8(picture).into_luma8()
}

/// The mean of the pixels at the edge: the background's.
fn edge(grey: &GrayImage) -> u64 {
    let (right, bottom) = (grey.width() - 1, grey.height() - 1);
    let at_edge = (0..=bottom).flat_map(|y| {
        let step = match y == 0 || y == bottom {
            true => 1,
            false => right.max(1),
        };
        (0..=right).step_by(step as usize).map(move |x| (x, y))
    });
    let (sum, count) = at_edge.fold((0, 0), |(sum, count), (x, y)| {
        (sum + u64::from(grey.get_pixel(x, y).0[0]), count + 1)
    });
    sum / count
}

/// Scaled to fit, in the middle of a background of its own.
fn fitted(grey: &GrayImage) -> GrayImage {
    let side = SIDE as u32;
    let longer = grey.width().max(grey.height());
    let scaled = |length: u32| {
        let scaled = u64::from(length) * u64::from(side) / u64::from(longer);
        (scaled as u32).max(1)
    };
    let (width, height) = (scaled(grey.width()), scaled(grey.height()));
    let small = resize(grey, width, height, FilterType::Triangle);
    let background = Luma([edge(grey) as u8]);
    let mut picture = GrayImage::from_pixel(side, side, background);
    let (x, y) = ((side - width) / 2, (side - height) / 2);
    overlay(&mut picture, &small, x.into(), y.into());
    picture
}

#[cfg(test)]
mod tests {
    use image::{ImageFormat, RgbImage};

    use super::*;

    fn encoded(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture.into().write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    /// A bright bar down the middle of a dark picture.
    fn bar(width: u32, height: u32) -> GrayImage {
        GrayImage::from_fn(width, height, |x, y| {
            let middle = x.abs_diff(width / 2) <= width / 10;
            let inside = y > height / 5 && y < height - height / 5;
            Luma([if middle && inside { 250 } else { 3 }])
        })
    }

    #[test]
    fn a_picture_of_the_right_kind_is_taken_as_it_is() {
        let picture = bar(28, 28);
        let read = decode(&encoded(picture.clone(), ImageFormat::Png)).unwrap();
        assert_eq!(read.pixels.as_slice(), picture.as_raw().as_slice());
        assert!(read.steps.is_empty());
    }

    #[test]
    fn what_is_done_is_said() {
        let mut turned = bar(28, 28);
        image::imageops::invert(&mut turned);
        let read = decode(&encoded(turned, ImageFormat::Png)).unwrap();
        assert_eq!(read.pixels.as_slice(), bar(28, 28).as_raw().as_slice());
        assert_eq!(read.steps, ["dark on light turned over"]);

        let wide: RgbImage = DynamicImage::from(bar(600, 300)).to_rgb8();
        let read = decode(&encoded(wide, ImageFormat::Jpeg)).unwrap();
        assert_eq!(read.steps, ["colours to grey", "600 x 300 to 28 x 28"]);
        // The bar is in the middle still, dark above and below.
        assert!(read.pixels[14 * SIDE + 14] > 200 && read.pixels[14 * SIDE + 2] < 20);
        assert!(read.pixels[14] < 20 && read.pixels[27 * SIDE + 14] < 20);

        let clear = RgbaImage::from_fn(56, 56, |x, _| {
            Rgba(if x.abs_diff(28) < 5 {
                [0, 0, 0, 255]
            } else {
                [0; 4]
            })
        });
        let read = decode(&encoded(clear, ImageFormat::Png)).unwrap();
        assert_eq!(
            read.steps,
            [
                "colours to grey",
                "transparent to white",
                "dark on light turned over",
                "56 x 56 to 28 x 28"
            ]
        );
        assert!(read.pixels[14 * SIDE + 14] > 200 && read.pixels[14 * SIDE + 2] < 20);
        // As thin as can be.
        assert!(decode(&encoded(bar(5000, 1), ImageFormat::Png)).is_ok());
    }

    #[test]
    fn a_file_that_would_fill_the_memory_is_refused() {
        let mut jpeg = encoded(bar(8, 8), ImageFormat::Jpeg);
        let frame = jpeg.windows(2).position(|marker| marker == [0xff, 0xc0]);
        let size = frame.unwrap() + 5;
        for (height, width) in [(20_001, 1), (1, 20_001), (8000, 8001), (0xffff, 0xffff)] {
            jpeg[size..size + 2].copy_from_slice(&u16::to_be_bytes(height));
            jpeg[size + 2..size + 4].copy_from_slice(&u16::to_be_bytes(width));
            let error = decode(&jpeg).unwrap_err();
            assert_eq!(error, format!("too large with {width} x {height} pixels"));
        }
        let error = decode(&vec![0; MOST_BYTES as usize + 1]).unwrap_err();
        assert_eq!(error, "a file of over 167772160 bytes");
    }

    #[test]
    fn the_edge_is_every_pixel_of_it_once() {
        let numbered =
            |width, height| GrayImage::from_fn(width, height, |x, y| Luma([(10 * y + x) as u8]));
        assert_eq!(edge(&numbered(1, 1)), 0);
        assert_eq!(edge(&numbered(3, 1)), 1);
        assert_eq!(edge(&numbered(1, 3)), 10);
        assert_eq!(edge(&numbered(2, 3)), (1 + 10 + 11 + 20 + 21) / 6);
        assert_eq!(edge(&numbered(3, 3)), (1 + 2 + 10 + 12 + 20 + 21 + 22) / 8);
    }

    #[test]
    fn other_files_are_refused_on_one_line() {
        let whole = encoded(bar(100, 100), ImageFormat::Png);
        let mut huge = whole.clone();
        // The width in the header: more than the limit. Its checksum is wrong now, too.
        huge[16..20].copy_from_slice(&2_000_000_000u32.to_be_bytes());
        for bytes in [
            Vec::new(),
            b"GIF89a".to_vec(),
            b"plain text, and more of it".to_vec(),
            whole[..whole.len() / 2].to_vec(),
            huge,
        ] {
            let error = decode(&bytes).unwrap_err();
            assert_eq!(error.lines().count(), 1, "{error}");
        }
    }
}
