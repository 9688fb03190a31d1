use std::ops::Range;

use burn::tensor::kind::Basic;
use burn::tensor::{Bool, Device, Float, Int, Tensor, TensorData};
use datasets::{
    Dataset, ImageSet, Location, PIXELS, Progress, ReviewSet, Reviews, Vocabulary, imdb, mnist,
    synthetic,
};

use crate::RunError;
use crate::backend::OpenDevice;
use config::{DataConfig, Validation};

/// A run's data on the device, and what the record says of it.
pub(crate) struct Data<K: Basic> {
    pub train: Split<K>,
    pub validation: Option<Split<K>>,
    pub test: Split<K>,
    pub record: record::Data,
}

/// Examples and labels on the device.
#[derive(Clone)]
pub(crate) struct Split<K: Basic> {
    /// `[examples, features]`, in parts as large as the device takes.
    parts: Vec<Tensor<2, K>>,
    /// Examples of each part, but of the last, which may have fewer.
    part: usize,
    /// `[examples]`
    labels: Tensor<1, Int>,
    examples: usize,
}

/// What a config's data turn out to be.
pub(crate) enum Loaded {
    /// Pixels from 0 to 1.
    Images(Data<Float>),
    /// Tokens, and the words they stand for.
    Reviews(Data<Int>, Vocabulary),
}

impl Loaded {
    pub fn load(
        config: &DataConfig,
        location: &Location,
        device: &OpenDevice,
        on_download: &mut dyn FnMut(Progress),
    ) -> Result<Self, RunError> {
        let validation = config.validation();
        let images = |sets| Ok(Self::Images(Data::new(sets, validation, device)?));
        let reviews = |reviews: Reviews| {
            let data = Data::new(reviews.sets, validation, device)?;
            Ok(Self::Reviews(data, reviews.vocabulary))
        };
        match config {
            DataConfig::Mnist(_) => images(mnist::load(location, on_download)?),
            DataConfig::SyntheticDigits(data) => {
                images(synthetic::digits(data.train_examples, data.test_examples))
            }
            DataConfig::Imdb(data) => reviews(imdb::load(location, &data.encoding(), on_download)?),
            DataConfig::SyntheticReviews(data) => reviews(synthetic::reviews(
                data.train_examples,
                data.test_examples,
                &data.encoding(),
            )),
        }
    }
}

impl Loaded {
    pub fn vocabulary(&self) -> Option<&Vocabulary> {
        match self {
            Self::Images(_) => None,
            Self::Reviews(_, vocabulary) => Some(vocabulary),
        }
    }

    /// What the record says of the data.
    pub fn record(&self) -> &record::Data {
        match self {
            Self::Images(data) => &data.record,
            Self::Reviews(data, _) => &data.record,
        }
    }
}

impl<K: Basic> Data<K> {
    fn new<S: Set<Kind = K>>(
        sets: Dataset<S>,
        validation: Validation,
        device: &OpenDevice,
    ) -> Result<Self, RunError> {
        let (mut train, test) = (sets.train, sets.test);
        let held_out = match validation {
            Validation::TestSet => None,
            Validation::HeldOut(fraction) => {
                let examples = train.labels().len();
                let last = train.split_off_last(fraction);
                if train.labels().is_empty() {
                    return Err(RunError::NothingToTrainOn { fraction, examples });
                }
                Some(last).filter(|last| !last.labels().is_empty())
            }
        };
        let mut record = record::Data {
            source: sets.name.to_owned(),
            train: described(&train),
            validation: held_out.as_ref().map(described),
            test: described(&test),
        };
        let train = Split::new(train, device);
        let test = Split::new(test, device);
        let validation = match validation {
            Validation::TestSet => {
                record.validation = Some(record.test.clone());
                Some(test.clone())
            }
            Validation::HeldOut(_) => held_out.map(|set| Split::new(set, device)),
        };
        Ok(Self {
            train,
            validation,
            test,
            record,
        })
    }
}

/// What is wanted of a set of examples, whatever they are.
trait Set {
    type Kind: Basic;

    fn labels(&self) -> &[u8];
    fn split_off_last(&mut self, fraction: f64) -> Self;
    fn digest(&self) -> String;

    /// Tokens that are not padding, where the examples are texts.
    fn tokens(&self) -> Option<usize>;

    /// Numbers to an example.
    fn features(&self) -> usize;

    /// `[examples, features]`, so many examples to a part.
    fn into_parts(self, part: usize, device: &Device) -> Vec<Tensor<2, Self::Kind>>;
}

impl Set for ImageSet {
    type Kind = Float;

    fn labels(&self) -> &[u8] {
        self.labels()
    }

    fn split_off_last(&mut self, fraction: f64) -> Self {
        self.split_off_last(fraction)
    }

    fn digest(&self) -> String {
        self.digest()
    }

    fn tokens(&self) -> Option<usize> {
        None
    }

    fn features(&self) -> usize {
        PIXELS
    }

    fn into_parts(self, part: usize, device: &Device) -> Vec<Tensor<2>> {
        let parts = self.pixels().chunks(part * PIXELS);
        parts
            .map(|pixels| {
                let scaled = pixels.iter().map(|&pixel| f32::from(pixel) / 255.0);
                let scaled: Vec<f32> = scaled.collect();
                let shape = [scaled.len() / PIXELS, PIXELS];
                Tensor::from_data(TensorData::new(scaled, shape), device)
            })
            .collect()
    }
}

