//! Kubernetes: an Indexed Job.

use std::num::NonZeroUsize;
use std::path::Path;

use serde_json::{Value, json};

use crate::Batch;

/// What a pod is made of, beyond what all engines are told.
#[derive(Clone, Copy, Debug)]
pub struct Pod<'a> {
    /// The container image; its entry point is the program.
    pub image: &'a str,
    /// The persistent volume claim with the sweep, the data and the results.
    pub volume: &'a str,
    /// Where the volume is mounted.
    pub mounted_at: &'a Path,
    /// Kueue's local queue.
    pub queue: Option<&'a str>,
}

/// How many times an element is started again after it was lost or could not read or write.
const RETRIES: u32 = 3;

/// The seconds that a pod has to save its run when it must go.
const GRACE: u32 = 60;

/// The exit codes of a failure that another attempt would repeat: a failed run, a mistake, bad data.
const FINAL: [u8; 3] = [1, 2, 65];

/// The exit code of an interrupted run, which the next pod resumes.
const INTERRUPTED: u8 = 75;

/// The manifest of a job with this many elements, as JSON, which is YAML, too. A task reads its number from
/// `JOB_COMPLETION_INDEX`.
pub fn manifest(
    batch: &Batch,
    pod: &Pod,
    elements: usize,
    at_once: Option<NonZeroUsize>,
    most_failures: Option<NonZeroUsize>,
) -> Value {
    let mut needs = json!({});
    let resources = batch.resources;
    if let Some(cpus) = resources.cpus {
        needs["cpu"] = cpus.to_string().into();
    }
    if let Some(memory) = resources.memory {
        needs["memory"] = format!("{}Mi", memory.mebibytes).into();
    }
    if resources.gpu {
        needs["nvidia.com/gpu"] = "1".into();
    }
    let labels = pod
        .queue
        .map(|queue| json!({ "kueue.x-k8s.io/queue-name": queue }));
    let at_once = at_once.map_or(elements, |most| most.get().min(elements));
    let mut manifest = json!({
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": { "name": name(batch.name) },
        "spec": {
            "completionMode": "Indexed",
            "completions": elements,
            "parallelism": at_once,
            "backoffLimitPerIndex": RETRIES,
            "maxFailedIndexes": most_failures.map_or(elements, |most| most.get() - 1),
            "podFailurePolicy": { "rules": [
                // The node is drained or the pod preempted: no fault of the task.
                { "action": "Ignore", "onPodConditions": [{ "type": "DisruptionTarget", "status": "True" }] },
                { "action": "Ignore", "onExitCodes": exit_codes(&[INTERRUPTED]) },
                { "action": "FailIndex", "onExitCodes": exit_codes(&FINAL) },
            ] },
            "template": { "spec": {
                "restartPolicy": "Never",
                "terminationGracePeriodSeconds": GRACE,
                "securityContext": { "runAsNonRoot": true },
                "containers": [{
                    "name": CONTAINER,
                    "image": pod.image,
                    "args": batch.command,
                    "workingDir": batch.working_folder.display().to_string(),
                    "resources": { "requests": needs.clone(), "limits": needs },
                    "volumeMounts": [{ "name": "sweep", "mountPath": pod.mounted_at.display().to_string() }],
                }],
                "volumes": [{ "name": "sweep", "persistentVolumeClaim": { "claimName": pod.volume } }],
            } },
        },
    });
    if let Some(labels) = labels {
        manifest["metadata"]["labels"] = labels;
    }
    manifest
}

const CONTAINER: &str = "hearth";

fn exit_codes(codes: &[u8]) -> Value {
    json!({ "containerName": CONTAINER, "operator": "In", "values": codes })
}

/// The most characters of a job's name, so that those of its pods are labels, too.
const LONGEST_NAME: usize = 52;

/// `hearth-` and the sweep's name, as Kubernetes allows names: small letters, digits and hyphens.
fn name(sweep: &str) -> String {
    let kept = sweep
        .to_ascii_lowercase()
        .replace(|kept: char| !kept.is_ascii_alphanumeric(), "-");
    let name = format!("hearth-{kept}");
    name[..name.len().min(LONGEST_NAME)]
        .trim_end_matches('-')
        .to_owned()
}

/// What a cluster would refuse in a job's manifest although it has the form of one.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadManifest {
    /// Limits per index need pods that are not restarted in place.
    #[error(
        "spec.template.spec.restartPolicy: {0}; with backoffLimitPerIndex or podFailurePolicy it must be Never"
    )]
    RestartPolicy(String),
    /// Limits per index need indexes.
    #[error("spec.completionMode: {0}; with backoffLimitPerIndex it must be Indexed")]
    CompletionMode(String),
    /// More failed indexes allowed than there are.
    #[error("spec.maxFailedIndexes: {most}, more than the {completions} completions")]
    MaxFailedIndexes {
        /// The indexes that may fail.
        most: u64,
        /// The indexes that there are.
        completions: u64,
    },
    /// A rule speaks of a container that the pod does not have.
    #[error("spec.podFailurePolicy: a rule names the container {0}, which the pod does not have")]
    Container(String),
}

/// Checks what the schema of a job does not say.
///
/// # Errors
///
/// The first contradiction.
pub fn check(manifest: &Value) -> Result<(), BadManifest> {
    let spec = &manifest["spec"];
    let pod = &spec["template"]["spec"];
    let text = |value: &Value| value.as_str().unwrap_or("missing").to_owned();
    let is_per_index = !spec["backoffLimitPerIndex"].is_null();
    if (is_per_index || !spec["podFailurePolicy"].is_null()) && pod["restartPolicy"] != "Never" {
        return Err(BadManifest::RestartPolicy(text(&pod["restartPolicy"])));
    }
    if is_per_index && spec["completionMode"] != "Indexed" {
        return Err(BadManifest::CompletionMode(text(&spec["completionMode"])));
    }
    if let (Some(most), Some(completions)) = (
        spec["maxFailedIndexes"].as_u64(),
        spec["completions"].as_u64(),
    ) && most > completions
    {
        return Err(BadManifest::MaxFailedIndexes { most, completions });
    }
    let containers = pod["containers"].as_array().into_iter().flatten();
    let names: Vec<&Value> = containers.map(|container| &container["name"]).collect();
    let rules = spec["podFailurePolicy"]["rules"]
        .as_array()
        .into_iter()
        .flatten();
    for rule in rules {
        let named = &rule["onExitCodes"]["containerName"];
        if !named.is_null() && !names.contains(&named) {
            return Err(BadManifest::Container(text(named)));
        }
    }
    Ok(())
}
