//! What Burn lacks for hearth: initial weights and dropout masks that are functions of the seed,
//! and the optimizers by Keras's arithmetic.
//!
//! Everything takes and gives Burn tensors and works on every backend.

mod adam;
mod dropout;
mod initializers;
mod one_pass;
mod rmsprop;

pub use adam::Adam;
pub use dropout::{DropoutKey, dropout};
pub use initializers::{dense, dense_stack};
pub use rmsprop::RmsProp;
