//! Framing drawn digits as those of MNIST are framed: "the images were centered in a 28x28 image by
//! computing the center of mass of the pixels", after they were "size normalized to fit in a 20x20
//! pixel box while preserving their aspect ratio" (LeCun, Cortes and Burges, "The MNIST Database").

use image::imageops::crop_imm;
use image::{GrayImage, Luma};

use super::{NOTHING_DRAWN, scaling};

/// Rows and columns of a framed digit.
const SIDE: u32 = 28;
/// The longer side of the ink's box.
const BOX: u32 = 20;
/// The least difference between the tones of ink and paper.
const LEAST_CONTRAST: u8 = 24;
/// From this share of the full tone on, a pixel belongs to the ink's box.
const INK: u8 = 77;

/// A digit as light ink on a dark ground.
///
/// # Errors
///
/// If nothing is drawn.
pub(super) fn framed(grey: &GrayImage, steps: &mut Vec<String>) -> Result<Vec<u8>, String> {
    let nothing = || NOTHING_DRAWN.to_owned();
    let tones = Tones::of(grey).ok_or_else(nothing)?;
    if grey.dimensions() == (SIDE, SIDE) && !tones.is_dark_on_light() {
        return Ok(grey.as_raw().clone());
    }
    let bare = without_frame(grey, tones);
    if bare.dimensions() != grey.dimensions() {
        steps.push("frame removed".to_owned());
    }
    let tones = Tones::of(&bare).ok_or_else(nothing)?;
    if tones.is_dark_on_light() {
        steps.push("inverted (dark on light)".to_owned());
    }
    if tones.paper.min(tones.ink) > 0 || tones.paper.max(tones.ink) < u8::MAX {
        steps.push("contrast stretched".to_owned());
    }
    let ink = GrayImage::from_fn(bare.width(), bare.height(), |x, y| {
        Luma([tones.ink_of(bare.get_pixel(x, y).0[0])])
    });
    let [left, top, width, height] = ink_box(&ink).ok_or_else(nothing)?;
    let drawn = crop_imm(&ink, left, top, width, height).to_image();
    let longer = width.max(height);
    let scaled = |length: u32| {
        let length = (f64::from(length) * f64::from(BOX) / f64::from(longer)).round() as u32;
        length.max(1)
    };
    let small = scaling::scaled(&drawn, scaled(width), scaled(height));
    steps.push(format!(
        "ink of {width} x {height} pixels to {} x {} in {SIDE} x {SIDE}, centred by its mass",
        small.width(),
        small.height()
    ));
    let framed = centred(&small);
    // Specks all over a picture shrink to nothing.
    Tones::of(&framed).ok_or_else(nothing)?;
    Ok(framed.into_raw())
}

/// The tones of a picture's ground and of what is drawn on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Tones {
    paper: u8,
    ink: u8,
}

impl Tones {
    /// `None` if there is hardly any difference.
    fn of(grey: &GrayImage) -> Option<Self> {
        let threshold = otsu(&histogram(grey.pixels()));
        let is_light = |pixel: &Luma<u8>| pixel.0[0] > threshold;
        // Paper is what most of a wide border shows; a thin frame or a blot at the edge is not.
        let (mut light, mut border) = (0, 0);
        let wide = (grey.width().min(grey.height()) / 8).max(2);
        for (x, y, pixel) in grey.enumerate_pixels() {
            let from_edge = [x, y, grey.width() - 1 - x, grey.height() - 1 - y];
            if from_edge.into_iter().any(|distance| distance < wide) {
                border += 1;
                light += u32::from(is_light(pixel));
            }
        }
        let paper_is_light = 2 * light > border;
        let of = |light: bool| {
            let pixels = grey.pixels().filter(move |pixel| is_light(pixel) == light);
            histogram(pixels)
        };
        let paper = quantile(&of(paper_is_light), 0.5)?;
        // The darkest tenth of the ink: its edge is blurred.
        let ink = if paper_is_light {
            quantile(&of(false), 0.1)?
        } else {
            quantile(&of(true), 0.9)?
        };
        (paper.abs_diff(ink) >= LEAST_CONTRAST).then_some(Self { paper, ink })
    }

    fn is_dark_on_light(self) -> bool {
        self.ink < self.paper
    }

