//! Scaling a picture.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::{ImageBuffer, Pixel};

/// A picture with this many pixels per row and column. Each new pixel is the mean of those that it
/// covers, weighted by their distance (the triangle filter).
pub(super) fn scaled<P>(
    picture: &ImageBuffer<P, Vec<u8>>,
    width: u32,
    height: u32,
) -> ImageBuffer<P, Vec<u8>>
where
    P: Pixel<Subpixel = u8>,
{
    let pixel = match P::CHANNEL_COUNT {
        1 => PixelType::U8,
        3 => PixelType::U8x3,
        count => unreachable!("pictures are grey or have three colours, not {count}"),
    };
    let from = ImageRef::new(picture.width(), picture.height(), picture.as_raw(), pixel);
    let from = from.expect("a picture has all of its pixels");
    let mut to = Image::new(width, height, pixel);
    let triangle = ResizeAlg::Convolution(FilterType::Bilinear);
    Resizer::new()
        .resize(&from, &mut to, &ResizeOptions::new().resize_alg(triangle))
        .expect("both have the same kind of pixels");
    ImageBuffer::from_raw(width, height, to.into_vec()).expect("as many bytes as pixels")
}

#[cfg(test)]
mod tests {
    use image::imageops::{self, resize};
    use image::{GrayImage, Luma, Rgb, RgbImage};

    use super::*;

    /// The largest difference from `image`'s own scaling, in levels.
    fn furthest<P>(picture: &ImageBuffer<P, Vec<u8>>, width: u32, height: u32) -> u8
    where
        P: Pixel<Subpixel = u8> + 'static,
    {
        let plain = resize(picture, width, height, imageops::FilterType::Triangle);
        let fast = scaled(picture, width, height);
        assert_eq!(fast.dimensions(), (width, height));
        let pairs = plain.as_raw().iter().zip(fast.as_raw());
        pairs.map(|(a, b)| a.abs_diff(*b)).max().unwrap()
    }

    #[test]
    fn the_plain_scaling_gives_the_same_to_a_level() {
        let level = |x: u32, y: u32, by: u32| ((x * x + y * by) % 251) as u8;
        let grey = GrayImage::from_fn(97, 61, |x, y| Luma([level(x, y, 7)]));
        let colours = RgbImage::from_fn(97, 61, |x, y| Rgb([3, 5, 11].map(|by| level(x, y, by))));
        for (width, height) in [(28, 28), (64, 3), (1, 1), (97, 20), (200, 150)] {
            assert!(furthest(&grey, width, height) <= 1, "{width} x {height}");
            assert!(furthest(&colours, width, height) <= 1, "{width} x {height}");
        }
    }
}
