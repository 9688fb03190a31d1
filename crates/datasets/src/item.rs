//! Examples as items of Burn's own data sets, so that any Burn program can train on what hearth reads.

use burn_dataset::{Dataset, DatasetError};

use crate::examples::{Examples, Inputs};

/// One labelled example.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    /// What a model reads.
    pub input: Input,
    /// The class, counted from 0: an index into [`DataSpec::classes`](spec::DataSpec::classes).
    pub label: usize,
}

/// The input of one example.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// Numbers, `[features]`: an image in row-major order with channels last, scaled to 0 to 1, or the
    /// encoded columns of a table. [`DataSpec::dense_shape`](spec::DataSpec::dense_shape) gives the
    /// shape.
    Dense(Vec<f32>),
    /// Token ids, `[length]`, padded at the front.
    Tokens(Vec<i32>),
}

impl Dataset<Example> for Examples {
    fn get(&self, index: usize) -> Result<Example, DatasetError> {
        let row = index * self.width()..(index + 1) * self.width();
        Ok(Example {
            input: match self.inputs() {
                Inputs::Bytes(bytes) => {
                    let bytes = bytes[row].iter();
                    Input::Dense(bytes.map(|&byte| f32::from(byte) / 255.0).collect())
                }
                Inputs::Numbers(numbers) => Input::Dense(numbers[row].to_vec()),
                Inputs::Tokens(tokens) => Input::Tokens(tokens[row].to_vec()),
            },
            label: usize::from(self.labels()[index]),
        })
    }

    fn len(&self) -> usize {
        self.labels().len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(inputs: Inputs) -> Vec<Example> {
        let examples = Examples::new(inputs, vec![3, 1], 2);
        let items = Dataset::iter(&examples);
        items.collect::<Result<_, _>>().unwrap()
    }

    #[test]
    fn items_are_what_models_read() {
        let dense = |numbers: [f32; 2], label| Example {
            input: Input::Dense(numbers.to_vec()),
            label,
        };
        assert_eq!(
            items(Inputs::Bytes(vec![0, 255, 51, 0])),
            [dense([0.0, 1.0], 3), dense([0.2, 0.0], 1)]
        );
        assert_eq!(
            items(Inputs::Numbers(vec![0.5, -1.5, 2.0, 0.0])),
            [dense([0.5, -1.5], 3), dense([2.0, 0.0], 1)]
        );
        let tokens = items(Inputs::Tokens(vec![0, 1, 1, 7]));
        assert_eq!(tokens[1].input, Input::Tokens(vec![1, 7]));
    }
}
