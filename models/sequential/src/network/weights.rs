use burn::module::Module;
use burn::nn::conv::{Conv1d, Conv2d};
use burn::nn::{BatchNorm, Embedding, LayerNorm, LayerNormConfig, Linear, PaddingConfig1d};
use burn::tensor::{Device, Tensor};

use spec::Activation;

use super::activations::{Activations, each};
use crate::extent::Padding;
use crate::layer::Layer;
use crate::shape::Shape;

/// The weights of a layer.
#[derive(Module, Debug)]
pub enum Weights {
    Linear(Linear),
    Conv1d(Conv1d),
    Conv2d(Conv2d),
    Embedding(Embedding),
    BatchNorm(BatchNorm),
    LayerNorm(LayerNorm),
    Residual(Vec<Option<Weights>>),
}

/// Makes initial weights.
pub(super) struct Initial<'a> {
    pub seed: u64,
    pub device: &'a Device,
    /// The number of layers with random weights so far.
    pub drawn: u32,
}

impl Initial<'_> {
    /// The weights of each layer, and the shape after the last one.
    pub fn of_list(&mut self, layers: &[Layer], input: Shape) -> (Vec<Option<Weights>>, Shape) {
        let mut shape = input;
        let mut weights = Vec::new();
        for layer in layers {
            weights.push(self.of(layer, shape));
            // Only `output` gives logits, and it is not among the layers.
            shape = layer
                .output(shape, 0)
                .expect("a network that fits the data");
        }
        (weights, shape)
    }

    fn of(&mut self, layer: &Layer, input: Shape) -> Option<Weights> {
        let (seed, device, inputs) = (self.seed, self.device, input.features());
        match layer {
            Layer::Dense(settings) => {
                let units = settings.units.get();
                let mut linear = kernels::dense(seed, self.draw(), [inputs, units], device);
                linear.bias = linear.bias.filter(|_| settings.use_bias);
                Some(Weights::Linear(linear))
            }
            Layer::Conv2d(settings) => {
                let (filters, kernel) = (settings.filters.get(), settings.kernel.get());
                let mut conv =
                    kernels::conv2d(seed, self.draw(), [inputs, filters], kernel, device);
                conv.bias = conv.bias.filter(|_| settings.use_bias);
                conv.stride = settings.stride.get();
                conv.padding = settings.padding.config();
                Some(Weights::Conv2d(conv))
            }
            Layer::Conv1d(settings) => {
                let (filters, kernel) = (settings.filters.get(), settings.kernel.get());
                let mut conv =
                    kernels::conv1d(seed, self.draw(), [inputs, filters], kernel, device);
                conv.bias = conv.bias.filter(|_| settings.use_bias);
                conv.stride = settings.stride.get();
                conv.padding = match settings.padding {
                    Padding::Valid => PaddingConfig1d::Valid,
                    Padding::Same => PaddingConfig1d::Same,
                };
                Some(Weights::Conv1d(conv))
            }
            Layer::Embedding(settings) => {
                let tokens = match input {
                    Shape::Tokens { vocabulary, .. } => vocabulary,
                    Shape::Features(_) | Shape::Sequence { .. } | Shape::Image { .. } => 0,
                };
                let table = [tokens, settings.output_dim.get()];
                let embedding = kernels::embedding(seed, self.draw(), table, device);
                Some(Weights::Embedding(embedding))
            }
            Layer::BatchNorm(settings) => {
                let (momentum, epsilon) = (settings.momentum.get(), settings.epsilon.get());
                let norm = kernels::batch_norm(inputs, momentum, epsilon, device);
                Some(Weights::BatchNorm(norm))
            }
            Layer::LayerNorm(settings) => {
                let norm = LayerNormConfig::new(inputs).with_epsilon(settings.epsilon.get());
                Some(Weights::LayerNorm(norm.init(device)))
            }
            Layer::Residual(within) => Some(Weights::Residual(self.of_list(within, input).0)),
            Layer::MaxPool2d(_)
            | Layer::AveragePool2d(_)
            | Layer::GlobalMaxPool(_)
            | Layer::GlobalAveragePool(_)
            | Layer::Flatten(_)
            | Layer::Dropout(_)
            | Layer::Activation(_)
            | Layer::Output(_) => None,
        }
    }

    /// The number of the next layer with random weights.
    fn draw(&mut self) -> u32 {
        let layer = self.drawn;
        self.drawn += 1;
        layer
    }
}

