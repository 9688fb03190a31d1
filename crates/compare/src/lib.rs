//! Results against each other: what differs in the configs, in the numbers, and whether the
//! difference is more than noise. Reads records and knows nothing else; no Burn.
//!
//! arguments -> [`Group::read`] -> [`Comparison::of`] -> text, Markdown, CSV, JSON

mod comparison;
mod config;
mod contrast;
mod error;
mod group;
mod metric;
mod render;
mod source;
pub mod statistics;
mod summary;
mod test;
mod timing;
mod verification;

pub use comparison::{Comparison, Options, compare};
pub use config::ConfigDifference;
pub use contrast::{Contrast, Seeds, Shows};
pub use error::CompareError;
pub use group::{Group, Run};
pub use metric::{Metric, Quantity, Split};
pub use render::thousands;
pub use statistics::Verdict;
pub use summary::{Best, Curve, GroupSummary, RunSummary};
pub use test::Test;
pub use timing::{Rate, Timing};
pub use verification::{Difference, Verification, verify};
