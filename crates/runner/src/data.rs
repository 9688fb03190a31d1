use std::ops::Range;
use std::sync::Arc;

use burn::tensor::kind::Basic;
use burn::tensor::{Bool, Device, Int, Tensor, TensorData};
use datasets::{Examples, Inputs};
use kernels::{is_on_host, scaled_rows};
use spec::Batch;

use crate::backend::OpenDevice;
use crate::evaluate::batch_size;
use crate::loss::Loss;
use crate::prepared::Prepared;

/// A run's data on the device.
pub(crate) struct DeviceData {
    /// The loss for the data's classes.
    pub loss: Loss,
    /// The examples evaluated at once.
    pub evaluation_batch: usize,
    pub train: DeviceExamples,
    pub validation: Option<DeviceExamples>,
    pub test: DeviceExamples,
}

impl DeviceData {
    pub fn new(prepared: &Prepared, open: &OpenDevice) -> Self {
        let on_device = |examples: &Examples| DeviceExamples::new(examples, open);
        let test = on_device(&prepared.test);
        Self {
            loss: Loss::of(&prepared.spec),
            evaluation_batch: batch_size(&prepared.plan().layers(&prepared.spec)),
            train: on_device(&prepared.train),
            validation: if prepared.validates_on_test {
                Some(test.clone())
            } else {
                prepared.validation.as_ref().map(on_device)
            },
            test,
        }
    }
}

/// Examples and labels on the device.
#[derive(Clone)]
pub(crate) struct DeviceExamples {
    parts: Parts,
    /// The number of examples per part. The last part may have fewer.
    part: usize,
    /// `[examples]`
    labels: Tensor<1, Int>,
    examples: usize,
}

/// Inputs, `[examples, width]`, split into parts that are small enough for the device.
#[derive(Clone)]
enum Parts {
    /// One part in the host's memory, scaled as it is read.
    Bytes {
        bytes: Arc<[u8]>,
        width: usize,
    },
    Dense(Vec<Tensor<2>>),
    Tokens(Vec<Tensor<2, Int>>),
}

impl DeviceExamples {
    pub fn new(examples: &Examples, open: &OpenDevice) -> Self {
        let device = &open.device;
        let (count, width) = (examples.len(), examples.width());
        // Numbers and tokens take four bytes each.
        let part = match open.largest_tensor_bytes {
            Some(bytes) => (bytes / (4 * width)).max(1),
            None => count.max(1),
        };
        let starts = (0..count).step_by(part);
        let batches = starts.map(|start| {
            let rows = start..count.min(start + part);
            batch(examples.inputs(), rows, width, device)
        });
        let parts = match examples.inputs() {
            Inputs::Bytes(bytes) if is_on_host(device) => Parts::Bytes {
                bytes: bytes.as_slice().into(),
                width,
            },
            Inputs::Bytes(_) | Inputs::Numbers(_) => {
                Parts::Dense(batches.map(Batch::dense).collect())
            }
            Inputs::Tokens(_) => Parts::Tokens(batches.map(Batch::tokens).collect()),
        };
        let labels: Vec<i32> = examples
            .labels()
            .iter()
            .map(|&label| label.into())
            .collect();
        Self {
            parts,
            part,
            labels: Tensor::from_data(TensorData::new(labels, [count]), device),
            examples: count,
        }
    }

    /// Examples and labels that are already on a device.
    #[cfg(test)]
    pub fn of(inputs: Batch, labels: Tensor<1, Int>) -> Self {
        let examples = labels.dims()[0];
        Self {
            parts: match inputs {
                Batch::Dense(inputs) => Parts::Dense(vec![inputs]),
                Batch::Tokens(tokens) => Parts::Tokens(vec![tokens]),
            },
            part: examples,
            labels,
            examples,
        }
    }

    /// The number of examples.
    pub fn len(&self) -> usize {
        self.examples
    }

    pub fn device(&self) -> Device {
        self.labels.device()
    }

    /// The examples with these indices.
    pub fn select(&self, indices: Tensor<1, Int>) -> (Batch, Tensor<1, Int>) {
        let labels = self.labels.clone().select(0, indices.clone());
        let inputs = match &self.parts {
            Parts::Bytes { bytes, width } => {
                let indices = indices.into_data();
                let indices: Vec<usize> =
                    indices.iter::<i64>().map(|index| index as usize).collect();
                scaled(bytes, *width, &indices, &self.device())
            }
            Parts::Dense(parts) => Batch::Dense(select(parts, self.part, indices)),
            Parts::Tokens(parts) => Batch::Tokens(select(parts, self.part, indices)),
        };
        (inputs, labels)
    }

    /// The class of each example, read from the device.
    pub fn labels(&self) -> impl Iterator<Item = usize> {
        let labels: Vec<i64> = self.labels.clone().into_data().iter().collect();
        labels.into_iter().map(|label| label as usize)
    }

