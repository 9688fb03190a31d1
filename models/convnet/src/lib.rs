//! A small convolutional network for images: stages of a convolution, an activation and max
//! pooling, then dropout and a dense layer of logits. With filters `[32, 64]` it is the network of
//! Keras's example "Simple MNIST convnet".
//!
//! LeCun, Bottou, Bengio and Haffner, "Gradient-Based Learning Applied to Document Recognition"
//! (1998).

#[cfg(feature = "burn")]
mod network;

#[cfg(feature = "burn")]
pub use network::Network;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use spec::{
    Activation, Architecture, Count, DataSpec, Fraction, InputSpec, Layer, LayerKind, Problem, UpTo,
};

/// For images: stages of a convolution, an activation and max pooling, then dropout and a dense
/// layer of logits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Convnet {
    /// Filters of each stage's convolution, starting at the input.
    pub filters: UpTo<Count<1, 4096>, 16>,
    /// Rows and columns of a filter. The stride is 1, without padding.
    #[serde(default = "kernel")]
    pub kernel: Count<1, 31>,
    /// The activation after each convolution.
    #[serde(default = "activation")]
    pub activation: Activation,
    /// Rows and columns of a pooling window. Windows do not overlap; leftover pixels at the edge
    /// are dropped.
    #[serde(default = "pool")]
    pub pool: Count<1, 31>,
    /// The probability of dropping an input of the dense layer.
    pub dropout: Fraction,
}

/// This default and the next two are those of Keras's example.
fn kernel() -> Count<1, 31> {
    const { Count::new(3) }
}

fn activation() -> Activation {
    Activation::Relu
}

fn pool() -> Count<1, 31> {
    const { Count::new(2) }
}

/// The sizes of one stage.
struct Stage {
    channels: usize,
    filters: usize,
    /// Rows and columns after the convolution.
    convolved: [usize; 2],
    /// Rows and columns after the pooling.
    pooled: [usize; 2],
}

impl Convnet {
    /// The stages for images of this shape, up to the first stage for which they are too small.
    fn stages(&self, [rows, columns, channels]: [usize; 3]) -> Vec<Stage> {
        let (kernel, pool) = (self.kernel.get(), self.pool.get());
        let mut stages: Vec<Stage> = Vec::new();
        let (mut size, mut channels) = ([rows, columns], channels);
        for filters in self.filters.iter().map(|filters| filters.get()) {
            let convolved = size.map(|length| (length + 1).saturating_sub(kernel));
            let pooled = convolved.map(|length| length / pool);
            if pooled.contains(&0) {
                break;
            }
            stages.push(Stage {
                channels,
                filters,
                convolved,
                pooled,
            });
            (size, channels) = (pooled, filters);
        }
        stages
    }
}

/// Rows, columns and channels of the images; `None` if the data are not images.
fn picture(data: &DataSpec) -> Option<[usize; 3]> {
    data.dense_shape()?.try_into().ok()
}

impl Architecture for Convnet {
    fn takes(input: &InputSpec) -> bool {
        match input {
            InputSpec::Dense { shape } => shape.len() == 3,
            InputSpec::Tokens { .. } => false,
        }
    }

    fn check_data(&self, data: &DataSpec) -> Result<(), Problem> {
        let Some(shape) = picture(data) else {
            return Ok(());
        };
        let stages = self.stages(shape);
        if stages.len() == self.filters.len() {
            return Ok(());
        }
        let [rows, columns] = stages
            .last()
            .map_or([shape[0], shape[1]], |last| last.pooled);
        let (stage, kernel, pool) = (stages.len() + 1, self.kernel.get(), self.pool.get());
        Err(Problem::new(
            "filters",
            format!(
                "stage {stage} gets {rows} x {columns} pixels, too few for filters of {kernel} x \
                 {kernel} and a pooling of {pool} x {pool}; use fewer stages, or a smaller kernel \
                 or pool"
            ),
        ))
    }

    fn layers(&self, data: &DataSpec) -> Vec<Layer> {
        let Some(shape) = picture(data) else {
            return Vec::new();
        };
        let kernel = [self.kernel.get(); 2];
        let mut layers = Vec::new();
        let mut last = shape;
        for (index, stage) in self.stages(shape).into_iter().enumerate() {
            let Stage {
                channels,
                filters,
                convolved: [rows, columns],
                pooled,
            } = stage;
            let convolved = [rows, columns, filters];
            let kind = LayerKind::Conv2d {
                channels,
                kernel,
                bias: true,
            };
            layers.push(Layer::new(format!("conv.{index}"), kind, &convolved));
            layers.push(Layer::activation(self.activation, &convolved));
            last = [pooled[0], pooled[1], filters];
            layers.push(Layer::new("max pooling", LayerKind::MaxPool2d, &last));
        }
        let features = last.iter().product();
        layers.push(Layer::new("flatten", LayerKind::Flatten, &[features]));
        layers.push(Layer::dropout(self.dropout.get(), &[features]));
        layers.push(Layer::dense("output", features, data.logits()));
        layers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pictures(shape: [usize; 3]) -> DataSpec {
        DataSpec {
            input: InputSpec::Dense {
                shape: shape.to_vec(),
            },
            classes: (0..10).map(|class| class.to_string()).collect(),
        }
    }

    fn convnet(config: &str) -> Convnet {
        serde_json::from_str(config).unwrap()
    }

    #[test]
    fn layers_are_those_of_keras_example() {
        let layers =
            convnet(r#"{ "filters": [32, 64], "dropout": 0.5 }"#).layers(&pictures([28, 28, 1]));
        let shapes: Vec<&[usize]> = layers.iter().map(|layer| &layer.output_shape[..]).collect();
        let expected: [&[usize]; 9] = [
            &[26, 26, 32],
            &[26, 26, 32],
            &[13, 13, 32],
            &[11, 11, 64],
            &[11, 11, 64],
            &[5, 5, 64],
            &[1600],
            &[1600],
            &[10],
        ];
        assert_eq!(shapes, expected);
        let parameters: usize = layers.iter().map(Layer::parameters).sum();
        assert_eq!(parameters, 34_826);
        let penalised: Vec<String> = layers.iter().filter_map(Layer::penalised).collect();
        assert_eq!(
            penalised,
            ["conv.0.weight", "conv.1.weight", "output.weight"]
        );
    }

    #[test]
    fn a_picture_that_is_too_small_is_refused() {
        let three = convnet(r#"{ "filters": [8, 8, 8], "dropout": 0 }"#);
        three.check_data(&pictures([28, 28, 1])).unwrap();
        let problem = three.check_data(&pictures([28, 21, 3])).unwrap_err();
        assert_eq!(problem.key, "filters");
        let said = "stage 3 gets 5 x 3 pixels, too few for filters of 3 x 3 and a pooling of 2 x 2";
        assert!(problem.message.starts_with(said), "{}", problem.message);
        convnet(r#"{ "filters": [8], "kernel": 7, "pool": 1, "dropout": 0 }"#)
            .check_data(&pictures([7, 7, 1]))
            .unwrap();
    }

    #[test]
    fn it_reads_pictures_alone() {
        let shape = vec![30];
        assert!(!Convnet::takes(&InputSpec::Dense { shape }));
        let tokens = InputSpec::Tokens {
            vocabulary: 100,
            length: 20,
        };
        assert!(!Convnet::takes(&tokens));
        assert!(Convnet::takes(&pictures([8, 8, 3]).input));
    }
}