    /// How much of the ink's tone a pixel has, from 0 to 255.
    fn ink_of(self, pixel: u8) -> u8 {
        let [pixel, paper, ink] = [pixel, self.paper, self.ink].map(f32::from);
        ((pixel - paper) / (ink - paper) * 255.0)
            .round()
            .clamp(0.0, 255.0) as u8
    }
}

fn histogram<'a>(pixels: impl Iterator<Item = &'a Luma<u8>>) -> [u32; 256] {
    let mut counts = [0; 256];
    for pixel in pixels {
        counts[usize::from(pixel.0[0])] += 1;
    }
    counts
}

/// The tone that a share of the pixels does not exceed; `None` if there are no pixels.
fn quantile(counts: &[u32; 256], share: f64) -> Option<u8> {
    let total: u32 = counts.iter().sum();
    let wanted = (share * f64::from(total)).ceil().max(1.0);
    let mut seen = 0;
    (0..=u8::MAX).find(|&tone| {
        seen += counts[usize::from(tone)];
        total > 0 && f64::from(seen) >= wanted
    })
}

/// The tone that separates dark from light pixels best: the variance between the two is greatest (Otsu,
/// "A Threshold Selection Method from Gray-Level Histograms", 1979).
fn otsu(counts: &[u32; 256]) -> u8 {
    let weighted = |tone: u8| f64::from(counts[usize::from(tone)]);
    let total: f64 = (0..=u8::MAX).map(weighted).sum();
    let sum: f64 = (0..=u8::MAX)
        .map(|tone| f64::from(tone) * weighted(tone))
        .sum();
    let (mut below, mut sum_below) = (0.0, 0.0);
    let (mut best, mut threshold) = (-1.0, 0);
    for tone in 0..u8::MAX {
        below += weighted(tone);
        sum_below += f64::from(tone) * weighted(tone);
        let above = total - below;
        if below == 0.0 || above == 0.0 {
            continue;
        }
        let distance = sum_below / below - (sum - sum_below) / above;
        let between = below * above * distance * distance;
        if between > best {
            (best, threshold) = (between, tone);
        }
    }
    threshold
}

/// The picture without rings at its edge that are ink all around: a drawn frame, or the border of a
/// scan.
fn without_frame(grey: &GrayImage, tones: Tones) -> GrayImage {
    let most = grey.width().min(grey.height()) / 8;
    let mut frame = 0;
    while frame < most && is_ink_all_around(grey, tones, frame) {
        frame += 1;
    }
    if frame == 0 {
        return grey.clone();
    }
    // A frame's inner edge may be blurred.
    let frame = frame + 1;
    let (width, height) = (grey.width() - 2 * frame, grey.height() - 2 * frame);
    crop_imm(grey, frame, frame, width, height).to_image()
}

/// Whether nine tenths of each side are ink, at this distance from the edge.
fn is_ink_all_around(grey: &GrayImage, tones: Tones, distance: u32) -> bool {
    let (right, bottom) = (grey.width() - 1 - distance, grey.height() - 1 - distance);
    let is_ink = |x: u32, y: u32| tones.ink_of(grey.get_pixel(x, y).0[0]) > 127;
    let across = |y: u32| share(distance..=right, |x| is_ink(x, y));
    let along = |x: u32| share(distance..=bottom, |y| is_ink(x, y));
    [
        across(distance),
        across(bottom),
        along(distance),
        along(right),
    ]
    .into_iter()
    .all(|share| share > 0.9)
}

fn share(places: std::ops::RangeInclusive<u32>, holds: impl Fn(u32) -> bool) -> f64 {
    let (mut all, mut held) = (0.0, 0.0);
    for place in places {
        all += 1.0;
        held += f64::from(u8::from(holds(place)));
    }
    held / all
}

/// Left, top, width and height of the ink's box; `None` if there is no ink.
fn ink_box(ink: &GrayImage) -> Option<[u32; 4]> {
    let drawn = ink
        .enumerate_pixels()
        .filter(|(_, _, pixel)| pixel.0[0] >= INK);
    let bounds = drawn.fold(None, |bounds, (x, y, _)| {
        let [left, top, right, bottom] = bounds.unwrap_or([x, y, x, y]);
        Some([left.min(x), top.min(y), right.max(x), bottom.max(y)])
    });
    bounds.map(|[left, top, right, bottom]| [left, top, right - left + 1, bottom - top + 1])
}

