//! The settings of each layer, and what the layer makes of a shape.
//!
//! `output` gives the shape of the output, or the reason why the layer does not take the input.

mod convolution;
pub(crate) mod dense;
mod normalisation;
pub(crate) mod plain;
pub(crate) mod pooling;
mod tokens;

pub use convolution::{Conv1d, Conv2d};
pub use dense::Dense;
pub use normalisation::{BatchNorm, LayerNorm};
pub use plain::{ActivationFunction, Dropout, Plain};
pub use pooling::Pool2d;
pub use tokens::Embedding;

/// The reason why a layer does not take a shape: the shape that it wants, the one that arrives, and
/// the remedy.
fn wants(wanted: &str, found: crate::shape::Shape, remedy: &str) -> String {
    format!("takes {wanted}, gets {found}; {remedy}")
}
