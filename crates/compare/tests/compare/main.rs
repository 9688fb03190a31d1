//! Tests of the public interface with groups built in memory, read from folders, damaged, and
//! random.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod beyond_seeds;
mod damaged;
mod error_rate;
mod golden;
mod made;
mod referee;
mod reference;
mod rendered;
mod sources;
mod verdicts;
mod verification;
