use sha2::{Digest, Sha256};

use crate::checksum::hex;
use crate::error::DataError;

/// The token id that short texts are padded with.
pub(crate) const PADDING: i32 = 0;

/// Labelled examples of equal size.
#[derive(Clone, Debug, PartialEq)]
pub struct Examples {
    inputs: Inputs,
    labels: Vec<u16>,
    /// Numbers per example.
    width: usize,
}

/// The inputs of several examples, one after another.
#[derive(Clone, Debug, PartialEq)]
pub enum Inputs {
    /// Numbers from 0 to 1 in steps of 1/255, such as pixels, in row-major order with channels last.
    Bytes(Vec<u8>),
    /// Finite numbers, such as the standardised columns of a table.
    Numbers(Vec<f32>),
    /// Token ids.
    Tokens(Vec<i32>),
}

impl Inputs {
    /// The number of numbers or token ids.
    #[expect(clippy::len_without_is_empty, reason = "nobody asks")]
    pub fn len(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::Numbers(numbers) => numbers.len(),
            Self::Tokens(tokens) => tokens.len(),
        }
    }

    fn split_off(&mut self, at: usize) -> Self {
        match self {
            Self::Bytes(bytes) => Self::Bytes(bytes.split_off(at)),
            Self::Numbers(numbers) => Self::Numbers(numbers.split_off(at)),
            Self::Tokens(tokens) => Self::Tokens(tokens.split_off(at)),
        }
    }

    /// The rows with these indices, of `width` numbers each.
    fn select(&self, indices: &[usize], width: usize) -> Self {
        fn rows<T: Copy>(all: &[T], indices: &[usize], width: usize) -> Vec<T> {
            let mut rows = Vec::with_capacity(indices.len() * width);
            for &index in indices {
                rows.extend_from_slice(&all[index * width..][..width]);
            }
            rows
        }
        match self {
            Self::Bytes(bytes) => Self::Bytes(rows(bytes, indices, width)),
            Self::Numbers(numbers) => Self::Numbers(rows(numbers, indices, width)),
            Self::Tokens(tokens) => Self::Tokens(rows(tokens, indices, width)),
        }
    }
}

impl Examples {
    /// Examples of `width` numbers each.
    ///
    /// # Panics
    ///
    /// If there is not one label for every `width` numbers.
    pub(crate) fn new(inputs: Inputs, labels: Vec<u16>, width: usize) -> Self {
        assert_eq!(inputs.len(), labels.len() * width, "a label per example");
        Self {
            inputs,
            labels,
            width,
        }
    }

    /// The number of examples.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are no examples.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Numbers per example: features or tokens.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The inputs, one example after another.
    pub fn inputs(&self) -> &Inputs {
        &self.inputs
    }

    /// The class of each example, counted from 0.
    pub fn labels(&self) -> &[u16] {
        &self.labels
    }

    /// The inputs as bytes, `[examples, width]`; `None` if they are numbers or texts.
    pub fn bytes(&self) -> Option<&[u8]> {
        match &self.inputs {
            Inputs::Bytes(bytes) => Some(bytes),
            Inputs::Numbers(_) | Inputs::Tokens(_) => None,
        }
    }

    /// The inputs as token ids, `[examples, width]`; `None` if the examples are not texts.
    pub fn tokens(&self) -> Option<&[i32]> {
        match &self.inputs {
            Inputs::Bytes(_) | Inputs::Numbers(_) => None,
            Inputs::Tokens(tokens) => Some(tokens),
        }
    }

    /// The number of tokens without padding; `None` if the examples are not texts.
    pub fn words(&self) -> Option<usize> {
        let tokens = self.tokens()?.iter();
        Some(tokens.filter(|&&token| token != PADDING).count())
    }

    /// Removes the last `fraction` of the examples, from 0 to below 1, and returns them; `None` if
    /// there are none. As with Keras's `validation_split`, the number of remaining examples is rounded
    /// down.
    ///
    /// # Errors
    ///
    /// If no examples remain.
    pub(crate) fn hold_out_last(&mut self, fraction: f64) -> Result<Option<Self>, DataError> {
        let examples = self.len();
        let kept = (examples as f64 * (1.0 - fraction)) as usize;
        if kept == 0 {
            return Err(DataError::NothingToTrainOn { fraction, examples });
        }
        let last = Self {
            inputs: self.inputs.split_off(kept * self.width),
            labels: self.labels.split_off(kept),
            width: self.width,
        };
        Ok(Some(last).filter(|last| !last.is_empty()))
    }

    /// The examples with these indices, in this order.
    #[must_use]
    pub(crate) fn select(&self, indices: &[usize]) -> Self {
        Self {
            inputs: self.inputs.select(indices, self.width),
            labels: indices.iter().map(|&index| self.labels[index]).collect(),
            width: self.width,
        }
    }

    /// The number of examples of each class.
    pub fn class_counts(&self, classes: usize) -> Vec<usize> {
        let mut counts = vec![0; classes];
        for &label in &self.labels {
            counts[usize::from(label)] += 1;
        }
        counts
    }

