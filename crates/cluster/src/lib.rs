//! What the engines of clusters are given: Slurm's batch script and its arrays, HyperQueue's job file,
//! Kubernetes's manifest.
//!
//! It only writes and reads texts. Who submits them, and what a task does, is not its business: a task is a
//! number, and a command that takes it.

mod hyperqueue;
mod indexes;
mod kubernetes;
mod number;
mod resources;
mod slurm;

pub use hyperqueue::job_file;
pub use indexes::{BadIndexes, Indexes};
pub use kubernetes::{BadManifest, Pod, check, manifest};
pub use number::{BadNumber, VARIABLES, number};
pub use resources::{BadMemory, Memory, Resources};
pub use slurm::{Array, MOST_RESTARTS, arrays, finishing_script, max_array_size, script};

use std::path::Path;

/// What all engines are told of a sweep.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    /// The sweep's name.
    pub name: &'a str,
    /// The program and its arguments but for the task's number, which comes last.
    pub command: &'a [String],
    /// The folder that the command's paths start from, absolute.
    pub working_folder: &'a Path,
    /// The folder of the tasks' logs, absolute. It must exist: an engine starts no task without.
    pub logs: &'a Path,
    /// What a task needs.
    pub resources: Resources,
}
