use burn::nn::PaddingConfig2d;
use burn::nn::pool::{AvgPool2dConfig, MaxPool2dConfig};
use burn::tensor::Tensor;
use kernels::{DropoutKey, dropout, max_pool};
use spec::Activation;

use crate::extent::Padding;
use crate::layers::Pool2d;
use crate::shape::Shape;

/// What one layer hands to the next, for a batch.
#[derive(Clone, Debug)]
pub(super) enum Activations {
    /// `[batch, features]`
    Features(Tensor<2>),
    /// `[batch, time, features]`
    Sequence(Tensor<3>),
    /// `[batch, channels, rows, columns]`, the order in which Burn convolves.
    Image(Tensor<4>),
}

/// Applies a function of tensors of any rank.
macro_rules! each {
    ($activations:expr, $tensor:ident => $output:expr) => {
        match $activations {
            Activations::Features($tensor) => Activations::Features($output),
            Activations::Sequence($tensor) => Activations::Sequence($output),
            Activations::Image($tensor) => Activations::Image($output),
        }
    };
}
pub(super) use each;

impl Activations {
    /// The inputs of a batch, `[batch, entries]`, in the shape of the examples.
    pub fn of_shape(inputs: Tensor<2>, shape: Shape) -> Self {
        let batch = inputs.dims()[0];
        match shape {
            Shape::Tokens { .. } | Shape::Features(_) => Self::Features(inputs),
            Shape::Sequence { time, features } => {
                Self::Sequence(inputs.reshape([batch, time, features]))
            }
            Shape::Image {
                rows,
                columns,
                channels,
            } => {
                let images = inputs.reshape([batch, rows, columns, channels]);
                Self::Image(images.permute([0, 3, 1, 2]))
            }
        }
    }

    /// All entries of an example, channels last, the order in which Keras flattens.
    pub fn flattened(self) -> Tensor<2> {
        match self {
            Self::Features(features) => features,
            Self::Sequence(sequence) => sequence.flatten(1, 2),
            Self::Image(image) => image.permute([0, 2, 3, 1]).flatten(1, 3),
        }
    }

    pub fn activated(self, activation: Option<Activation>) -> Self {
        match activation {
            None => self,
            Some(activation) => each!(self, tensor => activation.forward(tensor)),
        }
    }

    pub fn dropout(self, rate: f64, layer: u32, key: DropoutKey) -> Self {
        each!(self, tensor => dropout(tensor, rate, layer, key))
    }

    /// The sum; the shapes are the same.
    pub fn add(self, other: Self) -> Self {
        match (self, other) {
            (Self::Features(one), Self::Features(other)) => Self::Features(one + other),
            (Self::Sequence(one), Self::Sequence(other)) => Self::Sequence(one + other),
            (Self::Image(one), Self::Image(other)) => Self::Image(one + other),
            (Self::Features(_) | Self::Sequence(_) | Self::Image(_), _) => {
                unreachable!("checked to be of one shape")
            }
        }
    }

    pub fn max_pool(self, settings: &Pool2d) -> Self {
        let pool = MaxPool2dConfig::new(settings.pool.get())
            .with_strides(settings.stride().get())
            .with_padding(settings.padding.config());
        Self::Image(max_pool(&pool.init(), self.image()))
    }

    pub fn average_pool(self, settings: &Pool2d) -> Self {
        let pool = AvgPool2dConfig::new(settings.pool.get())
            .with_strides(settings.stride().get())
            .with_padding(settings.padding.config())
            .with_count_include_pad(false);
        Self::Image(pool.init().forward(self.image()))
    }

    pub fn global_max_pool(self) -> Self {
        Self::Features(match self {
            Self::Features(features) => features,
            Self::Sequence(sequence) => sequence.max_dim(1).squeeze_dim(1),
            Self::Image(image) => image.flatten::<3>(2, 3).max_dim(2).squeeze_dim(2),
        })
    }

    pub fn global_average_pool(self) -> Self {
        Self::Features(match self {
            Self::Features(features) => features,
            Self::Sequence(sequence) => sequence.mean_dim(1).squeeze_dim(1),
            Self::Image(image) => image.flatten::<3>(2, 3).mean_dim(2).squeeze_dim(2),
        })
    }

    /// `[batch, channels, rows, columns]`
    pub fn image(self) -> Tensor<4> {
        match self {
            Self::Image(image) => image,
            Self::Features(_) | Self::Sequence(_) => unreachable!("checked to be an image"),
        }
    }
}

impl Padding {
    pub fn config(self) -> PaddingConfig2d {
        match self {
            Self::Valid => PaddingConfig2d::Valid,
            Self::Same => PaddingConfig2d::Same,
        }
    }
}
