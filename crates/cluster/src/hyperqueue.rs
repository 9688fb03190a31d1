//! HyperQueue: a job file for `hq job submit-file`.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use serde::Serialize;

use crate::{Batch, Indexes};

#[derive(Serialize)]
struct Job {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_fails: Option<usize>,
    array: [Array; 1],
}

#[derive(Serialize)]
struct Array {
    ids: String,
    command: Vec<String>,
    cwd: String,
    stdout: String,
    stderr: String,
    #[serde(skip_serializing_if = "<[Request]>::is_empty")]
    request: Vec<Request>,
}

#[derive(Serialize)]
struct Request {
    resources: BTreeMap<&'static str, u64>,
}

/// The job file for these tasks. The job is given up after more than `most_failures`, where that is told.
///
/// A task reads its number from `HQ_TASK_ID`. One that is lost with its worker is started again by HyperQueue.
pub fn job_file(batch: &Batch, tasks: &Indexes, most_failures: Option<NonZeroUsize>) -> String {
    let log = batch
        .logs
        .join("hq-%{JOB_ID}-%{TASK_ID}.log")
        .display()
        .to_string();
    let resources = batch.resources;
    let mut request = BTreeMap::new();
    request.extend(resources.cpus.map(|cpus| ("cpus", cpus.get() as u64)));
    request.extend(resources.memory.map(|memory| ("mem", memory.mebibytes)));
    request.extend(resources.gpu.then_some(("gpus/nvidia", 1)));
    let job = Job {
        name: format!("hearth-{}", batch.name),
        max_fails: most_failures.map(|most| most.get() - 1),
        array: [Array {
            ids: tasks.to_string(),
            command: batch.command.to_vec(),
            cwd: batch.working_folder.display().to_string(),
            stdout: log.clone(),
            stderr: log,
            request: if request.is_empty() {
                Vec::new()
            } else {
                vec![Request { resources: request }]
            },
        }],
    };
    toml::to_string(&job).expect("strings and numbers are TOML")
}
