use std::collections::BTreeMap;

use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView, serialize};

use crate::printable::printable;

/// Tensors of 32-bit floats by name: the content of a safetensors file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tensors {
    tensors: BTreeMap<String, Values>,
}

/// One tensor.
#[derive(Clone, Debug, PartialEq)]
pub struct Values {
    /// The size of each dimension; empty for a scalar.
    pub shape: Vec<usize>,
    /// The values in row-major order.
    pub values: Vec<f32>,
}

/// The longest header of a safetensors file. A tensor takes about a hundred bytes of it.
const MOST_HEADER: u64 = 4 << 20;

impl Tensors {
    /// Adds a tensor, replacing any tensor of the same name.
    ///
    /// # Panics
    ///
    /// If the number of values does not match the shape.
    pub fn insert(&mut self, name: String, shape: Vec<usize>, values: Vec<f32>) {
        assert_eq!(shape.iter().product::<usize>(), values.len(), "{name}");
        self.tensors.insert(name, Values { shape, values });
    }

    /// The names in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tensors.keys().map(String::as_str)
    }

    /// Whether there are no tensors.
    pub fn is_empty(&self) -> bool {
        self.tensors.is_empty()
    }

    /// The name of the first tensor that contains NaN or infinity; `None` if all values are finite.
    pub fn not_finite(&self) -> Option<&str> {
        let is_finite = |tensor: &Values| tensor.values.iter().all(|value| value.is_finite());
        let mut tensors = self.tensors.iter();
        let found = tensors.find(|(_, tensor)| !is_finite(tensor));
        found.map(|(name, _)| name.as_str())
    }

    /// The name of the first tensor `*.ending` with a negative value; `None` if there is none.
    pub fn negative(&self, ending: &str) -> Option<&str> {
        let ends = |name: &str| name.rsplit('.').next() == Some(ending);
        let is_negative = |tensor: &Values| tensor.values.iter().any(|&value| value < 0.0);
        let mut tensors = self.tensors.iter();
        let found = tensors.find(|(name, tensor)| ends(name) && is_negative(tensor));
        found.map(|(name, _)| name.as_str())
    }

    /// Removes a tensor and returns it; `None` if no tensor has this name.
    pub fn take(&mut self, name: &str) -> Option<Values> {
        self.tensors.remove(name)
    }

    /// Removes a tensor and returns its values in row-major order.
    ///
    /// # Errors
    ///
    /// If there is no tensor of this name or it has another shape. The error is a message.
    pub fn take_of_shape(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>, String> {
        let found = self
            .take(name)
            .ok_or_else(|| format!("there is no tensor `{name}`"))?;
        if found.shape == shape {
            Ok(found.values)
        } else {
            Err(format!(
                "`{name}` has the shape {:?}, the model needs {shape:?}",
                found.shape
            ))
        }
    }

    /// Removes the tensors whose names start with the prefix and returns them without it.
    pub fn split_off(&mut self, prefix: &str) -> Self {
        let (mut with, mut without) = (Self::default(), BTreeMap::new());
        for (name, values) in std::mem::take(&mut self.tensors) {
            match name.strip_prefix(prefix) {
                Some(rest) => with.tensors.insert(rest.to_owned(), values),
                None => without.insert(name, values),
            };
        }
        self.tensors = without;
        with
    }

    /// Adds other tensors with a prefix to their names, replacing tensors of the same name.
    pub fn append(&mut self, prefix: &str, others: Self) {
        let others = others.tensors.into_iter();
        self.tensors
            .extend(others.map(|(name, values)| (format!("{prefix}{name}"), values)));
    }

    /// The content of a safetensors file with these tensors.
    pub fn to_bytes(&self) -> Vec<u8> {
        let bytes: Vec<(&String, &[usize], Vec<u8>)> = self
            .tensors
            .iter()
            .map(|(name, tensor)| (name, tensor.shape.as_slice(), little_endian(&tensor.values)))
            .collect();
        let views = bytes.iter().map(|(name, shape, bytes)| {
            let view = TensorView::new(Dtype::F32, shape.to_vec(), bytes);
            (*name, view.expect("the number of bytes matches the shape"))
        });
        serialize(views, None).expect("names and sizes fit into a header")
    }

    /// Parses a safetensors file. Uses at most a few times the file's size in memory, whatever the
    /// header says.
    ///
    /// # Errors
    ///
    /// If it is not a safetensors file or has tensors of another type. The error is a message of
    /// one line.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        // The parser needs many times the header's size.
        let length = bytes.first_chunk().copied().map(u64::from_le_bytes);
        if length.is_some_and(|length| length > MOST_HEADER) {
            let most = MOST_HEADER >> 20;
            return Err(format!(
                "not a safetensors file: its header is over {most} MiB"
            ));
        }
        let file = SafeTensors::deserialize(bytes)
            .map_err(|error| printable(&format!("not a safetensors file: {error}")))?;
        let mut tensors = BTreeMap::new();
        for (name, view) in file.iter() {
            if view.dtype() != Dtype::F32 {
                let problem = format!("`{name}` has the type {:?}, not F32", view.dtype());
                return Err(printable(&problem));
            }
            let (values, _) = view.data().as_chunks();
            let values: Vec<f32> = values.iter().map(|&v| f32::from_le_bytes(v)).collect();
            let shape = view.shape().to_vec();
            tensors.insert(name.to_owned(), Values { shape, values });
        }
        Ok(Self { tensors })
    }
}

