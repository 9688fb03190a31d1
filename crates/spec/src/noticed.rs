use serde::{Deserialize, Serialize};

/// What was noticed while a person's own data were read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Noticed {
    /// Test examples whose input is also a training input.
    pub test_in_train: usize,
    /// Files of the system, and hidden files, that were passed over.
    #[serde(skip_serializing_if = "is_zero")]
    pub skipped_files: usize,
    /// Rows that were left out because a value is missing.
    #[serde(skip_serializing_if = "is_zero")]
    pub dropped_rows: usize,
    /// Missing values that were replaced by their column's mean, or became a category.
    #[serde(skip_serializing_if = "is_zero")]
    pub filled_values: usize,
    /// Values of validation and test rows that no training row has in their text column.
    #[serde(skip_serializing_if = "is_zero")]
    pub unknown_values: usize,
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}
