#[cfg(feature = "burn")]
use burn::{
    nn::{
        Linear,
        conv::{Conv1d, Conv2d},
    },
    tensor::{Tensor, activation},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A function applied to each entry of a layer's output, with Keras's parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// `max(x, 0)`
    Relu,
    /// `x` if positive, else `0.2 x`
    LeakyRelu,
    /// `x` if positive, else `exp(x) - 1`
    Elu,
    /// `x P(x)`, where `P` is the standard normal distribution function
    Gelu,
    /// `x / (1 + exp(-x))`
    Silu,
    /// `1 / (1 + exp(-x))`
    Sigmoid,
    /// `tanh(x)`
    Tanh,
    /// `log(1 + exp(x))`
    Softplus,
}

/// The slope of [`Activation::LeakyRelu`] below 0.
#[cfg(feature = "burn")]
const NEGATIVE_SLOPE: f64 = 0.2;

impl Activation {
    /// All of them, in the order of the documentation.
    pub const ALL: [Self; 8] = [
        Self::Relu,
        Self::LeakyRelu,
        Self::Elu,
        Self::Gelu,
        Self::Silu,
        Self::Sigmoid,
        Self::Tanh,
        Self::Softplus,
    ];

    /// The name in a config.
    pub fn name(self) -> &'static str {
        match self {
            Self::Relu => "relu",
            Self::LeakyRelu => "leaky_relu",
            Self::Elu => "elu",
            Self::Gelu => "gelu",
            Self::Silu => "silu",
            Self::Sigmoid => "sigmoid",
            Self::Tanh => "tanh",
            Self::Softplus => "softplus",
        }
    }

    /// A dense layer and the function of each of its sums.
    #[cfg(feature = "burn")]
    pub fn of_linear(self, layer: &Linear, input: Tensor<2>) -> Tensor<2> {
        if self == Self::Relu {
            kernels::linear_relu(layer, input)
        } else {
            self.forward(kernels::linear(layer, input))
        }
    }

    /// A convolution and the function of each of its sums.
    #[cfg(feature = "burn")]
    pub fn of_convolution(self, layer: &Conv2d, input: Tensor<4>) -> Tensor<4> {
        if self == Self::Relu {
            kernels::convolution_relu(layer, input)
        } else {
            self.forward(kernels::convolution(layer, input))
        }
    }

    /// A convolution over time and the function of each of its sums.
    #[cfg(feature = "burn")]
    pub fn of_convolution_over_time(self, layer: &Conv1d, input: Tensor<3>) -> Tensor<3> {
        if self == Self::Relu {
            kernels::convolution_over_time_relu(layer, input)
        } else {
            self.forward(kernels::convolution_over_time(layer, input))
        }
    }

    /// The function of each entry.
    #[cfg(feature = "burn")]
    pub fn forward<const D: usize>(self, input: Tensor<D>) -> Tensor<D> {
        match self {
            Self::Relu => activation::relu(input),
            Self::LeakyRelu => activation::leaky_relu(input, NEGATIVE_SLOPE),
            Self::Elu => elu(input),
            Self::Gelu => activation::gelu(input),
            Self::Silu => activation::silu(input),
            Self::Sigmoid => activation::sigmoid(input),
            Self::Tanh => activation::tanh(input),
            Self::Softplus => activation::softplus(input, 1.0),
        }
    }
}

/// Burn's own takes the exponential of positive entries, too. Where that overflows, the gradient is
/// not a number.
#[cfg(feature = "burn")]
fn elu<const D: usize>(input: Tensor<D>) -> Tensor<D> {
    activation::relu(input.clone()) + input.clamp_max(0.0).exp().sub_scalar(1.0)
}
