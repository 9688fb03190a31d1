//! Reads the network of a `Sequential` that Keras saved, as layers of hearth's `sequential`.
//!
//! Only the architecture is read: no weights and no optimizer. What would change the network's function
//! and has no counterpart is refused; what would change its training alone is in [`Network::left_out`].

mod error;
mod file;
mod input;
mod layer;
mod left_out;
mod network;
mod output;
mod settings;
mod translate;

pub use error::KerasError;
pub use input::Input;
pub use layer::Layer;
pub use network::{Network, read};