    /// `sha256:` and the hash of inputs and labels, in order.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        hash.update((self.len() as u64).to_le_bytes());
        match &self.inputs {
            Inputs::Bytes(bytes) => hash.update(bytes),
            Inputs::Numbers(numbers) => {
                hash.update((self.width as u64).to_le_bytes());
                update(&mut hash, numbers, |number| number.to_le_bytes());
            }
            Inputs::Tokens(tokens) => {
                hash.update((self.width as u64).to_le_bytes());
                update(&mut hash, tokens, |id| id.to_le_bytes());
            }
        }
        // A byte each where that is enough.
        match narrow(&self.labels) {
            Some(labels) => hash.update(labels),
            None => update(&mut hash, &self.labels, |label| label.to_le_bytes()),
        }
        format!("sha256:{}", hex(&hash.finalize()))
    }

    /// A hash of each example's input, for finding equal ones.
    pub(crate) fn input_hashes(&self) -> impl Iterator<Item = u128> {
        (0..self.len()).map(|index| {
            let mut hash = Sha256::new();
            let row = index * self.width..(index + 1) * self.width;
            match &self.inputs {
                Inputs::Bytes(bytes) => hash.update(&bytes[row]),
                Inputs::Numbers(numbers) => {
                    update(&mut hash, &numbers[row], |number| number.to_le_bytes());
                }
                Inputs::Tokens(tokens) => update(&mut hash, &tokens[row], |id| id.to_le_bytes()),
            }
            let hash = hash.finalize();
            let (halves, _) = hash.as_chunks();
            u128::from_le_bytes(halves[0])
        })
    }
}

/// Hashes numbers in their little-endian form.
fn update<T: Copy, const N: usize>(hash: &mut Sha256, numbers: &[T], to_bytes: fn(T) -> [u8; N]) {
    for numbers in numbers.chunks(1 << 10) {
        let bytes: Vec<u8> = numbers
            .iter()
            .flat_map(|&number| to_bytes(number))
            .collect();
        hash.update(bytes);
    }
}

/// Labels as bytes; `None` if one does not fit.
fn narrow(labels: &[u16]) -> Option<Vec<u8>> {
    let bytes = labels.iter().map(|&label| u8::try_from(label).ok());
    bytes.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pictures(count: u8) -> Examples {
        let bytes = (0..count).flat_map(|number| [number; 6]).collect();
        let labels = (0..u16::from(count)).map(|number| number % 10).collect();
        Examples::new(Inputs::Bytes(bytes), labels, 6)
    }

    fn rows(count: u8) -> Examples {
        let numbers = (0..count).flat_map(|number| [f32::from(number), -0.5]);
        let labels = (0..u16::from(count)).map(|number| number % 3).collect();
        Examples::new(Inputs::Numbers(numbers.collect()), labels, 2)
    }

    fn texts(count: u8) -> Examples {
        let tokens = (0..i32::from(count)).flat_map(|number| [0, 1, number + 2]);
        let labels = (0..u16::from(count)).map(|number| number % 2).collect();
        Examples::new(Inputs::Tokens(tokens.collect()), labels, 3)
    }

    #[test]
    fn the_last_examples_are_split_off() {
        let mut train = pictures(10);
        let validation = train.hold_out_last(0.2).unwrap().unwrap();
        assert_eq!(train.labels(), [0, 1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(validation.labels(), [8, 9]);
        assert_eq!(validation.bytes().unwrap()[0], 8);
        assert_eq!(pictures(10).hold_out_last(0.0).unwrap(), None);
        let error = pictures(10).hold_out_last(0.95).unwrap_err();
        assert_eq!(
            error.to_string(),
            "validation_fraction 0.95 of 10 examples leaves none to train on; lower it"
        );

        let mut train = texts(5);
        let validation = train.hold_out_last(0.4).unwrap().unwrap();
        assert_eq!(train.labels(), [0, 1, 0]);
        assert_eq!(validation.tokens().unwrap(), [0, 1, 5, 0, 1, 6]);
        assert_eq!((validation.width(), validation.len()), (3, 2));
        assert_eq!((train.words(), validation.words()), (Some(6), Some(4)));
    }

    #[test]
    fn the_digest_depends_on_inputs_labels_lengths_and_order() {
        let sets = [
            (pictures(6), pictures(7)),
            (rows(6), rows(7)),
            (texts(6), texts(7)),
        ];
        for (set, other_count) in sets {
            let mut other_input = set.clone();
            match &mut other_input.inputs {
                Inputs::Bytes(bytes) => bytes[17] = 200,
                Inputs::Numbers(numbers) => numbers[5] = 9.5,
                Inputs::Tokens(tokens) => tokens[5] = 9,
            }
            let mut other_label = set.clone();
            other_label.labels[2] = 9;
            assert_eq!(set.digest(), set.clone().digest());
            let mut wide_label = set.clone();
            wide_label.labels[2] += 256;
            for other in [other_input, other_label, wide_label, other_count] {
                assert_ne!(set.digest(), other.digest());
            }
        }
        let empty = |length| Examples::new(Inputs::Tokens(Vec::new()), Vec::new(), length);
        assert_ne!(empty(2).digest(), empty(3).digest());
    }
}
