//! The manifest, checked offline by PyPI's kubernetes-validate; no cluster is there to take it.

use std::process::Command;

use super::{RUNS, beside, folder, skipped};

const LAUNCH: [&str; 8] = [
    "sweep",
    "launch",
    "sweep.json",
    "--kubernetes",
    "--image",
    "hearth:1",
    "--volume",
    "home",
];

#[test]
fn the_manifest_has_the_form_of_a_job() {
    let folder = folder();
    let printed = folder.succeed(
        &[
            &LAUNCH[..],
            &["--print", "--cpus", "2", "--memory", "4G", "--gpu"],
        ]
        .concat(),
    );
    let manifest: String = printed
        .out
        .lines()
        .filter(|line| !line.starts_with(['#', 'k']))
        .collect();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    assert_eq!(manifest["spec"]["completions"], RUNS);
    let arguments = manifest["spec"]["template"]["spec"]["containers"][0]["args"].to_string();
    assert!(arguments.contains(r#""--among","0-23""#), "{arguments}");

    let python = std::env::var("HEARTH_PYTHON").unwrap_or("python3".to_owned());
    let validate = "from kubernetes_validate import validate; import json, sys; \
                    validate(json.load(sys.stdin), '1.33', strict=True)";
    let has_package = Command::new(&python)
        .args(["-c", "import kubernetes_validate"])
        .output();
    if !has_package.is_ok_and(|output| output.status.success()) {
        return skipped(
            "Kubernetes",
            &format!("{python} has no package kubernetes-validate"),
        );
    }
    folder.write("manifest.json", manifest.to_string());
    let input = std::fs::File::open(folder.path().join("manifest.json")).unwrap();
    let checked = Command::new(&python)
        .args(["-c", validate])
        .stdin(input)
        .output()
        .unwrap();
    assert!(
        checked.status.success(),
        "{}",
        String::from_utf8_lossy(&checked.stderr)
    );
}

#[test]
fn paths_off_the_volume_are_refused() {
    let folder = folder();
    let elsewhere = folder.path().join("results");
    let launch = [
        &LAUNCH[..],
        &["--print", "--out", elsewhere.to_str().unwrap()],
    ]
    .concat();
    let refused = folder.hearth(&launch);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(
        refused
            .err
            .contains("not within /work, where the pods mount the volume"),
        "{refused:?}"
    );
}

#[test]
fn kubectl_is_given_the_manifest_and_each_launch_has_a_name() {
    let folder = folder();
    let says = "job.batch/hearth-sweep created";
    for name in ["hearth-sweep", "hearth-sweep-2"] {
        let launched = beside(
            &folder,
            "kubectl",
            says,
            &[&LAUNCH[..], &["--", "-n", "ml"]].concat(),
        );
        assert_eq!(launched.code, Some(0), "{launched:?}");
        assert!(
            launched
                .out
                .contains(&format!("to cancel: kubectl delete job {name}\n")),
            "{launched:?}"
        );
        let manifest = "results/sweeps/sweep/flex/kubernetes.json";
        assert_eq!(
            folder.read("called"),
            format!("create\n-f\n{manifest}\n-n\nml\n")
        );
        let manifest: serde_json::Value = serde_json::from_str(&folder.read(manifest)).unwrap();
        assert_eq!(manifest["metadata"]["name"], name);
    }
}
