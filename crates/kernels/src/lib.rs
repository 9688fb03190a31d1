//! What Burn lacks for hearth: initial weights and dropout masks that are functions of the seed, an
//! embedding that is pooled as it is looked up, and the optimizers by Keras's arithmetic.
//!
//! Everything takes and gives Burn tensors and works on every backend.

mod adam;
mod dropout;
#[cfg(feature = "gpu")]
mod gpu;
mod initializers;
mod one_pass;
mod pooled_embedding;
mod rmsprop;
mod sgd;
mod vector_unit;

pub use adam::Adam;
pub use dropout::{DropoutKey, dropout};
pub use initializers::{dense, dense_stack, embedding};
pub use pooled_embedding::{
    is_pooled_embedding_fused, pooled_embedding, pooled_embedding_with_dropout,
};
pub use rmsprop::RmsProp;
pub use sgd::Momentum;
pub use vector_unit::vector_unit;
