//! Data sets that the program makes itself: for tests, and for a first run without network and
//! files. The same on every machine, whatever the run's seed: a data set, not a draw.

mod digits;
mod reviews;

pub use digits::digits;
pub use reviews::reviews;
