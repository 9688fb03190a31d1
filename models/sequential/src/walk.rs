//! The way of an example's shape through the layers.

use std::collections::HashSet;

use spec::{Activation, LayerKind, Problem};

use crate::layer::Layer;
use crate::layers::{dense, plain, pooling};
use crate::shape::Shape;

/// A layer in its place.
pub(crate) struct Placed<'a> {
    layer: &'a Layer,
    /// The prefix of its tensors' names.
    prefix: String,
    input: Shape,
    output: Shape,
}

/// Follows a shape through all layers; the last one, `output`, gives `logits` features. In a residual,
/// the layers come first, then the residual itself.
///
/// # Errors
///
/// The first layer that does not take what arrives.
pub(crate) fn walk(
    layers: &[Layer],
    input: Shape,
    logits: usize,
) -> Result<Vec<Placed<'_>>, Problem> {
    let mut walk = Walk {
        logits,
        placed: Vec::new(),
    };
    walk.follow(layers, input, "", "layers")?;
    Ok(walk.placed)
}

struct Walk<'a> {
    logits: usize,
    placed: Vec<Placed<'a>>,
}

impl<'a> Walk<'a> {
    /// `key` and `prefix` are those of the list: its key in the config, empty for the whole network,
    /// and what the names of its tensors begin with.
    fn follow(
        &mut self,
        layers: &'a [Layer],
        input: Shape,
        key: &str,
        prefix: &str,
    ) -> Result<Shape, Problem> {
        let mut shape = input;
        for (place, layer) in layers.iter().enumerate() {
            let input = shape;
            let key = key_of(key, place);
            let prefix = if matches!(layer, Layer::Output(_)) {
                "output".to_owned()
            } else {
                format!("{prefix}.{place}")
            };
            let output = layer.output(input, self.logits);
            shape = output.map_err(|problem| Problem::new(&key, format!("{layer} {problem}")))?;
            if let Layer::Residual(within) = layer {
                let output = self.follow(within, input, &format!("{key}.residual"), &prefix)?;
                if output != input {
                    let message = format!(
                        "residual adds its input {input} to what its layers give, {output}; make \
                         the shapes the same, for instance with padding \"same\" and as many \
                         filters as there are channels"
                    );
                    return Err(Problem::new(key, message));
                }
            }
            self.placed.push(Placed {
                layer,
                prefix,
                input,
                output: shape,
            });
        }
        Ok(shape)
    }
}

/// The key of a layer in a list.
fn key_of(list: &str, place: usize) -> String {
    match list {
        "" => place.to_string(),
        list => format!("{list}.{place}"),
    }
}

impl Layer {
    /// The shape of its output, or the reason why it does not take the input. For a residual see
    /// [`walk`].
    pub(crate) fn output(&self, input: Shape, logits: usize) -> Result<Shape, String> {
        match self {
            Self::Dense(layer) => layer.output(input),
            Self::Conv2d(layer) => layer.output(input),
            Self::Conv1d(layer) => layer.output(input),
            Self::MaxPool2d(layer) | Self::AveragePool2d(layer) => layer.output(input),
            Self::GlobalMaxPool(_) | Self::GlobalAveragePool(_) => pooling::pooled(input),
            Self::Flatten(_) => plain::flattened(input),
            Self::Embedding(layer) => layer.output(input),
            Self::BatchNorm(_)
            | Self::LayerNorm(_)
            | Self::Dropout(_)
            | Self::Activation(_)
            | Self::Residual(_) => plain::kept(input),
            Self::Output(_) => dense::features(input).map(|_| Shape::Features(logits)),
        }
    }
}