    /// The examples in a range.
    pub fn slice(&self, range: Range<usize>) -> (Batch, Tensor<1, Int>) {
        let inputs = match &self.parts {
            Parts::Bytes { bytes, width } => {
                let indices: Vec<usize> = range.clone().collect();
                scaled(bytes, *width, &indices, &self.device())
            }
            Parts::Dense(parts) => Batch::Dense(slice(parts, self.part, &range)),
            Parts::Tokens(parts) => Batch::Tokens(slice(parts, self.part, &range)),
        };
        (inputs, self.labels.clone().slice([range]))
    }
}

/// The inputs in some rows, of `width` numbers each, on a device.
pub(crate) fn batch(inputs: &Inputs, rows: Range<usize>, width: usize, device: &Device) -> Batch {
    let shape = [rows.len(), width];
    let places = rows.start * width..rows.end * width;
    match inputs {
        Inputs::Bytes(bytes) => scaled(bytes, width, &rows.collect::<Vec<_>>(), device),
        Inputs::Numbers(numbers) => {
            let numbers = TensorData::new(numbers[places].to_vec(), shape);
            Batch::Dense(Tensor::from_data(numbers, device))
        }
        Inputs::Tokens(tokens) => {
            let tokens = TensorData::new(tokens[places].to_vec(), shape);
            Batch::Tokens(Tensor::from_data(tokens, device))
        }
    }
}

/// The rows of bytes with these indices, scaled to 0 to 1, as networks expect.
fn scaled(bytes: &[u8], width: usize, indices: &[usize], device: &Device) -> Batch {
    let numbers = scaled_rows(bytes, width, indices);
    let numbers = TensorData::new(numbers, [indices.len(), width]);
    Batch::Dense(Tensor::from_data(numbers, device))
}

/// The rows with these indices, from parts of `part` rows each.
fn select<K: Basic>(parts: &[Tensor<2, K>], part: usize, indices: Tensor<1, Int>) -> Tensor<2, K> {
    if let [whole] = parts {
        return whole.clone().select(0, indices);
    }
    let mut rows = None;
    for (start, part) in (0..).step_by(part).zip(parts) {
        let last = start + part.dims()[0] - 1;
        let here = indices.clone().clamp(start as i64, last as i64) - start as i64;
        let selected = part.clone().select(0, here);
        rows = Some(match rows {
            None => selected,
            // Earlier parts filled these rows with placeholders.
            Some(before) => {
                let later: Tensor<2, Bool> = indices
                    .clone()
                    .greater_equal_elem(start as i64)
                    .unsqueeze_dim(1);
                let later = later.expand(selected.shape());
                Tensor::mask_where(before, later, selected)
            }
        });
    }
    rows.expect("the data set has examples")
}

/// The rows in a range, from parts of `part` rows each.
fn slice<K: Basic>(parts: &[Tensor<2, K>], part: usize, range: &Range<usize>) -> Tensor<2, K> {
    let starts = (0..).step_by(part);
    let pieces = starts.zip(parts).filter_map(|(start, part)| {
        let from = range.start.max(start) - start;
        let to = range.end.min(start + part.dims()[0]).checked_sub(start)?;
        (from < to).then(|| part.clone().narrow(0, from, to - from))
    });
    let mut pieces: Vec<Tensor<2, K>> = pieces.collect();
    if pieces.len() == 1 {
        pieces.remove(0)
    } else {
        Tensor::cat(pieces, 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compares examples in one part with the same examples in parts of three.
    #[test]
    fn splitting_into_parts_changes_nothing() {
        let device = Device::flex();
        let values: Vec<f32> = (0..20).map(|value| value as f32).collect();
        let inputs = Tensor::<2>::from_data(TensorData::new(values, [10, 2]), &device);
        let labels = Tensor::from_data([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], &device);
        let whole = DeviceExamples::of(Batch::Dense(inputs.clone()), labels);
        let mut parted = whole.clone();
        parted.part = 3;
        let parts = inputs.split(3, 0);
        assert_eq!(parts.len(), 4);
        parted.parts = Parts::Dense(parts);
        let same = |one: (Batch, Tensor<1, Int>), other: (Batch, Tensor<1, Int>)| {
            assert_eq!(one.0.dense().into_data(), other.0.dense().into_data());
            assert_eq!(one.1.into_data(), other.1.into_data());
        };
        let indices = Tensor::from_data([9, 0, 3, 2, 5, 5, 8, 6], &device);
        same(parted.select(indices.clone()), whole.select(indices));
        for range in [0..10, 2..4, 3..6, 9..10, 1..8] {
            same(parted.slice(range.clone()), whole.slice(range));
        }
    }
}
