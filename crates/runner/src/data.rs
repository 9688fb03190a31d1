use burn::tensor::kind::Basic;
use burn::tensor::{Device, Float, Int, Tensor, TensorData};
use datasets::{
    Dataset, ImageSet, Location, PIXELS, Progress, ReviewSet, Reviews, Vocabulary, imdb, mnist,
    synthetic,
};

use crate::RunError;
use crate::config::{DataConfig, Validation};

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
    /// `[examples, features]`
    inputs: Tensor<2, K>,
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
        device: &Device,
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
        device: &Device,
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

    /// `[examples, features]`
    fn into_inputs(self, device: &Device) -> Tensor<2, Self::Kind>;
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

    fn into_inputs(self, device: &Device) -> Tensor<2> {
        let pixels = self.pixels().iter();
        let pixels: Vec<f32> = pixels.map(|&pixel| f32::from(pixel) / 255.0).collect();
        Tensor::from_data(TensorData::new(pixels, [self.examples(), PIXELS]), device)
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

    fn into_inputs(self, device: &Device) -> Tensor<2, Int> {
        let shape = [self.examples(), self.sequence_length()];
        Tensor::from_data(TensorData::new(self.into_tokens(), shape), device)
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
    fn new(set: impl Set<Kind = K>, device: &Device) -> Self {
        let labels: Vec<i32> = set.labels().iter().map(|&label| i32::from(label)).collect();
        let examples = labels.len();
        Self {
            inputs: set.into_inputs(device),
            labels: Tensor::from_data(TensorData::new(labels, [examples]), device),
            examples,
        }
    }

    /// Examples and labels that are on a device already.
    #[cfg(test)]
    pub fn of(inputs: Tensor<2, K>, labels: Tensor<1, Int>) -> Self {
        Self {
            examples: inputs.dims()[0],
            inputs,
            labels,
        }
    }

    pub fn examples(&self) -> usize {
        self.examples
    }

    pub fn device(&self) -> Device {
        self.inputs.device()
    }

    /// The examples with these indices.
    pub fn select(&self, indices: Tensor<1, Int>) -> (Tensor<2, K>, Tensor<1, Int>) {
        (
            self.inputs.clone().select(0, indices.clone()),
            self.labels.clone().select(0, indices),
        )
    }

    /// The class of each example, from the device.
    pub fn labels(&self) -> impl Iterator<Item = usize> {
        let labels: Vec<i64> = self.labels.clone().into_data().iter().collect();
        labels.into_iter().map(|label| label as usize)
    }

    /// The examples of a range.
    pub fn slice(&self, range: std::ops::Range<usize>) -> (Tensor<2, K>, Tensor<1, Int>) {
        (
            self.inputs.clone().slice([range.clone()]),
            self.labels.clone().slice([range]),
        )
    }
}
