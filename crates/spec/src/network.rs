use burn::module::Module;
use burn::tensor::{Device, Int, Tensor};
use kernels::DropoutKey;

use crate::architecture::Architecture;
use crate::data::DataSpec;

/// The inputs of a batch of examples on a device.
#[derive(Clone, Debug)]
pub enum Batch {
    /// Numbers, `[batch, features]`: each example's shape is flattened.
    Dense(Tensor<2>),
    /// Token ids, `[batch, length]`.
    Tokens(Tensor<2, Int>),
}

impl Batch {
    /// The numbers, `[batch, features]`.
    ///
    /// # Panics
    ///
    /// If the examples are texts. [`Architecture::takes`] keeps texts from models of numbers.
    pub fn dense(self) -> Tensor<2> {
        match self {
            Self::Dense(inputs) => inputs,
            Self::Tokens(_) => unreachable!("checked to be numbers"),
        }
    }

    /// The token ids, `[batch, length]`.
    ///
    /// # Panics
    ///
    /// If the examples are not texts. [`Architecture::takes`] keeps those from models of texts.
    pub fn tokens(self) -> Tensor<2, Int> {
        match self {
            Self::Tokens(tokens) => tokens,
            Self::Dense(_) => unreachable!("checked to be texts"),
        }
    }
}

/// A model with its weights.
///
/// Tensors are named by their paths in the module, for instance `hidden.0.weight`. The weight matrix
/// of a dense layer is `[inputs, units]`.
pub trait Network: Module {
    /// The logits, `[batch, logits]`; [`DataSpec::logits`] gives their number. With a key, dropout is
    /// on and the key determines its masks; without one, dropout is off.
    fn forward(&self, batch: Batch, dropout: Option<DropoutKey>) -> Tensor<2>;
}

/// An architecture that can be trained.
pub trait Build: Architecture {
    /// The network of this architecture.
    type Network: Network;

    /// Makes a network with the initial weights of the seed, for data that
    /// [`check_data`](Architecture::check_data) accepts.
    fn init(&self, data: &DataSpec, seed: u64, device: &Device) -> Self::Network;
}
