use spec::{DataSpec, Noticed, Split};

use crate::examples::Examples;
use crate::preprocessing::Preprocessing;

/// A data set in memory, split as its config says.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    /// The name shown in results.
    pub name: String,
    /// The shape of an example and the names of the classes.
    pub spec: DataSpec,
    /// The training examples, without those that are held out.
    pub train: Examples,
    /// The examples held out from the training set; `None` if there are none.
    pub validation: Option<Examples>,
    /// The test examples.
    pub test: Examples,
    /// What turns further inputs into the numbers that models read.
    pub preprocessing: Preprocessing,
    /// What was noticed in a person's own data; `None` for other data.
    pub noticed: Option<Noticed>,
    /// The split of each example of a person's own training data, in the order of reading; `None` for
    /// other data.
    pub splits: Option<Vec<Split>>,
}
