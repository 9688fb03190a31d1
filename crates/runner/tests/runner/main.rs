//! Tests of whole runs, from config to record.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "only tests, where a panic is a failure"
)]

mod gpu_parity;
mod gradients;
mod models;
mod resuming;
mod sequential;
