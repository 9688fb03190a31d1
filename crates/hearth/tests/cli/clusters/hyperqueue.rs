//! HyperQueue's own server and workers, by its Python package, which has no `hq` program: what `sweep plan`
//! prints is submitted as it is.

use std::process::Command;

use super::{FAILING, all_but_the_failing_one_are_done, beside, folder, skipped};

/// Submits a plan's commands to two workers. Prints the failed tasks.
const SUBMIT: &str = r#"
import json, sys
from hyperqueue import Job, LocalCluster
from hyperqueue.cluster import WorkerConfig

program, plan = sys.argv[1], sys.argv[2]
with LocalCluster() as cluster:
    for _ in range(2):
        cluster.start_worker(WorkerConfig(cores=1))
    client = cluster.client()
    job = Job()
    for line in open(plan):
        command = json.loads(line)["command"]
        job.program([program] + command[1:], cwd=".", stdout="out-%{TASK_ID}", stderr="err-%{TASK_ID}")
    submitted = client.submit(job)
    client.wait_for_jobs([submitted], raise_on_error=False)
    print(sorted(client.get_failed_tasks(submitted)))
"#;

#[test]
fn a_sweep_runs_on_two_workers() {
    // Set by CI to one that has the package.
    let python = std::env::var("HEARTH_PYTHON").unwrap_or("python3".to_owned());
    let has_package = Command::new(&python)
        .args(["-c", "import hyperqueue"])
        .output();
    if !has_package.is_ok_and(|output| output.status.success()) {
        return skipped("HyperQueue", &format!("{python} has no package hyperqueue"));
    }
    let folder = folder();
    let plan = folder
        .succeed(&["sweep", "plan", "sweep.json", "--json"])
        .out;
    folder.write("plan.jsonl", plan);
    let output = Command::new(&python)
        .args(["-c", SUBMIT, env!("CARGO_BIN_EXE_hearth"), "plan.jsonl"])
        .current_dir(folder.path())
        .env_remove("HEARTH_DATA_DIR")
        .output()
        .unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{out}{err}");
    assert!(out.contains(&format!("[{FAILING}]")), "{out}{err}");
    all_but_the_failing_one_are_done(&folder);
    let collected = folder.succeed(&["sweep", "collect", "sweep.json"]).out;
    assert!(
        collected.contains(&format!("\nindex {FAILING}, ")),
        "{collected}"
    );
}

#[test]
fn hq_is_given_the_job_file() {
    let folder = folder();
    let says = "Job submitted successfully, job ID: 7";
    let launch = [
        "sweep",
        "launch",
        "sweep.json",
        "--hq",
        "--cpus",
        "2",
        "--",
        "--wait",
    ];
    let launched = beside(&folder, "hq", says, &launch);
    assert_eq!(launched.code, Some(0), "{launched:?}");
    assert!(
        launched.out.contains("\nto cancel: hq job cancel 7\n"),
        "{launched:?}"
    );
    let job = "results/sweeps/sweep/flex/hyperqueue.toml";
    assert_eq!(
        folder.read("called"),
        format!("job\nsubmit-file\n--wait\n{job}\n")
    );
    let job = folder.read(job);
    assert!(job.contains("\nids = \"0-23\"\n"), "{job}");
    assert!(job.contains(r#""--threads", "2"]"#), "{job}");
    let refused = folder.hearth(&["sweep", "launch", "sweep.json", "--hq", "--at-most", "2"]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
}
