//! All of hearth's random numbers: each is a pure function of a seed, a purpose and a position.
//!
//! There is no generator state: nothing to save, draws for one purpose cannot affect those for
//! another, and the numbers are the same for any number of threads.

mod draws;
pub mod philox;
mod stream;
mod unit;

pub use draws::{DRAW_BLOCK, DRAW_GROUP};
pub use stream::{Purpose, Stream};
pub use unit::unit;
