//! Networks of layers. Each byte chooses a layer or a setting.

use burn::tensor::{Device, Int, Tensor};
use kernels::DropoutKey;
use sequential::Sequential;
use serde_json::{Value, json};
use spec::{Architecture, Batch, Build, DataSpec, InputSpec, Network};

/// Larger networks are checked, but not made: parameters and activations together.
const MOST: usize = 1 << 20;

/// Checks that a network is refused with a one-line error, or can be trained on a batch.
pub fn check(data: &[u8]) {
    is_made(data);
}

/// The same; whether the network was made.
pub fn is_made(data: &[u8]) -> bool {
    let mut bytes = Bytes(data);
    let spec = data_of(bytes.next());
    let mut layers = bytes.layers(3);
    if bytes.next() != 1 {
        layers.push(json!("output"));
    }
    let Ok(model) = serde_json::from_value::<Sequential>(Value::Array(layers)) else {
        return false;
    };
    if let Err(problem) = model.check().and_then(|()| model.check_data(&spec)) {
        super::sentence::check(&problem.message);
        return false;
    }
    let layers = model.layers(&spec);
    let sizes = layers
        .iter()
        .map(|layer| layer.parameters() + 2 * layer.activations());
    if sizes.sum::<usize>() > MOST {
        return false;
    }
    let device = Device::flex();
    let network = model.init(&spec, 0, &device.clone().autodiff());
    let key = DropoutKey { seed: 0, step: 0 };
    let logits = network.forward(batch(&spec, &device), Some(key));
    assert_eq!(logits.dims(), [2, spec.logits()]);
    let _ = logits.sum().backward();
    true
}

fn data_of(byte: u8) -> DataSpec {
    let dense = |shape: &[usize]| InputSpec::Dense {
        shape: shape.to_vec(),
    };
    let input = match byte % 5 {
        0 => dense(&[7, 5, 2]),
        1 => dense(&[6]),
        2 => dense(&[9, 3]),
        3 => dense(&[1, 1, 1]),
        _ => InputSpec::Tokens {
            vocabulary: 11,
            length: 8,
        },
    };
    let classes = 2 + usize::from(byte / 5 % 2);
    DataSpec {
        input,
        classes: (0..classes).map(|class| class.to_string()).collect(),
    }
}

/// Two examples.
fn batch(spec: &DataSpec, device: &Device) -> Batch {
    let shape = [2, spec.features()];
    match spec.input {
        InputSpec::Dense { .. } => Batch::Dense(Tensor::ones(shape, device)),
        InputSpec::Tokens { .. } => Batch::Tokens(Tensor::<2, Int>::ones(shape, device)),
    }
}

struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    /// The next byte; zero after the last one.
    fn next(&mut self) -> u8 {
        match self.0.split_first() {
            Some((first, rest)) => {
                self.0 = rest;
                *first
            }
            None => 0,
        }
    }

    /// Up to nine layers.
    fn layers(&mut self, depth: usize) -> Vec<Value> {
        (0..self.next() % 10).map(|_| self.layer(depth)).collect()
    }

    fn layer(&mut self, depth: usize) -> Value {
        let padding = |byte: u8| {
            if byte.is_multiple_of(2) {
                "valid"
            } else {
                "same"
            }
        };
        match self.next() % 16 {
            0 => json!({ "dense": self.next() }),
            1 => json!({ "conv2d": {
                "filters": self.next() % 8, "kernel": [self.next() % 5, self.next() % 5],
                "stride": [self.next() % 4, self.next() % 4], "padding": padding(self.next()),
                "use_bias": self.next().is_multiple_of(2)
            } }),
            2 => json!({ "conv1d": {
                "filters": self.next() % 8, "kernel": self.next() % 5,
                "stride": self.next() % 4, "padding": padding(self.next())
            } }),
            3 => json!({ "max_pool2d": {
                "pool": [self.next() % 5, self.next() % 5], "stride": self.next() % 4,
                "padding": padding(self.next())
            } }),
            4 => json!({ "average_pool2d": {
                "pool": [self.next() % 5, self.next() % 5], "stride": self.next() % 4,
                "padding": padding(self.next())
            } }),
            5 => json!("global_max_pool"),
            6 => json!("global_average_pool"),
            7 => json!("flatten"),
            8 => json!({ "embedding": self.next() }),
            9 => json!("batch_norm"),
            10 => json!("layer_norm"),
            11 => json!({ "dropout": f64::from(self.next()) / 250.0 }),
            12 => {
                let functions = [
                    "relu",
                    "leaky_relu",
                    "elu",
                    "gelu",
                    "silu",
                    "sigmoid",
                    "tanh",
                    "softplus",
                ];
                json!({ "activation": functions[usize::from(self.next() % 8)] })
            }
            13 if depth > 0 => json!({ "residual": self.layers(depth - 1) }),
            14 => {
                json!({ "dense": { "units": self.next(), "name": "twice", "activation": "elu" } })
            }
            _ => json!("output"),
        }
    }
}
