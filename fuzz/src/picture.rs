//! Pictures.

use std::io::Cursor;

use datasets::picture::{self, Form, Picture};
use image::{GrayImage, ImageFormat, ImageReader, Limits};

use super::sentence;

/// Most pictures with more pixels are skipped, since they are slow.
const QUICK: u32 = 1_000_000;

/// Checks that a picture is refused with a one-line error, or that its preprocessed form needs no
/// further steps.
pub fn check(data: &[u8]) {
    if pixels(data).is_some_and(|pixels| pixels > QUICK) && !data.len().is_multiple_of(64) {
        return;
    }
    let as_is = Form::as_is(&[28, 28, 1]).expect("a shape of pictures");
    for form in [as_is, Form::Digit] {
        let picture = match picture::decode(data, form) {
            Ok(picture) => picture,
            Err(problem) => {
                sentence::check(&problem);
                continue;
            }
        };
        for step in &picture.steps {
            sentence::check(step);
        }
        // It has the right size now, and a digit is light on a dark ground.
        if form == as_is || !picture.steps.is_empty() {
            let again = picture::decode(&png(&picture), form).expect("a picture");
            assert_eq!(again.pixels, picture.pixels);
            assert!(again.steps.is_empty(), "{:?}", again.steps);
        }
    }
}

/// The number of pixels; `None` if the picture is refused anyway.
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
    let grey = GrayImage::from_raw(28, 28, picture.pixels.clone()).expect("28 x 28 pixels");
    let mut bytes = Cursor::new(Vec::new());
    grey.write_to(&mut bytes, ImageFormat::Png)
        .expect("memory takes it");
    bytes.into_inner()
}