/// The picture on a dark ground, with its centre of mass in the middle.
fn centred(small: &GrayImage) -> GrayImage {
    let (mut mass, mut x_sum, mut y_sum) = (0.0, 0.0, 0.0);
    for (x, y, pixel) in small.enumerate_pixels() {
        let weight = f64::from(pixel.0[0]);
        mass += weight;
        x_sum += weight * (f64::from(x) + 0.5);
        y_sum += weight * (f64::from(y) + 0.5);
    }
    let place = |sum: f64, length: u32| {
        let middle = f64::from(SIDE) / 2.0 - sum / mass.max(1.0);
        let most = i64::from(SIDE - length);
        (middle.round() as i64).clamp(0, most)
    };
    let (x, y) = (place(x_sum, small.width()), place(y_sum, small.height()));
    let mut picture = GrayImage::new(SIDE, SIDE);
    image::imageops::overlay(&mut picture, small, x, y);
    picture
}

#[cfg(test)]
mod tests {
    use image::imageops::{invert, overlay};

    use super::*;

    /// An L in light ink on a dark ground, framed as MNIST's digits are.
    fn digit() -> GrayImage {
        let mut picture = GrayImage::new(SIDE, SIDE);
        let small =
            GrayImage::from_fn(12, 20, |x, y| Luma([if x < 4 || y > 16 { 255 } else { 0 }]));
        overlay(&mut picture, &small, 0, 0);
        centred(&crop_imm(&picture, 0, 0, 12, 20).to_image())
    }

    fn framed(grey: &GrayImage) -> (GrayImage, Vec<String>) {
        let mut steps = Vec::new();
        let pixels = super::framed(grey, &mut steps).unwrap();
        (GrayImage::from_raw(SIDE, SIDE, pixels).unwrap(), steps)
    }

    /// The greatest difference between two pictures, averaged over 784 pixels.
    fn distance(one: &GrayImage, other: &GrayImage) -> f64 {
        let pixels = one.pixels().zip(other.pixels());
        let sum: u32 = pixels
            .map(|(a, b)| u32::from(a.0[0].abs_diff(b.0[0])))
            .sum();
        f64::from(sum) / f64::from(SIDE * SIDE)
    }

    #[test]
    fn a_framed_digit_is_not_changed() {
        let (same, steps) = framed(&digit());
        assert_eq!((same, steps), (digit(), Vec::new()));
    }

    #[test]
    fn paper_size_and_place_do_not_matter() {
        let large = scaling::scaled(&digit(), 280, 280);
        let toned = |paper: u8, ink: u8| {
            GrayImage::from_fn(280, 280, |x, y| {
                let share = f32::from(large.get_pixel(x, y).0[0]) / 255.0;
                let tone = f32::from(paper) + share * (f32::from(ink) - f32::from(paper));
                Luma([tone.round() as u8])
            })
        };
        let mut aside = GrayImage::from_pixel(560, 600, Luma([255]));
        overlay(&mut aside, &toned(255, 0), 270, 15);
        let mut inverted = digit();
        invert(&mut inverted);
        let mut in_frame = toned(255, 0);
        for place in 0..280 {
            for (x, y) in [(place, 0), (place, 279), (0, place), (279, place)] {
                in_frame.put_pixel(x, y, Luma([0]));
            }
        }
        for (picture, step) in [
            (toned(255, 0), "inverted (dark on light)"),
            (toned(0, 255), "ink of "),
            (toned(190, 60), "contrast stretched"),
            (toned(120, 30), "contrast stretched"),
            (aside, "inverted (dark on light)"),
            (inverted, "inverted (dark on light)"),
            (in_frame, "frame removed"),
        ] {
            let (read, steps) = framed(&picture);
            assert!(
                distance(&read, &digit()) < 6.0,
                "{steps:?} {}",
                distance(&read, &digit())
            );
            assert!(steps.iter().any(|said| said.starts_with(step)), "{steps:?}");
            assert!(steps.last().unwrap().ends_with("centred by its mass"));
        }
    }

    #[test]
    fn nothing_is_found_where_nothing_is_drawn() {
        let speckled =
            GrayImage::from_fn(280, 280, |x, y| Luma([200 + ((x * 7 + y * 3) % 9) as u8]));
        for blank in [
            GrayImage::from_pixel(28, 28, Luma([0])),
            GrayImage::from_pixel(280, 100, Luma([255])),
            GrayImage::from_pixel(1, 1, Luma([7])),
            speckled,
        ] {
            let error = super::framed(&blank, &mut Vec::new()).unwrap_err();
            assert_eq!(error, "nothing is drawn in it");
        }
    }
}
