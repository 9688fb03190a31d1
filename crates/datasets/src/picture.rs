//! PNG and JPEG pictures, converted to the grey images that models read.

use std::fs::File;
use std::io::{Cursor, Read};
use std::path::Path;

use image::imageops::{FilterType, overlay, resize};
use image::{
    DynamicImage, GrayImage, ImageDecoder, ImageReader, Limits, Luma, Pixel, Rgba, RgbaImage,
};

use crate::error::{DataError, one_line};

/// A picture in the form that models read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Grey values, light on dark, in row-major order.
    pub pixels: Vec<u8>,
    /// The preprocessing, a few words for each step.
    pub steps: Vec<String>,
}

/// The longest accepted side.
const MOST_SIDE: u32 = 20_000;
// A colour photograph of 50 million pixels stays below both limits. They are needed because a small
// file can claim any size, and decoding takes up to three times as many bytes.
const MOST_PIXELS: u64 = 64_000_000;
const MOST_BYTES: u64 = 160 << 20;
/// The limit for other content of the file, such as a colour profile.
const MOST_BYTES_BESIDE: u64 = 16 << 20;

/// Reads a picture and scales it to `size`, rows and columns.
///
/// # Errors
///
/// If the file cannot be read, is not PNG or JPEG, is damaged or is too large.
pub fn read(path: &Path, size: [usize; 2]) -> Result<Picture, DataError> {
    let file = File::open(path).map_err(DataError::io(path))?;
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(DataError::io(path))?;
    decode(&bytes, size).map_err(|problem| DataError::picture(path, problem))
}

/// Like [`read`], but takes the content of the file.
///
/// # Errors
///
/// A message of one line, in the cases of [`read`].
pub fn decode(bytes: &[u8], size: [usize; 2]) -> Result<Picture, String> {
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
        return Err(format!("too large: {width} x {height} pixels"));
    }
    if width.min(height) == 0 {
        return Err("no pixels".to_owned());
    }
    let picture = DynamicImage::from_decoder(decoder).map_err(said)?;
    let mut steps = Vec::new();
    if picture.color().has_color() {
        steps.push("colours to grey".to_owned());
    }
    let mut grey = if picture.color().has_alpha() {
        steps.push("transparent to white".to_owned());
        on_white(picture.into_rgba8())
    } else {
        picture.into_luma8()
    };
    if edge(&grey) > 127 {
        steps.push("inverted (dark on light)".to_owned());
        image::imageops::invert(&mut grey);
    }
    let [rows, columns] = size.map(|length| length as u32);
    if (width, height) != (columns, rows) {
        steps.push(format!("{width} x {height} to {columns} x {rows}"));
        grey = fitted(&grey, columns, rows);
    }
    let pixels = grey.into_raw();
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

/// The mean of the pixels at the edge, which is the background's brightness.
fn edge(grey: &GrayImage) -> u64 {
    let (right, bottom) = (grey.width() - 1, grey.height() - 1);
    let at_edge = (0..=bottom).flat_map(|y| {
        let step = if y == 0 || y == bottom {
            1
        } else {
            right.max(1)
        };
        (0..=right).step_by(step as usize).map(move |x| (x, y))
    });
    let (sum, count) = at_edge.fold((0, 0), |(sum, count), (x, y)| {
        (sum + u64::from(grey.get_pixel(x, y).0[0]), count + 1)
    });
    sum / count
}

/// Scales the picture to fit and centres it on its background's brightness.
fn fitted(grey: &GrayImage, columns: u32, rows: u32) -> GrayImage {
    let [width, height] = [grey.width(), grey.height()].map(u64::from);
    // The longer side, relative to the target, determines the scale.
    let (part, whole) = if width * u64::from(rows) > height * u64::from(columns) {
        (columns, width)
    } else {
        (rows, height)
    };
    let scaled = |length: u64| ((length * u64::from(part) / whole) as u32).max(1);
    let (width, height) = (scaled(width), scaled(height));
    let small = resize(grey, width, height, FilterType::Triangle);
    let background = Luma([edge(grey) as u8]);
    let mut picture = GrayImage::from_pixel(columns, rows, background);
    let (x, y) = ((columns - width) / 2, (rows - height) / 2);
    overlay(&mut picture, &small, x.into(), y.into());
    picture
}

#[cfg(test)]
mod tests {
    use image::{ImageFormat, RgbImage};

    use super::*;

    const SIDE: usize = 28;

    fn decode(bytes: &[u8]) -> Result<Picture, String> {
        super::decode(bytes, [SIDE, SIDE])
    }

    fn encoded(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture.into().write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    /// A dark picture with a bright vertical bar in the middle.
    fn bar(width: u32, height: u32) -> GrayImage {
        GrayImage::from_fn(width, height, |x, y| {
            let middle = x.abs_diff(width / 2) <= width / 10;
            let inside = y > height / 5 && y < height - height / 5;
            Luma([if middle && inside { 250 } else { 3 }])
        })
    }

    #[test]
    fn a_picture_of_the_right_kind_is_not_changed() {
        let picture = bar(28, 28);
        let read = decode(&encoded(picture.clone(), ImageFormat::Png)).unwrap();
        assert_eq!(read.pixels.as_slice(), picture.as_raw().as_slice());
        assert!(read.steps.is_empty());
    }

    #[test]
    fn the_steps_of_the_preprocessing_are_listed() {
        let mut inverted = bar(28, 28);
        image::imageops::invert(&mut inverted);
        let read = decode(&encoded(inverted, ImageFormat::Png)).unwrap();
        assert_eq!(read.pixels.as_slice(), bar(28, 28).as_raw().as_slice());
        assert_eq!(read.steps, ["inverted (dark on light)"]);

        let wide: RgbImage = DynamicImage::from(bar(600, 300)).to_rgb8();
        let read = decode(&encoded(wide, ImageFormat::Jpeg)).unwrap();
        assert_eq!(read.steps, ["colours to grey", "600 x 300 to 28 x 28"]);
        // The bar is still in the middle, with dark above and below.
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
                "inverted (dark on light)",
                "56 x 56 to 28 x 28"
            ]
        );
        assert!(read.pixels[14 * SIDE + 14] > 200 && read.pixels[14 * SIDE + 2] < 20);
        // The target need not be square.
        let flat = super::decode(&encoded(bar(60, 60), ImageFormat::Png), [20, 50]).unwrap();
        assert_eq!(flat.steps, ["60 x 60 to 50 x 20"]);
        assert!(flat.pixels[10 * 50 + 25] > 200 && flat.pixels[10 * 50 + 2] < 20);
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
            assert_eq!(error, format!("too large: {width} x {height} pixels"));
        }
        let error = decode(&vec![0; MOST_BYTES as usize + 1]).unwrap_err();
        assert_eq!(error, "a file of over 167772160 bytes");
    }

    #[test]
    fn every_pixel_of_the_edge_counts_once() {
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
        // The width in the header exceeds the limit. The header's checksum is wrong now, too.
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
