//! Each layer of Keras as one of hearth.

use serde_json::{Value, json};
use spec::Activation;

use crate::input::{Input, Shape, shown};
use crate::layer::Layer;
use crate::left_out::LeftOut;
use crate::settings::{Function, Settings};

/// A layer, before it is known which of them is the output.
pub(crate) struct Piece {
    pub kind: Kind,
    /// The layer in Keras, for messages.
    pub from: String,
}

pub(crate) enum Kind {
    /// A dense layer.
    Dense {
        units: usize,
        function: Function,
        use_bias: bool,
        name: Option<String>,
    },
    /// A function of each entry, or softmax.
    Function {
        function: Function,
        name: Option<String>,
    },
    /// Any other layer.
    Other(Layer),
}

/// The penalty of a layer's kernel.
pub(crate) struct Penalty {
    pub layer: String,
    pub l1_l2: [f64; 2],
}

/// The layers so far.
#[derive(Default)]
pub(crate) struct Translation {
    pub pieces: Vec<Piece>,
    /// What the network reads, once a layer has told.
    pub input: Option<Input>,
    pub penalties: Vec<Penalty>,
    pub left_out: LeftOut,
    /// The number of dimensions that arrive at the next layer, with the batch.
    rank: usize,
}

impl Translation {
    /// Adds a layer. `shape` is what the network reads, if the model says so.
    pub(crate) fn add(&mut self, mut layer: Settings, shape: Option<&Shape>) -> Result<(), String> {
        let kind = if self.input.is_some() {
            self.next(&mut layer)?
        } else {
            self.first(&mut layer, shape)?
        };
        let from = layer.to_string();
        layer.finish(&mut self.left_out)?;
        self.pieces.extend(kind.map(|kind| Piece { kind, from }));
        Ok(())
    }

    /// The first layer, which tells what the network reads. Some prepare it as hearth does by itself.
    fn first(
        &mut self,
        layer: &mut Settings,
        shape: Option<&Shape>,
    ) -> Result<Option<Kind>, String> {
        if layer.class == "Rescaling" {
            layer.only("scale", &[json!(1.0 / 255.0)])?;
            layer.only("offset", &[json!(0.0)])?;
            return Ok(None);
        }
        if layer.class == "Embedding" {
            let length = shape.and_then(|shape| shape.first().copied().flatten());
            let input_length = layer.optional("input_length")?;
            self.input = Some(Input::Tokens {
                vocabulary: layer.required("input_dim")?,
                length: length.or(input_length),
            });
            self.rank = 3;
            return embedding(layer).map(Some);
        }
        let Some(shape) = shape else {
            return Err("the model does not say what it reads; give it a keras.Input".to_owned());
        };
        let shape: Shape = if layer.class == "Reshape" {
            layer.required("target_shape")?
        } else {
            shape.clone()
        };
        let (input, rank) = match shape.as_slice() {
            [Some(features)] => (Input::Features(*features), 2),
            [Some(rows), Some(columns)] if layer.class == "Flatten" => {
                (Input::Image([*rows, *columns, 1]), 4)
            }
            [Some(rows), Some(columns), Some(channels)] => {
                (Input::Image([*rows, *columns, *channels]), 4)
            }
            other => {
                let shape = shown(other);
                return Err(layer.problem(format_args!(
                    "{shape} arrives; hearth's networks read [features], [rows, columns, channels] \
                     or, with an embedding, [length]"
                )));
            }
        };
        let is_flat = rank == 2;
        (self.input, self.rank) = (Some(input), rank);
        if layer.class == "Reshape" || (layer.class == "Flatten" && is_flat) {
            layer.only("data_format", &[json!("channels_last")])?;
            return Ok(None);
        }
        self.next(layer)
    }

