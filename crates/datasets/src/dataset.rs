use spec::DataSpec;

use crate::examples::Examples;
use crate::text::vocabulary::Vocabulary;

/// A data set in memory, with its published split.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dataset {
    /// The name shown in results.
    pub name: String,
    /// The shape of an example and the names of the classes.
    pub spec: DataSpec,
    /// The training examples, including those that a run holds out for validation.
    pub train: Examples,
    /// The test examples.
    pub test: Examples,
    /// The words of the token ids; `None` if the examples are not texts.
    pub vocabulary: Option<Vocabulary>,
}