fn little_endian(values: &[f32]) -> Vec<u8> {
    let mut bytes = vec![0; size_of_val(values)];
    for (bytes, value) in bytes.as_chunks_mut().0.iter_mut().zip(values) {
        *bytes = value.to_le_bytes();
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tensors() -> Tensors {
        let mut tensors = Tensors::default();
        tensors.insert("model.b".to_owned(), vec![2], vec![-0.0, f32::MIN_POSITIVE]);
        tensors.insert("model.a".to_owned(), vec![1, 3], vec![1.0, 2.0, 3.0]);
        tensors.insert("state.a".to_owned(), vec![], vec![4.0]);
        tensors
    }

    #[test]
    fn round_trip_bit_for_bit() {
        let read = Tensors::from_bytes(&tensors().to_bytes()).unwrap();
        assert_eq!(read, tensors());
        assert_eq!(read.to_bytes(), tensors().to_bytes());
    }

    #[test]
    fn are_split_and_joined_by_prefix() {
        let mut all = tensors();
        let mut model = all.split_off("model.");
        assert_eq!(model.names().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(all.names().collect::<Vec<_>>(), ["state.a"]);
        all.append("model.", model.clone());
        assert_eq!(all, tensors());
        assert!(
            model
                .take_of_shape("a", &[3])
                .unwrap_err()
                .contains("[1, 3]")
        );
        assert_eq!(
            model.take_of_shape("b", &[2]).unwrap()[1],
            f32::MIN_POSITIVE
        );
        assert!(model.take_of_shape("b", &[2]).is_err());
    }

    #[test]
    fn damage_is_an_error() {
        let good = tensors().to_bytes();
        for length in 0..good.len() {
            assert!(Tensors::from_bytes(&good[..length]).is_err(), "{length}");
        }
        // The message is one line, even if a name contains a line break.
        let header = br#"{"a\nb":{"dtype":"F16","shape":[],"data_offsets":[0,2]}}"#;
        let length = (header.len() as u64).to_le_bytes();
        let error = Tensors::from_bytes(&[&length, &header[..], &[0; 2]].concat());
        assert_eq!(error.unwrap_err(), r"`a\nb` has the type F16, not F32");
        let mut endless = good;
        endless[..8].copy_from_slice(&u64::MAX.to_le_bytes());
        let error = Tensors::from_bytes(&endless).unwrap_err();
        assert_eq!(error, "not a safetensors file: its header is over 4 MiB");
    }
}