impl Set for ReviewSet {
    type Kind = Int;

    fn labels(&self) -> &[u8] {
        self.labels()
    }

    fn split_off_last(&mut self, fraction: f64) -> Self {
        self.split_off_last(fraction)
    }

    fn digest(&self) -> String {
        self.digest()
    }

    fn tokens(&self) -> Option<usize> {
        Some(self.words())
    }

    fn features(&self) -> usize {
        self.sequence_length()
    }

    fn into_parts(self, part: usize, device: &Device) -> Vec<Tensor<2, Int>> {
        let length = self.sequence_length();
        let tokens = self.into_tokens();
        let parts = tokens.chunks(part * length);
        parts
            .map(|tokens| {
                let shape = [tokens.len() / length, length];
                Tensor::from_data(TensorData::new(tokens.to_vec(), shape), device)
            })
            .collect()
    }
}

fn described(set: &impl Set) -> record::DataSplit {
    record::DataSplit {
        examples: set.labels().len(),
        tokens: set.tokens(),
        digest: set.digest(),
    }
}

impl<K: Basic> Split<K> {
    fn new(set: impl Set<Kind = K>, open: &OpenDevice) -> Self {
        let labels: Vec<i32> = set.labels().iter().map(|&label| i32::from(label)).collect();
        let examples = labels.len();
        // Pixels and tokens are of four bytes each.
        let part = match open.largest_tensor_bytes {
            Some(bytes) => (bytes / (4 * set.features())).max(1),
            None => examples.max(1),
        };
        Self {
            parts: set.into_parts(part, &open.device),
            part,
            labels: Tensor::from_data(TensorData::new(labels, [examples]), &open.device),
            examples,
        }
    }

    /// Examples and labels that are on a device already.
    #[cfg(test)]
    pub fn of(inputs: Tensor<2, K>, labels: Tensor<1, Int>) -> Self {
        let examples = inputs.dims()[0];
        Self {
            parts: vec![inputs],
            part: examples,
            labels,
            examples,
        }
    }

    pub fn examples(&self) -> usize {
        self.examples
    }

    pub fn device(&self) -> Device {
        self.labels.device()
    }

    /// The examples with these indices.
    pub fn select(&self, indices: Tensor<1, Int>) -> (Tensor<2, K>, Tensor<1, Int>) {
        let mut inputs = None;
        for (start, part) in (0..).step_by(self.part).zip(&self.parts) {
            let last = start + part.dims()[0] - 1;
            let here = match self.parts.len() {
                1 => indices.clone(),
                _ => indices.clone().clamp(start as i64, last as i64) - start as i64,
            };
            let selected = part.clone().select(0, here);
            inputs = Some(match inputs {
                None => selected,
                // Parts before this one gave these rows others in their place.
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
        let inputs = inputs.expect("a split that is read has examples");
        (inputs, self.labels.clone().select(0, indices))
    }

    /// The class of each example, from the device.
    pub fn labels(&self) -> impl Iterator<Item = usize> {
        let labels: Vec<i64> = self.labels.clone().into_data().iter().collect();
        labels.into_iter().map(|label| label as usize)
    }

    /// The examples of a range.
    pub fn slice(&self, range: Range<usize>) -> (Tensor<2, K>, Tensor<1, Int>) {
        let starts = (0..).step_by(self.part);
        let pieces = starts.zip(&self.parts).filter_map(|(start, part)| {
            let from = range.start.max(start) - start;
            let to = range.end.min(start + part.dims()[0]).checked_sub(start)?;
            (from < to).then(|| part.clone().narrow(0, from, to - from))
        });
        let mut pieces: Vec<Tensor<2, K>> = pieces.collect();
        let inputs = match pieces.len() {
            1 => pieces.remove(0),
            _ => Tensor::cat(pieces, 0),
        };
        (inputs, self.labels.clone().slice([range]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A split in one part and the same in parts of three.
    #[test]
    fn parts_change_nothing() {
        let device = Device::flex();
        let values: Vec<f32> = (0..20).map(|value| value as f32).collect();
        let inputs = Tensor::<2>::from_data(TensorData::new(values, [10, 2]), &device);
        let labels = Tensor::from_data([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], &device);
        let whole = Split::of(inputs.clone(), labels);
        let mut parted = whole.clone();
        parted.part = 3;
        parted.parts = inputs.split(3, 0);
        assert_eq!(parted.parts.len(), 4);
        let same = |one: (Tensor<2>, Tensor<1, Int>), other: (Tensor<2>, Tensor<1, Int>)| {
            assert_eq!(one.0.into_data(), other.0.into_data());
            assert_eq!(one.1.into_data(), other.1.into_data());
        };
        let indices = Tensor::from_data([9, 0, 3, 2, 5, 5, 8, 6], &device);
        same(parted.select(indices.clone()), whole.select(indices));
        for range in [0..10, 2..4, 3..6, 9..10, 1..8] {
            same(parted.slice(range.clone()), whole.slice(range));
        }
    }
}
