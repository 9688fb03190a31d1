//! Texts in encoded form.

use crate::examples::Examples;
use crate::text::vocabulary::Vocabulary;

/// Texts as token ids, with the words of the ids.
#[derive(Clone, Debug, PartialEq)]
pub struct EncodedTexts {
    /// The training texts.
    pub train: Examples,
    /// The texts held out for validation; empty if there are none.
    pub validation: Examples,
    /// The test texts.
    pub test: Examples,
    /// The most frequent words of the training texts.
    pub vocabulary: Vocabulary,
}
