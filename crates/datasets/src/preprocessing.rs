use crate::table::columns::Columns;
use crate::text::vocabulary::Vocabulary;

/// What turns further inputs into the numbers that models read, beyond their shape. It is fitted to
/// the training set and kept with the model.
#[derive(Clone, Debug, PartialEq)]
pub enum Preprocessing {
    /// Nothing: the shape is enough, as for images.
    None,
    /// The words of the token ids.
    Vocabulary(Vocabulary),
    /// What the columns of a table hold.
    Columns(Columns),
}
