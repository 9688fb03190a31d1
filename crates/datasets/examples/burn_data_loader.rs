//! Trains a network with Burn's own building blocks on data that hearth reads, encodes and splits:
//!
//! ```sh
//! cargo run --release -p datasets --example burn_data_loader -- penguins.csv species
//! ```

use std::path::Path;

use burn::data::dataloader::DataLoaderBuilder;
use burn::data::dataloader::batcher::Batcher;
use burn::module::Module;
use burn::nn::loss::CrossEntropyLossConfig;
use burn::nn::{Linear, LinearConfig};
use burn::optim::{AdamConfig, GradientsParams};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Int, Tensor, TensorData};
use datasets::{Data, Example, Input, Location, Places};
use serde_json::json;

/// A hidden layer and the logits.
#[derive(Module, Debug)]
struct Network {
    hidden: Linear,
    output: Linear,
}

impl Network {
    fn forward(&self, inputs: Tensor<2>) -> Tensor<2> {
        self.output.forward(relu(self.hidden.forward(inputs)))
    }
}

/// Inputs, `[batch, features]`, and classes, `[batch]`.
#[derive(Clone, Debug)]
struct Batch {
    inputs: Tensor<2>,
    labels: Tensor<1, Int>,
}

struct ToTensors;

impl Batcher<Example, Batch> for ToTensors {
    fn batch(&self, items: Vec<Example>, device: &Device) -> Batch {
        let count = items.len();
        let labels: Vec<i32> = items.iter().map(|item| item.label as i32).collect();
        let numbers: Vec<f32> = items
            .into_iter()
            .flat_map(|item| match item.input {
                Input::Dense(numbers) => numbers,
                Input::Tokens(ids) => ids.into_iter().map(|id| id as f32).collect(),
            })
            .collect();
        let shape = [count, numbers.len() / count];
        Batch {
            inputs: Tensor::from_data(TensorData::new(numbers, shape), device),
            labels: Tensor::from_data(TensorData::new(labels, [count]), device),
        }
    }
}

const EPOCHS: usize = 30;
const HIDDEN: usize = 32;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(path), Some(label)) = (arguments.next(), arguments.next()) else {
        return Err("give a CSV file and the column of the class".into());
    };
    let config = json!({ "table": {
        "train": path, "label": label, "test_fraction": 0.2, "missing": "mean"
    } });
    let data: Data = serde_json::from_value(config)?;
    let places = Places {
        published: &Location::Offline,
        config_folder: Path::new("."),
    };
    let dataset = data.load(&places, &mut |_| ())?;

    let device = Device::flex().autodiff();
    device.seed(0);
    let mut network = Network {
        hidden: LinearConfig::new(dataset.spec.features(), HIDDEN).init(&device),
        output: LinearConfig::new(HIDDEN, dataset.spec.classes.len()).init(&device),
    };
    let loader = DataLoaderBuilder::new(ToTensors)
        .batch_size(32)
        .shuffle(0)
        .set_device(device.clone())
        .build(dataset.train);
    let mut optimizer = AdamConfig::new().init();
    let loss = CrossEntropyLossConfig::new().init(&device);
    for _ in 0..EPOCHS {
        for batch in loader.iter() {
            let batch = batch?;
            let logits = network.forward(batch.inputs);
            let gradients = loss.forward(logits, batch.labels).backward();
            let gradients = GradientsParams::from_grads(gradients, &network);
            network = optimizer.step(0.01, network, gradients);
        }
    }

    let tests = DataLoaderBuilder::new(ToTensors)
        .batch_size(1000)
        .set_device(device)
        .build(dataset.test);
    let (mut right, mut all) = (0, 0);
    for batch in tests.iter() {
        let batch = batch?;
        let answers = network.forward(batch.inputs).argmax(1).squeeze_dim::<1>(1);
        all += batch.labels.dims()[0];
        right += answers.equal(batch.labels).int().sum().into_scalar::<i64>();
    }
    let mut out = std::io::stdout();
    std::io::Write::write_fmt(
        &mut out,
        format_args!("{right} of {all} test rows are right\n"),
    )?;
    Ok(())
}
