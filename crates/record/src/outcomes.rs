use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::count::count;

/// One bit per example: whether it was classified correctly.
///
/// In JSON this is a string `"<examples>:<bits>"`: the number of examples, then the bits in base64.
/// A byte holds eight examples, the first in the lowest bit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcomes {
    examples: usize,
    bits: Vec<u8>,
}

impl Outcomes {
    /// The number of examples.
    pub fn len(&self) -> usize {
        self.examples
    }

    /// Whether there are no examples.
    pub fn is_empty(&self) -> bool {
        self.examples == 0
    }

    /// Whether each example was classified correctly, in order.
    pub fn iter(&self) -> impl Iterator<Item = bool> {
        (0..self.examples).map(|index| self.bits[index / 8] >> (index % 8) & 1 == 1)
    }

    /// The number of examples that were classified correctly.
    pub fn correct(&self) -> usize {
        self.iter().filter(|&correct| correct).count()
    }
}

impl FromIterator<bool> for Outcomes {
    fn from_iter<I: IntoIterator<Item = bool>>(outcomes: I) -> Self {
        let mut bits = Vec::new();
        let mut examples = 0;
        for correct in outcomes {
            if examples % 8 == 0 {
                bits.push(0);
            }
            bits[examples / 8] |= u8::from(correct) << (examples % 8);
            examples += 1;
        }
        Self { examples, bits }
    }
}

impl Serialize for Outcomes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = format!("{}:{}", self.examples, STANDARD.encode(&self.bits));
        serializer.serialize_str(&text)
    }
}

impl<'de> Deserialize<'de> for Outcomes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let malformed = || D::Error::custom("not of the form <examples>:<base64>");
        let (examples, bits) = text.split_once(':').ok_or_else(malformed)?;
        let examples = count(examples).ok_or_else(malformed)?;
        let bits = STANDARD.decode(bits).map_err(|_| malformed())?;
        if bits.len() != examples.div_ceil(8) {
            return Err(D::Error::custom(format!(
                "{} bytes for {examples} examples",
                bits.len()
            )));
        }
        Ok(Self { examples, bits })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip_through_json() {
        for count in [0usize, 1, 7, 8, 9, 1000] {
            let outcomes: Vec<bool> = (0..count).map(|index| index % 3 == 0).collect();
            let packed: Outcomes = outcomes.iter().copied().collect();
            let json = serde_json::to_string(&packed).unwrap();
            let read: Outcomes = serde_json::from_str(&json).unwrap();
            assert_eq!(read.iter().collect::<Vec<_>>(), outcomes);
            assert_eq!(read.correct(), count.div_ceil(3));
        }
    }

    #[test]
    fn text_that_contradicts_its_count_is_refused() {
        for text in [
            "\"\"",
            "\"3\"",
            "\"9:AA==\"",
            "\"x:AA==\"",
            "\"8:@@@@\"",
            "\"08:AA==\"",
        ] {
            assert!(serde_json::from_str::<Outcomes>(text).is_err(), "{text}");
        }
    }
}
