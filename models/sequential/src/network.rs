mod activations;
mod weights;

use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::{Device, Tensor};
use kernels::{DropoutKey, dense, linear, pooled_embedding, pooled_embedding_with_dropout};
use spec::{Batch, Build, DataSpec};

use crate::Sequential;
use crate::layer::Layer;
use crate::shape::Shape;
use activations::Activations;
use weights::{Initial, Weights};

/// A [`Sequential`] with its weights.
#[derive(Module, Debug)]
pub struct Network {
    /// The weights of each layer before the output.
    layers: Vec<Option<Weights>>,
    output: Linear,
    /// The layers before the output.
    #[module(skip)]
    settings: Vec<Layer>,
    #[module(skip)]
    input: Shape,
}

impl Build for Sequential {
    type Network = Network;

    fn init(&self, data: &DataSpec, seed: u64, device: &Device) -> Network {
        let input = Shape::of(&data.input).unwrap_or(Shape::Features(0));
        let hidden = self.0.split_last().map_or(&[][..], |(_, hidden)| hidden);
        let mut initial = Initial {
            seed,
            device,
            drawn: 0,
        };
        let (layers, last) = initial.of_list(hidden, input);
        let output = [last.features(), data.logits()];
        Network {
            layers,
            output: dense(seed, initial.drawn, output, device),
            settings: hidden.to_vec(),
            input,
        }
    }
}

impl spec::Network for Network {
    fn forward(&self, batch: Batch, key: Option<DropoutKey>) -> Tensor<2> {
        let mut pass = Pass { key, dropouts: 0 };
        let (done, activations) = self.enter(batch, &mut pass);
        let last = pass.run(&self.settings[done..], &self.layers[done..], activations);
        linear(&self.output, last.flattened())
    }
}

impl Network {
    /// The activations after the first layers, as many as there are kernels for in one piece, and the
    /// number of these layers.
    fn enter(&self, batch: Batch, pass: &mut Pass) -> (usize, Activations) {
        let layers = self.settings.as_slice();
        match batch {
            Batch::Dense(inputs) => match layers {
                // The inputs are flat as they come.
                [Layer::Flatten(_), ..] => (1, Activations::Features(inputs)),
                _ => (0, Activations::of_shape(inputs, self.input)),
            },
            Batch::Tokens(tokens) => {
                let Some(Some(Weights::Embedding(embedding))) = self.layers.first() else {
                    unreachable!("checked: an embedding comes first");
                };
                let table = embedding.weight.val();
                match layers {
                    [Layer::Embedding(_), Layer::GlobalMaxPool(_), ..] => {
                        (2, Activations::Features(pooled_embedding(table, tokens)))
                    }
                    [
                        Layer::Embedding(_),
                        Layer::Dropout(dropout),
                        Layer::GlobalMaxPool(_),
                        ..,
                    ] => {
                        let (layer, rate) = (pass.next_dropout(), dropout.rate.get());
                        let pooled = match pass.key {
                            None => pooled_embedding(table, tokens),
                            Some(key) => {
                                pooled_embedding_with_dropout(table, tokens, rate, layer, key)
                            }
                        };
                        (3, Activations::Features(pooled))
                    }
                    _ => (1, Activations::Sequence(embedding.forward(tokens))),
                }
            }
        }
    }
}

/// One pass through the network.
struct Pass {
    /// Decides what dropout drops; without it, dropout is off.
    key: Option<DropoutKey>,
    /// The number of dropout layers so far.
    dropouts: u32,
}

impl Pass {
    fn run(
        &mut self,
        layers: &[Layer],
        weights: &[Option<Weights>],
        input: Activations,
    ) -> Activations {
        let layers = layers.iter().zip(weights);
        layers.fold(input, |activations, (layer, weights)| {
            self.layer(layer, weights.as_ref(), activations)
        })
    }

    fn layer(
        &mut self,
        layer: &Layer,
        weights: Option<&Weights>,
        input: Activations,
    ) -> Activations {
        match layer {
            Layer::Dense(settings) => weights::linear(weights, settings.activation, input),
            Layer::Conv2d(settings) => weights::conv2d(weights, settings.activation, input),
            Layer::Conv1d(settings) => weights::conv1d(weights, settings.activation, input),
            Layer::MaxPool2d(settings) => input.max_pool(settings),
            Layer::AveragePool2d(settings) => input.average_pool(settings),
            Layer::GlobalMaxPool(_) => input.global_max_pool(),
            Layer::GlobalAveragePool(_) => input.global_average_pool(),
            Layer::Flatten(_) => Activations::Features(input.flattened()),
            Layer::Embedding(_) => unreachable!("checked: an embedding comes first"),
            Layer::BatchNorm(_) => weights::batch_norm(weights, input),
            Layer::LayerNorm(_) => weights::layer_norm(weights, input),
            Layer::Dropout(settings) => {
                let layer = self.next_dropout();
                match self.key {
                    Some(key) => input.dropout(settings.rate.get(), layer, key),
                    None => input,
                }
            }
            Layer::Activation(settings) => input.activated(Some(settings.function)),
            Layer::Residual(within) => {
                let added = self.run(within, weights::within(weights), input.clone());
                input.add(added)
            }
            Layer::Output(_) => unreachable!("checked: the output comes last"),
        }
    }

    fn next_dropout(&mut self) -> u32 {
        let layer = self.dropouts;
        self.dropouts += 1;
        layer
    }
}
