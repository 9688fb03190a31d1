use sha2::{Digest, Sha256};

use crate::checksum::hex;

/// The token id that short texts are padded with.
pub(crate) const PADDING: i32 = 0;

/// Labelled examples of equal size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Examples {
    inputs: Inputs,
    labels: Vec<u8>,
    /// Numbers per example.
    width: usize,
}

/// The inputs of several examples, one after another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inputs {
    /// Numbers from 0 to 1 in steps of 1/255, such as pixels, in row-major order with channels last.
    Bytes(Vec<u8>),
    /// Token ids.
    Tokens(Vec<i32>),
}

impl Inputs {
    fn len(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::Tokens(tokens) => tokens.len(),
        }
    }

    fn split_off(&mut self, at: usize) -> Self {
        match self {
            Self::Bytes(bytes) => Self::Bytes(bytes.split_off(at)),
            Self::Tokens(tokens) => Self::Tokens(tokens.split_off(at)),
        }
    }
}

impl Examples {
    /// Examples of `width` numbers each.
    ///
    /// # Panics
    ///
    /// If there is not one label for every `width` numbers.
    pub(crate) fn new(inputs: Inputs, labels: Vec<u8>, width: usize) -> Self {
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
    pub fn labels(&self) -> &[u8] {
        &self.labels
    }

    /// The inputs as bytes, `[examples, width]`; `None` for texts.
    pub fn bytes(&self) -> Option<&[u8]> {
        match &self.inputs {
            Inputs::Bytes(bytes) => Some(bytes),
            Inputs::Tokens(_) => None,
        }
    }

    /// The inputs as token ids, `[examples, width]`; `None` if the examples are not texts.
    pub fn tokens(&self) -> Option<&[i32]> {
        match &self.inputs {
            Inputs::Bytes(_) => None,
            Inputs::Tokens(tokens) => Some(tokens),
        }
    }

    /// The number of tokens without padding; `None` if the examples are not texts.
    pub fn words(&self) -> Option<usize> {
        let tokens = self.tokens()?.iter();
        Some(tokens.filter(|&&token| token != PADDING).count())
    }

    /// Removes the last `fraction` of the examples, from 0 to below 1, and returns them. As with
    /// Keras's `validation_split`, the number of remaining examples is rounded down.
    #[must_use]
    pub fn split_off_last(&mut self, fraction: f64) -> Self {
        let kept = (self.len() as f64 * (1.0 - fraction)) as usize;
        Self {
            inputs: self.inputs.split_off(kept * self.width),
            labels: self.labels.split_off(kept),
            width: self.width,
        }
    }

    /// `sha256:` and the hash of inputs and labels, in order.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        hash.update((self.len() as u64).to_le_bytes());
        match &self.inputs {
            Inputs::Bytes(bytes) => hash.update(bytes),
            Inputs::Tokens(tokens) => {
                hash.update((self.width as u64).to_le_bytes());
                for tokens in tokens.chunks(1 << 10) {
                    let bytes: Vec<u8> = tokens.iter().flat_map(|id| id.to_le_bytes()).collect();
                    hash.update(bytes);
                }
            }
        }
        hash.update(&self.labels);
        format!("sha256:{}", hex(&hash.finalize()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pictures(count: u8) -> Examples {
        let bytes = (0..count).flat_map(|number| [number; 6]).collect();
        let labels = (0..count).map(|number| number % 10).collect();
        Examples::new(Inputs::Bytes(bytes), labels, 6)
    }

    fn texts(count: u8) -> Examples {
        let tokens = (0..i32::from(count)).flat_map(|number| [0, 1, number + 2]);
        let labels = (0..count).map(|number| number % 2).collect();
        Examples::new(Inputs::Tokens(tokens.collect()), labels, 3)
    }

    #[test]
    fn the_last_examples_are_split_off() {
        let mut train = pictures(10);
        let validation = train.split_off_last(0.2);
        assert_eq!(train.labels(), [0, 1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(validation.labels(), [8, 9]);
        assert_eq!(validation.bytes().unwrap()[0], 8);
        assert!(pictures(10).split_off_last(0.0).is_empty());

        let mut train = texts(5);
        let validation = train.split_off_last(0.4);
        assert_eq!(train.labels(), [0, 1, 0]);
        assert_eq!(validation.tokens().unwrap(), [0, 1, 5, 0, 1, 6]);
        assert_eq!((validation.width(), validation.len()), (3, 2));
        assert_eq!((train.words(), validation.words()), (Some(6), Some(4)));
    }

    #[test]
    fn the_digest_depends_on_inputs_labels_lengths_and_order() {
        for (set, other_count) in [(pictures(6), pictures(7)), (texts(6), texts(7))] {
            let mut other_input = set.clone();
            match &mut other_input.inputs {
                Inputs::Bytes(bytes) => bytes[17] = 200,
                Inputs::Tokens(tokens) => tokens[5] = 9,
            }
            let mut other_label = set.clone();
            other_label.labels[2] = 9;
            assert_eq!(set.digest(), set.clone().digest());
            for other in [other_input, other_label, other_count] {
                assert_ne!(set.digest(), other.digest());
            }
        }
        let empty = |length| Examples::new(Inputs::Tokens(Vec::new()), Vec::new(), length);
        assert_ne!(empty(2).digest(), empty(3).digest());
    }
}
