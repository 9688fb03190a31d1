//! Operations that hearth needs and Burn lacks: initial weights and dropout masks that are functions
//! of the seed, an embedding that is pooled as it is looked up, and entry-by-entry updates of whole
//! tensors in one pass. On flex also dense layers, convolutions and max pooling, each as one operation
//! whose result depends neither on the number of threads nor on the CPU.
//!
//! Everything takes and returns Burn tensors and works on every backend.

#[cfg(feature = "flex")]
mod channels_last;
mod convolution;
mod decisions;
mod dropout;
#[cfg(feature = "gpu")]
mod gpu;
mod initializers;
mod linear;
mod max_pool;
#[cfg(feature = "flex")]
mod memory;
mod one_pass;
mod pixels;
mod pooled_embedding;
#[cfg(feature = "flex")]
mod product;
mod team;
#[cfg(test)]
mod testing;
mod vector_unit;
#[cfg(feature = "flex")]
mod weighted;
#[cfg(feature = "flex")]
mod windows;

pub use convolution::{
    convolution, convolution_over_time, convolution_over_time_relu, convolution_relu,
};
pub use decisions::DropoutKey;
pub use dropout::dropout;
pub use initializers::{batch_norm, conv1d, conv2d, dense, dense_stack, embedding, glorot_uniform};
pub use linear::{linear, linear_relu};
pub use max_pool::max_pool;
pub use one_pass::{in_one_pass, is_on_host, normal};
pub use pixels::scaled_rows;
pub use pooled_embedding::{
    is_pooled_embedding_fused, pooled_embedding, pooled_embedding_with_dropout,
};
pub use vector_unit::vector_unit;
