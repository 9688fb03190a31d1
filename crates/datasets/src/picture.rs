//! Pictures of digits that people have: any size, PNG or JPEG, made into what the models read.

use std::io::Cursor;
use std::path::Path;

use image::imageops::{FilterType, overlay, resize};
use image::{GrayImage, ImageReader, Limits, Luma, Rgba, RgbaImage};

use crate::DataError;
use crate::images::{PIXELS, SIDE};

/// A picture as the models read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Light on dark, row by row.
    pub pixels: [u8; PIXELS],
    /// What was done to it, in words.
    pub steps: Vec<String>,
}

/// No photograph is larger; a file that says it is would fill the memory.
const MOST_SIDE: u32 = 20_000;
const MOST_BYTES: u64 = 1 << 30;

/// Reads a picture.
///
/// # Errors
///
/// When the file cannot be read, is no PNG or JPEG, is damaged or too large.
pub fn read(path: &Path) -> Result<Picture, DataError> {
    let bytes = std::fs::read(path).map_err(DataError::io(path))?;
    decode(&bytes).map_err(|problem| DataError::picture(path, problem))
}

fn decode(bytes: &[u8]) -> Result<Picture, String> {
    let said = |error: image::ImageError| error.to_string().replace('\n', " ");
    let mut reader = ImageReader::new(Cursor::new(bytes));
    let mut limits = Limits::default();
    limits.max_image_width = Some(MOST_SIDE);
    limits.max_image_height = Some(MOST_SIDE);
    limits.max_alloc = Some(MOST_BYTES);
    reader.limits(limits);
    let reader = reader
        .with_guessed_format()
        .map_err(|error| error.to_string())?;
    if reader.format().is_none() {
        return Err("neither PNG nor JPEG".to_owned());
    }
    let picture = reader.decode().map_err(said)?;
    let mut steps = Vec::new();
    let (width, height) = (picture.width(), picture.height());
    if picture.color().has_color() {
        steps.push("colours to grey".to_owned());
    }
    let mut grey = match picture.color().has_alpha() {
        true => {
            steps.push("transparent to white".to_owned());
            on_white(&picture.to_rgba8())
        }
        false => picture.to_luma8(),
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

fn on_white(picture: &RgbaImage) -> GrayImage {
    let mut page = RgbaImage::from_pixel(picture.width(), picture.height(), Rgba([255; 4]));
    overlay(&mut page, picture, 0, 0);
    image::DynamicImage::ImageRgba8(page).to_luma8()
}

/// The mean of the pixels at the edge: the background's.
fn edge(grey: &GrayImage) -> u64 {
    let (right, bottom) = (grey.width() - 1, grey.height() - 1);
    let at_edge = grey
        .enumerate_pixels()
        .filter(|&(x, y, _)| x == 0 || y == 0 || x == right || y == bottom);
    let (sum, count) = at_edge.fold((0, 0), |(sum, count), (_, _, pixel)| {
        (sum + u64::from(pixel.0[0]), count + 1)
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
    use image::{DynamicImage, ImageFormat, RgbImage};

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
