use burn::tensor::{Device, Int, Tensor, TensorData};
use datasets::{DataError, Dataset, ImageSet, Location, Progress, mnist, synthetic};

use crate::RunError;
use crate::config::DataConfig;

/// A run's data on the device, and what the record says of it.
pub(crate) struct Data {
    pub train: Split,
    pub validation: Option<Split>,
    pub test: Split,
    pub record: record::Data,
}

/// Examples and labels on the device.
pub(crate) struct Split {
    /// `[examples, features]`, pixels from 0 to 1.
    inputs: Tensor<2>,
    /// `[examples]`
    labels: Tensor<1, Int>,
    examples: usize,
}

impl Data {
    pub fn load(
        config: &DataConfig,
        location: &Location,
        device: &Device,
        on_download: &mut dyn FnMut(Progress),
    ) -> Result<Self, RunError> {
        let fraction = config.validation_fraction();
        let Dataset {
            name,
            mut train,
            test,
        } = read(config, location, on_download)?;
        let examples = train.examples();
        let validation = train.split_off_last(fraction);
        if train.examples() == 0 {
            return Err(RunError::NothingToTrainOn { fraction, examples });
        }
        let validation = (validation.examples() > 0).then_some(validation);
        Ok(Self {
            record: record::Data {
                source: name.to_owned(),
                train: described(&train),
                validation: validation.as_ref().map(described),
                test: described(&test),
            },
            train: Split::new(&train, device),
            validation: validation.map(|set| Split::new(&set, device)),
            test: Split::new(&test, device),
        })
    }
}

fn read(
    config: &DataConfig,
    location: &Location,
    on_download: &mut dyn FnMut(Progress),
) -> Result<Dataset, DataError> {
    match config {
        DataConfig::Mnist(_) => mnist::load(location, on_download),
        DataConfig::SyntheticDigits(config) => Ok(synthetic::digits(
            config.train_examples,
            config.test_examples,
        )),
    }
}

fn described(set: &ImageSet) -> record::DataSplit {
    record::DataSplit {
        examples: set.examples(),
        digest: set.digest(),
    }
}

impl Split {
    fn new(set: &ImageSet, device: &Device) -> Self {
        let examples = set.examples();
        let pixels: Vec<f32> = set
            .pixels()
            .iter()
            .map(|&pixel| f32::from(pixel) / 255.0)
            .collect();
        let features = pixels.len() / examples;
        let labels: Vec<i32> = set.labels().iter().map(|&label| i32::from(label)).collect();
        Self {
            inputs: Tensor::from_data(TensorData::new(pixels, [examples, features]), device),
            labels: Tensor::from_data(TensorData::new(labels, [examples]), device),
            examples,
        }
    }

    pub fn examples(&self) -> usize {
        self.examples
    }

    pub fn device(&self) -> Device {
        self.inputs.device()
    }

    /// The examples with these indices.
    pub fn select(&self, indices: Tensor<1, Int>) -> (Tensor<2>, Tensor<1, Int>) {
        (
            self.inputs.clone().select(0, indices.clone()),
            self.labels.clone().select(0, indices),
        )
    }

    /// The examples of a range.
    pub fn slice(&self, range: std::ops::Range<usize>) -> (Tensor<2>, Tensor<1, Int>) {
        (
            self.inputs.clone().slice([range.clone()]),
            self.labels.clone().slice([range]),
        )
    }
}
