//! People's pictures.

use std::io::Cursor;

use datasets::picture::{Picture, decode};
use image::{GrayImage, ImageFormat, ImageReader, Limits};

use super::sentence;

/// Larger ones take so long that most are left out.
const QUICK: u32 = 1_000_000;

pub fn check(data: &[u8]) {
    if pixels(data).is_some_and(|pixels| pixels > QUICK) && !data.len().is_multiple_of(64) {
        return;
    }
    let picture = match decode(data) {
        Ok(picture) => picture,
        Err(problem) => return sentence::check(&problem),
    };
    for step in &picture.steps {
        sentence::check(step);
    }
    // What was not scaled is dark at its edge: it is taken as it is.
    if !picture
        .steps
        .iter()
        .any(|step| step.contains(" to 28 x 28"))
    {
        let again = decode(&png(&picture)).expect("a picture");
        assert_eq!(again.pixels, picture.pixels);
        assert!(again.steps.is_empty(), "{:?}", again.steps);
    }
}

/// Of a picture that is not refused for its size.
fn pixels(data: &[u8]) -> Option<u32> {
    let mut reader = ImageReader::new(Cursor::new(data));
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(1 << 20);
    reader.limits(limits);
    let reader = reader.with_guessed_format().ok()?;
    let (width, height) = reader.into_dimensions().ok()?;
    width.checked_mul(height).filter(|&pixels| pixels < 1 << 28)
}

fn png(picture: &Picture) -> Vec<u8> {
    let grey = GrayImage::from_raw(28, 28, picture.pixels.to_vec()).expect("28 x 28 pixels");
    let mut bytes = Cursor::new(Vec::new());
    grey.write_to(&mut bytes, ImageFormat::Png)
        .expect("memory takes it");
    bytes.into_inner()
}
