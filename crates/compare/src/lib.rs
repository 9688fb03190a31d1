//! Compares results: lists the differences in configs and metrics, and tests whether a difference
//! is more than noise. Reads records and does not depend on Burn.
//!
//! arguments -> [`Group::read`] -> [`Comparison::of`] -> text, Markdown, CSV, JSON

mod comparison;
mod config;
mod contrast;
mod copies;
mod error;
mod explanation;
mod family;
mod flips;
mod group;
mod hypothesis;
mod ledger;
mod notes;
mod over;
mod render;
mod samples;
mod source;
mod spread;
pub mod statistics;
mod summary;
mod timing;
mod verification;

pub use comparison::{Comparison, Options, compare};
pub use config::ConfigDifference;
pub use contrast::Contrast;
pub use error::CompareError;
pub use explanation::{BySeed, ChangedKey, Contribution, Explanation, Method};
pub use family::{Failures, Seeds, Shows, verdicts};
pub use flips::Flips;
pub use group::{Group, Run};
pub use hypothesis::Test;
pub use ledger::TestSetUse;
pub use over::Over;
pub use samples::Sample;
pub use source::Source;
pub use spread::{SourceSpread, SpreadBySource};
pub use statistics::Verdict;
pub use summary::{Best, Curve, GroupSummary, RunSummary};
pub use timing::{Rate, Timing};
pub use verification::{Difference, Verification, verify};
