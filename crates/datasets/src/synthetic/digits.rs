//! Digits made of strokes. Easier than handwriting; nothing learnt about them holds for MNIST.

use random::{Purpose, Stream, unit};

use crate::images::{CLASSES, PIXELS, SIDE};
use crate::{Dataset, ImageSet};

/// The strokes of a digit: lines through points of the unit square, `y` downwards.
type Glyph = &'static [&'static [[f32; 2]]];

const GLYPHS: [Glyph; CLASSES] = [
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

/// Images of digits; the classes take turns.
pub fn digits(train_examples: usize, test_examples: usize) -> Dataset<ImageSet> {
    Dataset {
        name: "synthetic digits",
        train: image_set(train_examples, 0),
        test: image_set(test_examples, 1),
    }
}

fn image_set(examples: usize, split: u32) -> ImageSet {
    let labels: Vec<u8> = (0..examples).map(|index| (index % CLASSES) as u8).collect();
    let mut pixels = Vec::with_capacity(examples * PIXELS);
    for (index, &label) in (0..).zip(&labels) {
        let words = Stream::new(0, Purpose::SyntheticDigits, split, index).words(6 + PIXELS);
        let (pose, noise) = words.split_at(6);
        draw(
            GLYPHS[usize::from(label)],
            &Pose::new(pose),
            noise,
            &mut pixels,
        );
    }
    ImageSet::new(pixels, labels)
}

/// How a digit lies in its image. Without sines, whose last bit differs between machines.
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
    fn are_the_same_every_time_and_differ_between_splits() {
        let dataset = digits(50, 50);
        assert_eq!(dataset, digits(50, 50));
        assert_ne!(dataset.train, dataset.test);
        // More examples are a continuation, not other images.
        let longer = digits(60, 50).train;
        assert_eq!(longer.pixels()[..50 * PIXELS], *dataset.train.pixels());
    }

    /// Guards the drawing itself: results on these digits are only comparable while it stays.
    #[test]
    fn have_not_changed() {
        assert_eq!(
            digits(20, 0).train.digest(),
            "sha256:2ea52c93a24387a11dc8c3e64657d406861e7c24f306fc0de3030536fa668ad5"
        );
    }

    #[test]
    fn the_mean_images_tell_some_digits_apart_but_do_not_suffice() {
        let dataset = digits(500, 200);
        let images = |set: &ImageSet| -> Vec<(Vec<f32>, usize)> {
            let pixels = set.pixels().chunks(PIXELS);
            let pixels = pixels.map(|image| image.iter().map(|&pixel| f32::from(pixel)).collect());
            pixels
                .zip(set.labels().iter().map(|&label| usize::from(label)))
                .collect()
        };
        let mut means = vec![vec![0.0; PIXELS]; CLASSES];
        for (image, label) in images(&dataset.train) {
            for (mean, pixel) in means[label].iter_mut().zip(image) {
                *mean += pixel / 50.0;
            }
        }
        let nearest = |image: &[f32]| {
            let distance = |mean: &[f32]| -> f32 {
                mean.iter().zip(image).map(|(a, b)| (a - b) * (a - b)).sum()
            };
            let classes = 0..CLASSES;
            classes.min_by(|&a, &b| distance(&means[a]).total_cmp(&distance(&means[b])))
        };
        let test = images(&dataset.test);
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
