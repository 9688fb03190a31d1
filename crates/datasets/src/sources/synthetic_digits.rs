//! Digits drawn as strokes. They are easier than handwriting: results on them say nothing about
//! MNIST.

use random::{Purpose, Stream, unit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use spec::{DataSpec, Fraction};

use crate::dataset::Dataset;
use crate::error::DataError;
use crate::examples::{Examples, Inputs};
use crate::preprocessing::Preprocessing;
use crate::progress::Progress;
use crate::settings::SetSize;
use crate::source::{Places, Source, Validation};
use crate::{described, settings};

/// Images of digits that hearth draws itself, 28 x 28 pixels, easier than handwriting. They need no
/// files and no network, and are the same on every machine and for every seed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SyntheticDigits {
    /// The number of images for training.
    #[serde(default = "settings::train_examples")]
    pub train_examples: SetSize,
    /// The number of images for the test.
    #[serde(default = "settings::test_examples")]
    pub test_examples: SetSize,
    /// The fraction of the training set, from its end, to hold out for validation.
    #[serde(default = "settings::validation_fraction")]
    pub validation_fraction: Fraction,
}

impl Source for SyntheticDigits {
    fn spec(&self) -> Option<DataSpec> {
        Some(described::digits(SIDE))
    }

    fn validation(&self) -> Validation {
        Validation::HeldOut(self.validation_fraction.get())
    }

    fn load(&self, _: &Places, _: &mut dyn FnMut(Progress)) -> Result<Dataset, DataError> {
        let mut train = drawn(self.train_examples.get(), 0);
        let validation = train.hold_out_last(self.validation_fraction.get())?;
        Ok(Dataset {
            name: "synthetic digits".to_owned(),
            spec: described::digits(SIDE),
            train,
            validation,
            test: drawn(self.test_examples.get(), 1),
            preprocessing: Preprocessing::None,
            noticed: None,
            splits: None,
        })
    }
}

/// Rows and columns of an image.
const SIDE: usize = 28;
const PIXELS: usize = SIDE * SIDE;

/// The strokes of a digit: lines through points of the unit square, with `y` pointing down.
type Glyph = &'static [&'static [[f32; 2]]];

const GLYPHS: [Glyph; 10] = [
    &[&[
        [0.5, 0.05],
        [0.25, 0.15],
        [0.15, 0.5],
        [0.25, 0.85],
        [0.5, 0.95],
        [0.75, 0.85],
        [0.85, 0.5],
        [0.75, 0.15],
        [0.5, 0.05],
    ]],
    &[&[[0.3, 0.25], [0.55, 0.05], [0.55, 0.95]]],
    &[&[
        [0.2, 0.25],
        [0.35, 0.08],
        [0.65, 0.08],
        [0.8, 0.28],
        [0.7, 0.5],
        [0.2, 0.95],
        [0.85, 0.95],
    ]],
    &[&[
        [0.2, 0.12],
        [0.5, 0.05],
        [0.78, 0.2],
        [0.7, 0.42],
        [0.45, 0.48],
        [0.75, 0.55],
        [0.82, 0.78],
        [0.55, 0.95],
        [0.18, 0.86],
    ]],
    &[&[[0.7, 0.95], [0.7, 0.05], [0.15, 0.68], [0.9, 0.68]]],
    &[&[
        [0.8, 0.06],
        [0.28, 0.06],
        [0.22, 0.46],
        [0.55, 0.4],
        [0.82, 0.6],
        [0.75, 0.86],
        [0.45, 0.96],
        [0.18, 0.86],
    ]],
    &[&[
        [0.72, 0.06],
        [0.35, 0.3],
        [0.2, 0.65],
        [0.35, 0.93],
        [0.65, 0.93],
        [0.8, 0.7],
        [0.62, 0.5],
        [0.35, 0.52],
        [0.22, 0.68],
    ]],
    &[
        &[[0.15, 0.06], [0.85, 0.06], [0.4, 0.95]],
        &[[0.3, 0.5], [0.75, 0.5]],
    ],
    &[
        &[
            [0.5, 0.05],
            [0.25, 0.18],
            [0.3, 0.4],
            [0.5, 0.48],
            [0.72, 0.4],
            [0.75, 0.18],
            [0.5, 0.05],
        ],
        &[
            [0.5, 0.48],
            [0.2, 0.65],
            [0.25, 0.88],
            [0.5, 0.96],
            [0.75, 0.88],
            [0.8, 0.65],
            [0.5, 0.48],
        ],
    ],
    &[&[
        [0.78, 0.32],
        [0.6, 0.48],
        [0.35, 0.47],
        [0.2, 0.28],
        [0.35, 0.07],
        [0.65, 0.07],
        [0.8, 0.32],
        [0.72, 0.65],
        [0.55, 0.95],
    ]],
];