    fn next(&mut self, layer: &mut Settings) -> Result<Option<Kind>, String> {
        let name = layer.given_name();
        let class = layer.class.clone();
        let other = match class.as_str() {
            "Dense" => {
                self.take_penalty(layer);
                return Ok(Some(Kind::Dense {
                    units: layer.required("units")?,
                    function: layer.function("activation")?,
                    use_bias: layer.optional("use_bias")?.unwrap_or(true),
                    name,
                }));
            }
            "Activation" | "Softmax" | "ReLU" | "LeakyReLU" | "ELU" => {
                let function = self.function(layer)?;
                let is_any = function != Function::Linear;
                return Ok(is_any.then_some(Kind::Function { function, name }));
            }
            "Conv2D" | "Conv1D" => {
                self.take_penalty(layer);
                convolution(layer)?
            }
            "MaxPooling2D" => pooling("max_pool2d", layer)?,
            "AveragePooling2D" => pooling("average_pool2d", layer)?,
            "GlobalMaxPooling1D" | "GlobalMaxPooling2D" => {
                self.flattened("global_max_pool", layer)?
            }
            "GlobalAveragePooling1D" | "GlobalAveragePooling2D" => {
                self.flattened("global_average_pool", layer)?
            }
            "Flatten" => self.flattened("flatten", layer)?,
            "Reshape" => {
                let target: Vec<i64> = layer.required("target_shape")?;
                if target.len() != 1 {
                    let problem = "hearth can flatten alone, as with target_shape [-1]";
                    return Err(layer.problem(problem));
                }
                self.flattened("flatten", layer)?
            }
            "BatchNormalization" => {
                self.last_axis(layer)?;
                // It acts with `renorm` alone, which is refused.
                layer.optional::<Value>("renorm_momentum")?;
                let momentum = layer.optional("momentum")?.unwrap_or(0.99);
                let norm = Layer::new("batch_norm").with_other("momentum", momentum, 0.99);
                normalisation(norm, layer)?
            }
            "LayerNormalization" => {
                self.last_axis(layer)?;
                normalisation(Layer::new("layer_norm"), layer)?
            }
            "Dropout" => {
                let rate: f64 = layer.required("rate")?;
                Layer::new("dropout").with("rate", rate)
            }
            "Embedding" => return Err(layer.problem("an embedding must be the first layer")),
            _ => {
                let problem = format!("hearth has no such layer; it has {}", KNOWN.join(", "));
                return Err(layer.problem(problem));
            }
        };
        Ok(Some(Kind::Other(other.with_some("name", name))))
    }

    fn take_penalty(&mut self, layer: &mut Settings) {
        let l1_l2 = layer.penalty("kernel_regularizer", &mut self.left_out);
        self.penalties.push(Penalty {
            layer: layer.name.clone(),
            l1_l2,
        });
    }

    /// A layer whose settings are those of a function.
    fn function(&self, layer: &mut Settings) -> Result<Function, String> {
        match layer.class.as_str() {
            "Activation" => layer.function("activation"),
            "Softmax" => {
                self.last_axis(layer)?;
                Ok(Function::Softmax)
            }
            "LeakyReLU" => {
                layer.only("negative_slope", &[json!(0.2)])?;
                layer.only("alpha", &[json!(0.2)])?;
                Ok(Function::Known(Activation::LeakyRelu))
            }
            "ELU" => {
                layer.only("alpha", &[json!(1.0)])?;
                Ok(Function::Known(Activation::Elu))
            }
            _ => {
                layer.only("negative_slope", &[json!(0.0)])?;
                layer.only("threshold", &[json!(0.0)])?;
                Ok(Function::Known(Activation::Relu))
            }
        }
    }

    fn flattened(&mut self, kind: &'static str, layer: &mut Settings) -> Result<Layer, String> {
        layer.only("data_format", &[json!("channels_last")])?;
        self.rank = 2;
        Ok(Layer::new(kind))
    }

    /// Takes an axis that must be the last one.
    fn last_axis(&self, layer: &mut Settings) -> Result<(), String> {
        let last = self.rank - 1;
        layer.only(
            "axis",
            &[json!(-1), json!([-1]), json!(last), json!([last])],
        )
    }
}

