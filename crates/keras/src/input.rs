//! What a network reads.

use serde_json::Value;

/// What a network reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Numbers, `[features]`: a table, or images as rows of pixels.
    Features(usize),
    /// `[rows, columns, channels]`
    Image([usize; 3]),
    /// Token ids, `[length]`.
    Tokens {
        /// The number of rows of the embedding.
        vocabulary: usize,
        /// Tokens per text; `None` for any number.
        length: Option<usize>,
    },
}

/// A shape without the batch; `None` for lengths that are open.
pub(crate) type Shape = Vec<Option<usize>>;

/// The shape in a value such as `[null, 28, 28, 1]`, whose first length is the batch.
pub(crate) fn shape(value: &Value) -> Option<Shape> {
    let lengths = value.as_array()?.get(1..)?;
    let length = |value: &Value| {
        value
            .as_u64()
            .and_then(|length| usize::try_from(length).ok())
    };
    Some(lengths.iter().map(length).collect())
}

/// For example `[28, 28, any]`.
pub(crate) fn shown(shape: &[Option<usize>]) -> String {
    let lengths: Vec<String> = shape
        .iter()
        .map(|length| length.map_or("any".to_owned(), |length| length.to_string()))
        .collect();
    format!("[{}]", lengths.join(", "))
}