/// Draws images of digits; the classes take turns.
fn drawn(examples: usize, half: u32) -> Examples {
    let labels: Vec<u16> = (0..examples)
        .map(|index| (index % GLYPHS.len()) as u16)
        .collect();
    let mut pixels = Vec::with_capacity(examples * PIXELS);
    for (index, &label) in (0..).zip(&labels) {
        let words = Stream::new(0, Purpose::SyntheticDigits, half, index).words(6 + PIXELS);
        let (pose, noise) = words.split_at(6);
        draw(
            GLYPHS[usize::from(label)],
            &Pose::new(pose),
            noise,
            &mut pixels,
        );
    }
    Examples::new(Inputs::Bytes(pixels), labels, PIXELS)
}

/// Position, size, slant and stroke of a digit in its image. There is no rotation, since the last bit
/// of a sine differs between machines.
struct Pose {
    centre: [f32; 2],
    scale: [f32; 2],
    slant: f32,
    thickness: f32,
}

impl Pose {
    fn new(words: &[u32]) -> Self {
        let between = |word: usize, low: f32, high: f32| low + (high - low) * unit(words[word]);
        let middle = SIDE as f32 / 2.0;
        Self {
            centre: [
                middle + between(0, -3.0, 3.0),
                middle + between(1, -3.0, 3.0),
            ],
            scale: [between(2, 11.0, 17.0), between(3, 15.0, 20.0)],
            slant: between(4, -0.35, 0.35),
            thickness: between(5, 0.8, 1.7),
        }
    }

    fn place(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        let (x, y) = (x - 0.5, y - 0.5);
        [
            self.centre[0] + self.scale[0] * (x - self.slant * y),
            self.centre[1] + self.scale[1] * y,
        ]
    }
}

fn draw(glyph: Glyph, pose: &Pose, noise: &[u32], pixels: &mut Vec<u8>) {
    let lines: Vec<[[f32; 2]; 2]> = glyph
        .iter()
        .flat_map(|stroke| stroke.windows(2))
        .map(|ends| [pose.place(ends[0]), pose.place(ends[1])])
        .collect();
    for (pixel, &noise) in noise.iter().enumerate() {
        let point = [(pixel % SIDE) as f32 + 0.5, (pixel / SIDE) as f32 + 0.5];
        let distance = lines
            .iter()
            .map(|line| squared_distance(point, line))
            .fold(f32::INFINITY, f32::min)
            .sqrt();
        let ink = (pose.thickness + 0.5 - distance).clamp(0.0, 1.0);
        let value = ink * (1.0 - 0.2 * unit(noise)) + 0.15 * unit(noise) * (1.0 - ink);
        pixels.push((255.0 * value) as u8);
    }
}

fn squared_distance([x, y]: [f32; 2], [[x0, y0], [x1, y1]]: &[[f32; 2]; 2]) -> f32 {
    let (dx, dy) = (x1 - x0, y1 - y0);
    let along = ((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy);
    let along = along.clamp(0.0, 1.0);
    let (ex, ey) = (x - x0 - along * dx, y - y0 - along * dy);
    ex * ex + ey * ey
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn are_the_same_every_time_and_differ_between_halves() {
        let train = drawn(50, 0);
        assert_eq!(train, drawn(50, 0));
        assert_ne!(train, drawn(50, 1));
        // More examples continue the sequence.
        let longer = drawn(60, 0);
        assert_eq!(
            longer.bytes().unwrap()[..50 * PIXELS],
            *train.bytes().unwrap()
        );
    }

    /// Results on these digits are comparable only as long as the images stay the same.
    #[test]
    fn have_not_changed() {
        assert_eq!(
            drawn(20, 0).digest(),
            "sha256:2ea52c93a24387a11dc8c3e64657d406861e7c24f306fc0de3030536fa668ad5"
        );
    }

    #[test]
    fn the_mean_images_tell_some_digits_apart_but_do_not_suffice() {
        let images = |set: &Examples| -> Vec<(Vec<f32>, usize)> {
            let pixels = set.bytes().unwrap().chunks(PIXELS);
            let pixels = pixels.map(|image| image.iter().map(|&pixel| f32::from(pixel)).collect());
            pixels
                .zip(set.labels().iter().map(|&label| usize::from(label)))
                .collect()
        };
        let mut means = vec![vec![0.0; PIXELS]; GLYPHS.len()];
        for (image, label) in images(&drawn(500, 0)) {
            for (mean, pixel) in means[label].iter_mut().zip(image) {
                *mean += pixel / 50.0;
            }
        }
        let nearest = |image: &[f32]| {
            let distance = |mean: &[f32]| -> f32 {
                mean.iter().zip(image).map(|(a, b)| (a - b) * (a - b)).sum()
            };
            let classes = 0..GLYPHS.len();
            classes.min_by(|&a, &b| distance(&means[a]).total_cmp(&distance(&means[b])))
        };
        let test = images(&drawn(200, 1));
        let right = test
            .iter()
            .filter(|(image, label)| nearest(image) == Some(*label))
            .count();
        assert!(
            (80..150).contains(&right),
            "{right} of 200: too hard or too easy"
        );
    }
}
