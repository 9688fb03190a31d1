use sha2::{Digest, Sha256};

use crate::checksum::hex;
use crate::dataset::kept;

/// Classes of every image set here: the digits.
pub const CLASSES: usize = 10;
/// Rows and columns of an image.
pub const SIDE: usize = 28;
/// Pixels of an image.
pub const PIXELS: usize = SIDE * SIDE;

/// Grey images of 28 x 28 pixels, row by row, 0 to 255, with a label of 0 to 9 each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageSet {
    pixels: Vec<u8>,
    labels: Vec<u8>,
}

impl ImageSet {
    /// # Panics
    ///
    /// If there are not as many labels as images.
    pub(crate) fn new(pixels: Vec<u8>, labels: Vec<u8>) -> Self {
        assert_eq!(pixels.len(), labels.len() * PIXELS, "a label per image");
        Self { pixels, labels }
    }

    pub fn examples(&self) -> usize {
        self.labels.len()
    }

    /// The images one after another.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    pub fn labels(&self) -> &[u8] {
        &self.labels
    }

    /// Takes the last `fraction`, `[0, 1)`, of the examples off, as Keras's `validation_split`
    /// does: before any shuffle, and the remaining part rounded down.
    pub fn split_off_last(&mut self, fraction: f64) -> Self {
        let kept = kept(self.examples(), fraction);
        Self {
            pixels: self.pixels.split_off(kept * PIXELS),
            labels: self.labels.split_off(kept),
        }
    }

    /// The hash of the pixels and the labels in their order.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        hash.update((self.examples() as u64).to_le_bytes());
        hash.update(&self.pixels);
        hash.update(&self.labels);
        format!("sha256:{}", hex(&hash.finalize()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(count: u8) -> ImageSet {
        let pixels = (0..count).flat_map(|number| [number; PIXELS]).collect();
        ImageSet::new(pixels, (0..count).map(|number| number % 10).collect())
    }

    #[test]
    fn the_last_examples_are_split_off() {
        let mut train = numbered(10);
        let validation = train.split_off_last(0.2);
        assert_eq!(train.labels(), [0, 1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(validation.labels(), [8, 9]);
        assert_eq!(validation.pixels()[0], 8);
        assert_eq!(numbered(10).split_off_last(0.0).examples(), 0);
    }

    #[test]
    fn the_digest_tells_pixels_labels_and_order_apart() {
        let set = numbered(4);
        let mut other_pixel = set.clone();
        other_pixel.pixels[17] = 200;
        let mut other_label = set.clone();
        other_label.labels[2] = 9;
        assert_eq!(set.digest(), numbered(4).digest());
        for other in [other_pixel, other_label, numbered(5)] {
            assert_ne!(set.digest(), other.digest());
        }
    }
}