/// `x w + b`, and an activation.
pub(super) fn linear(
    weights: Option<&Weights>,
    activation: Option<Activation>,
    input: Activations,
) -> Activations {
    let Some(Weights::Linear(linear)) = weights else {
        unreachable!("made for a dense layer");
    };
    let input = input.flattened();
    Activations::Features(match activation {
        None => kernels::linear(linear, input),
        Some(activation) => activation.of_linear(linear, input),
    })
}

/// A convolution over images, and an activation.
pub(super) fn conv2d(
    weights: Option<&Weights>,
    activation: Option<Activation>,
    input: Activations,
) -> Activations {
    let Some(Weights::Conv2d(conv)) = weights else {
        unreachable!("made for a convolution over images");
    };
    let input = input.image();
    Activations::Image(match activation {
        None => kernels::convolution(conv, input),
        Some(activation) => activation.of_convolution(conv, input),
    })
}

/// A convolution over time, and an activation.
pub(super) fn conv1d(
    weights: Option<&Weights>,
    activation: Option<Activation>,
    input: Activations,
) -> Activations {
    let (Some(Weights::Conv1d(conv)), Activations::Sequence(input)) = (weights, input) else {
        unreachable!("made for a convolution over time");
    };
    Activations::Sequence(match activation {
        None => kernels::convolution_over_time(conv, input),
        Some(activation) => activation.of_convolution_over_time(conv, input),
    })
}

/// Batch normalisation of each feature or channel.
pub(super) fn batch_norm(weights: Option<&Weights>, input: Activations) -> Activations {
    let Some(Weights::BatchNorm(norm)) = weights else {
        unreachable!("made for batch normalisation");
    };
    let is_trained = norm.gamma.val().device().is_autodiff();
    match each!(input, tensor => tracked(tensor, is_trained)) {
        Activations::Features(features) => Activations::Features(norm.forward(features)),
        // Burn wants the features in the second place.
        Activations::Sequence(sequence) => {
            let output = norm.forward(sequence.swap_dims(1, 2));
            Activations::Sequence(output.swap_dims(1, 2))
        }
        Activations::Image(image) => Activations::Image(norm.forward(image)),
    }
}

/// Burn's batch normalisation takes inputs that are not tracked for evaluation, such as those of the
/// network itself.
fn tracked<const D: usize>(input: Tensor<D>, is_trained: bool) -> Tensor<D> {
    if is_trained && !input.device().is_autodiff() {
        Tensor::from_inner(input)
    } else {
        input
    }
}

/// Layer normalisation over the features or channels.
pub(super) fn layer_norm(weights: Option<&Weights>, input: Activations) -> Activations {
    let Some(Weights::LayerNorm(norm)) = weights else {
        unreachable!("made for layer normalisation");
    };
    match input {
        Activations::Features(features) => Activations::Features(norm.forward(features)),
        Activations::Sequence(sequence) => Activations::Sequence(norm.forward(sequence)),
        Activations::Image(image) => {
            let output = norm.forward(image.permute([0, 2, 3, 1]));
            Activations::Image(output.permute([0, 3, 1, 2]))
        }
    }
}

/// The weights of a residual's layers.
pub(super) fn within(weights: Option<&Weights>) -> &[Option<Weights>] {
    match weights {
        Some(Weights::Residual(weights)) => weights,
        _ => unreachable!("made for a residual"),
    }
}
