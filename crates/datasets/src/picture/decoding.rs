//! Decoding a picture's file.

use std::io::Cursor;

use image::metadata::Orientation;
use image::{
    DynamicImage, GrayImage, ImageBuffer, ImageDecoder, ImageReader, Limits, Pixel, RgbImage, Rgba,
    RgbaImage,
};

use crate::error::one_line;

/// The longest accepted side.
const MOST_SIDE: u32 = 20_000;
// A colour photograph of 50 million pixels stays below both limits. They are needed because a small
// file can claim any size, and decoding takes up to three times as many bytes.
const MOST_PIXELS: u64 = 64_000_000;
pub(super) const MOST_BYTES: u64 = 160 << 20;
/// The limit for other content of the file, such as a colour profile.
const MOST_BYTES_BESIDE: u64 = 16 << 20;

/// Decodes a file, of an animation the first frame, and turns it as its EXIF data say.
pub(super) fn decoded(bytes: &[u8], steps: &mut Vec<String>) -> Result<DynamicImage, String> {
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
        return Err("no picture".to_owned());
    }
    let mut decoder = reader.into_decoder().map_err(said)?;
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
    // A picture with damaged EXIF data is still a picture.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(said)?;
    if orientation != Orientation::NoTransforms {
        steps.push("turned as its EXIF says".to_owned());
        picture.apply_orientation(orientation);
    }
    Ok(picture)
}

/// The grey values of a picture.
pub(super) fn grey(picture: DynamicImage, steps: &mut Vec<String>) -> GrayImage {
    if picture.color().has_color() {
        steps.push("colours to grey".to_owned());
    }
    let picture = opaque(picture, steps);
    // `into_luma8` takes a detour over `f32`, which takes longer than decoding a JPEG file.
    if let Some(colours) = picture.as_rgb8() {
        luminance(colours)
    } else if let Some(colours) = picture.as_rgba8() {
        luminance(colours)
    } else {
        picture.into_luma8()
    }
}

/// The luminance of the colours (ITU-R BT.709).
pub(super) fn luminance<P: Pixel<Subpixel = u8>>(colours: &ImageBuffer<P, Vec<u8>>) -> GrayImage {
    let levels = colours.pixels().map(|pixel| pixel.to_luma().0[0]);
    GrayImage::from_raw(colours.width(), colours.height(), levels.collect())
        .expect("a level per pixel")
}

/// The colours of a picture.
pub(super) fn rgb(picture: DynamicImage, steps: &mut Vec<String>) -> RgbImage {
    if !picture.color().has_color() {
        steps.push("grey to colours".to_owned());
    }
    opaque(picture, steps).into_rgb8()
}

/// Lays a picture with transparent parts on white if it is dark, on black if it is light, so that
/// strokes of any colour stay visible.
fn opaque(picture: DynamicImage, steps: &mut Vec<String>) -> DynamicImage {
    if !picture.color().has_alpha() {
        return picture;
    }
    let mut picture = picture.into_rgba8();
    if picture.pixels().all(|pixel| pixel.0[3] == u8::MAX) {
        return DynamicImage::ImageRgba8(picture);
    }
    let ground = if is_light(&picture) {
        steps.push("transparent to black".to_owned());
        Rgba([0, 0, 0, u8::MAX])
    } else {
        steps.push("transparent to white".to_owned());
        Rgba([u8::MAX; 4])
    };
    for pixel in picture.pixels_mut() {
        let mut opaque = ground;
        opaque.blend(pixel);
        *pixel = opaque;
    }
    DynamicImage::ImageRgba8(picture)
}

/// Whether the visible pixels are lighter than middle grey on average.
fn is_light(picture: &RgbaImage) -> bool {
    let (mut light, mut weight) = (0u64, 0u64);
    for pixel in picture.pixels() {
        let alpha = u64::from(pixel.0[3]);
        light += alpha * u64::from(pixel.to_luma().0[0]);
        weight += alpha;
    }
    2 * light > u64::from(u8::MAX) * weight
}

#[cfg(test)]
mod tests {
    use image::{ImageFormat, LumaA};

    use super::*;
    use crate::picture::tests::{bar, encoded};

    fn said(bytes: &[u8]) -> String {
        decoded(bytes, &mut Vec::new()).unwrap_err()
    }

    #[test]
    fn a_file_that_would_fill_the_memory_is_refused() {
        let mut jpeg = encoded(bar(8, 8), ImageFormat::Jpeg);
        let frame = jpeg.windows(2).position(|marker| marker == [0xff, 0xc0]);
        let size = frame.unwrap() + 5;
        for (height, width) in [(20_001, 1), (1, 20_001), (8000, 8001), (0xffff, 0xffff)] {
            jpeg[size..size + 2].copy_from_slice(&u16::to_be_bytes(height));
            jpeg[size + 2..size + 4].copy_from_slice(&u16::to_be_bytes(width));
            assert_eq!(said(&jpeg), format!("too large: {width} x {height} pixels"));
        }
        let long = vec![0; MOST_BYTES as usize + 1];
        assert_eq!(said(&long), "a file of over 167772160 bytes");
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
            let error = said(&bytes);
            assert_eq!(error.lines().count(), 1, "{error}");
        }
    }

    /// A vertical bar of one colour on a transparent ground.
    fn on_clear(colour: [u8; 3]) -> RgbaImage {
        let [red, green, blue] = colour;
        RgbaImage::from_fn(28, 28, |x, _| {
            let alpha = if x.abs_diff(14) < 3 { u8::MAX } else { 0 };
            Rgba([red, green, blue, alpha])
        })
    }

    #[test]
    fn strokes_on_a_transparent_ground_stay_visible() {
        let white = image::GrayAlphaImage::from_fn(28, 28, |x, _| {
            LumaA([u8::MAX, if x.abs_diff(14) < 3 { u8::MAX } else { 0 }])
        });
        for (picture, ground) in [
            (DynamicImage::from(on_clear([0, 0, 0])), "white"),
            (DynamicImage::from(on_clear([255, 255, 255])), "black"),
            (DynamicImage::from(on_clear([255, 230, 0])), "black"),
            (DynamicImage::from(white), "black"),
        ] {
            let mut steps = Vec::new();
            let read = grey(picture, &mut steps);
            let contrast = read.get_pixel(14, 14).0[0].abs_diff(read.get_pixel(2, 2).0[0]);
            assert!(contrast > 200, "{contrast}");
            assert_eq!(steps.last().unwrap(), &format!("transparent to {ground}"));
        }
    }
}