/// The layers that have a counterpart.
const KNOWN: [&str; 19] = [
    "Dense",
    "Conv1D",
    "Conv2D",
    "MaxPooling2D",
    "AveragePooling2D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "Flatten",
    "Embedding",
    "BatchNormalization",
    "LayerNormalization",
    "Dropout",
    "Activation",
    "ReLU",
    "LeakyReLU",
    "ELU",
    "Softmax",
];

fn embedding(layer: &mut Settings) -> Result<Kind, String> {
    let units: usize = layer.required("output_dim")?;
    let embedding = Layer::new("embedding").with("output_dim", units);
    Ok(Kind::Other(embedding.with_some("name", layer.given_name())))
}

fn convolution(layer: &mut Settings) -> Result<Layer, String> {
    let kind = if layer.class == "Conv1D" {
        "conv1d"
    } else {
        "conv2d"
    };
    layer.only("data_format", &[json!("channels_last")])?;
    layer.only("groups", &[json!(1)])?;
    layer.only("dilation_rate", &[json!(1), json!([1]), json!([1, 1])])?;
    let filters: usize = layer.required("filters")?;
    let kernel = window(layer, "kernel_size")?.ok_or_else(|| layer.missing("kernel_size"))?;
    let stride = window(layer, "strides")?.filter(|stride| *stride != json!(1));
    let padding = padding(layer)?;
    let function = within(layer.function("activation")?).map_err(|error| layer.problem(error))?;
    let use_bias = layer.optional("use_bias")?.unwrap_or(true);
    Ok(Layer::new(kind)
        .with("filters", filters)
        .with("kernel", kernel)
        .with_some("stride", stride)
        .with_some("padding", padding)
        .with_some("activation", function)
        .with_other("use_bias", use_bias, true))
}

fn pooling(kind: &'static str, layer: &mut Settings) -> Result<Layer, String> {
    layer.only("data_format", &[json!("channels_last")])?;
    let pool = window(layer, "pool_size")?.unwrap_or(json!(2));
    let stride = window(layer, "strides")?.filter(|stride| *stride != pool);
    let padding = padding(layer)?;
    Ok(Layer::new(kind)
        .with_other("pool", pool, json!(2))
        .with_some("stride", stride)
        .with_some("padding", padding))
}

fn normalisation(norm: Layer, layer: &mut Settings) -> Result<Layer, String> {
    layer.only("center", &[json!(true)])?;
    layer.only("scale", &[json!(true)])?;
    let epsilon = layer.optional("epsilon")?.unwrap_or(0.001);
    Ok(norm.with_other("epsilon", epsilon, 0.001))
}

/// The lengths of a window: a number if all are the same, else `[rows, columns]`.
fn window(layer: &mut Settings, key: &str) -> Result<Option<Value>, String> {
    let lengths: Option<Value> = layer.optional(key)?;
    Ok(
        lengths.map(|lengths| match lengths.as_array().map(Vec::as_slice) {
            Some([length]) => length.clone(),
            Some([rows, columns]) if rows == columns => rows.clone(),
            _ => lengths,
        }),
    )
}

/// The padding, unless it is the default.
fn padding(layer: &mut Settings) -> Result<Option<String>, String> {
    let padding: Option<String> = layer.optional("padding")?;
    match padding.as_deref() {
        None | Some("valid") => Ok(None),
        Some("same") => Ok(padding),
        Some(other) => {
            let problem = format!("padding is {other}; hearth has valid and same");
            Err(layer.problem(problem))
        }
    }
}

/// The name of a function that is not the output's.
pub(crate) fn within(function: Function) -> Result<Option<&'static str>, &'static str> {
    match function {
        Function::Linear => Ok(None),
        Function::Known(activation) => Ok(Some(activation.name())),
        Function::Softmax => {
            Err("softmax before the last layer; hearth has it as the output's alone")
        }
    }
}
