//! Compares results: lists the differences in configs and metrics, and tests whether a difference
//! is more than noise. Reads records and does not depend on Burn.
//!
//! arguments -> [`Group::read`] -> [`Comparison::of`] -> text, Markdown, CSV, JSON

mod comparison;
mod config;
mod contrast;
mod error;
mod group;
mod hypothesis;
mod render;
mod source;
pub mod statistics;
mod summary;
mod timing;
mod verification;

pub use comparison::{Comparison, Options, compare};
pub use config::ConfigDifference;
pub use contrast::{Contrast, Seeds, Shows};
pub use error::CompareError;
pub use group::{Group, Run};
pub use hypothesis::Test;
pub use source::Source;
pub use statistics::Verdict;
pub use summary::{Best, Curve, GroupSummary, RunSummary};
pub use timing::{Rate, Timing};
pub use verification::{Difference, Verification, verify};