impl Placed<'_> {
    /// The layer as `summary` shows it.
    pub fn summary(&self) -> spec::Layer {
        let is_image = matches!(self.input, Shape::Image { .. });
        let inputs = self.input.features();
        let vocabulary = match self.input {
            Shape::Tokens { vocabulary, .. } => vocabulary,
            Shape::Features(_) | Shape::Sequence { .. } | Shape::Image { .. } => 0,
        };
        let (kind, activation): (LayerKind, Option<Activation>) = match self.layer {
            Layer::Dense(layer) => {
                let bias = layer.use_bias;
                (LayerKind::Dense { inputs, bias }, layer.activation)
            }
            Layer::Conv2d(layer) => {
                let kind = LayerKind::Conv2d {
                    channels: inputs,
                    kernel: layer.kernel.get(),
                    bias: layer.use_bias,
                };
                (kind, layer.activation)
            }
            Layer::Conv1d(layer) => {
                let kind = LayerKind::Conv1d {
                    channels: inputs,
                    kernel: layer.kernel.get(),
                    bias: layer.use_bias,
                };
                (kind, layer.activation)
            }
            Layer::MaxPool2d(_) => (LayerKind::MaxPool2d, None),
            Layer::AveragePool2d(_) => (LayerKind::AveragePool2d, None),
            Layer::GlobalMaxPool(_) if is_image => (LayerKind::GlobalMaxPool2d, None),
            Layer::GlobalMaxPool(_) => (LayerKind::GlobalMaxPool1d, None),
            Layer::GlobalAveragePool(_) if is_image => (LayerKind::GlobalAveragePool2d, None),
            Layer::GlobalAveragePool(_) => (LayerKind::GlobalAveragePool1d, None),
            Layer::Flatten(_) => (LayerKind::Flatten, None),
            Layer::Embedding(_) => (LayerKind::Embedding { tokens: vocabulary }, None),
            Layer::BatchNorm(_) => (LayerKind::BatchNorm, None),
            Layer::LayerNorm(_) => (LayerKind::LayerNorm, None),
            Layer::Dropout(_) => (LayerKind::Dropout, None),
            Layer::Activation(layer) => (LayerKind::Activation(layer.function), None),
            Layer::Residual(_) => (LayerKind::Add, None),
            Layer::Output(_) => (LayerKind::Dense { inputs, bias: true }, None),
        };
        let mut layer = spec::Layer::new(&self.prefix, kind, &self.output.sizes());
        layer.activation = activation;
        layer.given_name = self.layer.name().map(str::to_owned);
        layer
    }
}

/// The most layers, those in residuals included.
const MOST_LAYERS: usize = 1000;

/// Checks what does not depend on the data: where `output` stands, and the names.
pub(crate) fn check_structure(layers: &[Layer]) -> Result<(), Problem> {
    let mut structure = Structure::default();
    let last = structure.check(layers, "")?;
    match last {
        Some(Layer::Output(_)) => Ok(()),
        Some(other) => {
            let message = format!("the last layer is {other}, must be output; append \"output\"");
            Err(Problem::new("", message))
        }
        None => Err(Problem::new(
            "",
            "no layers; the last one must be \"output\"",
        )),
    }
}

#[derive(Default)]
struct Structure<'a> {
    names: HashSet<&'a str>,
    layers: usize,
}

impl<'a> Structure<'a> {
    /// Checks a list and returns its last layer.
    fn check(&mut self, layers: &'a [Layer], list: &str) -> Result<Option<&'a Layer>, Problem> {
        for (place, layer) in layers.iter().enumerate() {
            let key = key_of(list, place);
            self.layers += 1;
            if self.layers > MOST_LAYERS {
                let message = format!(
                    "{layer} is layer {}, over {MOST_LAYERS}; use fewer",
                    self.layers
                );
                return Err(Problem::new(key, message));
            }
            if let Some(name) = layer.name()
                && !self.names.insert(name)
            {
                let message = format!("{layer} has the name of another layer; give it its own");
                return Err(Problem::new(key, message));
            }
            let is_last = list.is_empty() && place + 1 == layers.len();
            if matches!(layer, Layer::Output(_)) && !is_last {
                let message = "output must be the last layer of the network; move or remove it";
                return Err(Problem::new(key, message));
            }
            if let Layer::Residual(within) = layer {
                if within.is_empty() {
                    return Err(Problem::new(key, "residual has no layers; give it some"));
                }
                self.check(within, &format!("{key}.residual"))?;
            }
        }
        Ok(layers.last())
    }
}
