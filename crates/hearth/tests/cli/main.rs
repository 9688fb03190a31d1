//! The binary end to end.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::print_stderr, reason = "a test that is skipped says so")]

mod backends;
mod clusters;
mod comparing;
mod controls;
mod data;
mod drawn_digits;
mod ending;
mod finished;
mod from_keras;
mod hearth;
mod identity;
mod locks;
mod networks;
mod outputs;
mod own_data;
mod page;
mod readme;
mod real_data;
mod refusals;
mod remarks;
mod repository;
mod results;
mod resuming;
mod reviews;
mod sealed;
mod seeds;
mod sweeps;
mod tensorboard;
