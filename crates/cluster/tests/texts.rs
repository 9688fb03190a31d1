//! What the engines are given, whole, beside files that were read by a person and by the engines' own checkers.
//! `HEARTH_WRITE_GOLDEN=1 cargo test -p cluster` writes the files anew.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use cluster::{Batch, Pod, Resources, check, finishing_script, job_file, manifest, script};
use serde_json::Value;

fn is_golden(name: &str, text: &str) {
    let path = Path::new("tests/golden").join(name);
    if std::env::var_os("HEARTH_WRITE_GOLDEN").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text, "{name}");
}

fn words(line: &str) -> Vec<String> {
    line.split(' ').map(str::to_owned).collect()
}

fn with_batch<T>(program: &str, give: impl FnOnce(&Batch) -> T) -> T {
    let mut command = words(program);
    command.extend(words(
        "sweep exec rates.json --backend flex --out results --per-task 5",
    ));
    command.push("--data-dir".to_owned());
    command.push("/data/it's here".to_owned());
    give(&Batch {
        name: "rates",
        command: &command,
        working_folder: Path::new("/home/ada/my work"),
        logs: Path::new("/home/ada/my work/results/sweeps/rates/flex/logs 100%"),
        resources: Resources {
            cpus: NonZeroUsize::new(2),
            memory: Some("4G".parse().unwrap()),
            gpu: true,
        },
    })
}

#[test]
fn slurm_is_given_a_script() {
    with_batch("/opt/hearth", |batch| {
        is_golden("slurm.sh", &script(batch));
        let commands = [
            (
                words("/opt/hearth sweep collect rates.json"),
                Some(PathBuf::from("out/a b.txt")),
            ),
            (words("/opt/hearth report results -o out/report.html"), None),
        ];
        is_golden("collect.sh", &finishing_script(batch, &commands));
    });
    // A shell accepts them.
    for name in ["slurm.sh", "collect.sh"] {
        let path = Path::new("tests/golden").join(name);
        let read = std::process::Command::new("bash")
            .arg("-n")
            .arg(path)
            .status();
        assert!(read.unwrap().success(), "{name}");
    }
}

#[test]
fn what_a_script_says_of_folders_stays_within_its_quotes() {
    let batch = Batch {
        name: "a\"b\nc",
        command: &words("hearth"),
        working_folder: Path::new("/a'; rm -rf /"),
        logs: Path::new("/a\"\nb"),
        resources: Resources::default(),
    };
    let script = script(&batch);
    assert!(
        script.contains("\n#SBATCH --job-name=\"hearth-a\\\"b-c\"\n"),
        "{script}"
    );
    assert!(
        script.contains("\n#SBATCH --output=\"/a\\\"-b/%A_%a.log\"\n"),
        "{script}"
    );
    assert!(
        script.contains("\ncd \"/a'; rm -rf /\" || exit 74\n"),
        "{script}"
    );
}

#[test]
fn hyperqueue_is_given_a_job_file() {
    let tasks = "0,3-4".parse().unwrap();
    let file = with_batch("hearth", |batch| {
        job_file(batch, &tasks, NonZeroUsize::new(3))
    });
    is_golden("hyperqueue.toml", &file);
}

fn kubernetes() -> Value {
    let pod = Pod {
        image: "registry.example/hearth:0.1.0",
        volume: "hearth",
        mounted_at: Path::new("/work"),
        queue: Some("user-queue"),
    };
    with_batch("hearth", |batch| {
        let command = &batch.command[1..];
        let (working_folder, name) = (Path::new("/work"), "My rates_2");
        let batch = Batch {
            command,
            working_folder,
            name,
            ..*batch
        };
        manifest(&batch, &pod, 24, NonZeroUsize::new(4), None)
    })
}

#[test]
fn kubernetes_is_given_an_indexed_job() {
    let manifest = kubernetes();
    check(&manifest).unwrap();
    is_golden(
        "kubernetes.json",
        &format!("{}\n", serde_json::to_string_pretty(&manifest).unwrap()),
    );
}

#[test]
fn a_job_that_a_cluster_would_refuse_is_refused() {
    let refused = |path: &str, value: Value, says: &str| {
        let mut manifest = kubernetes();
        *manifest.pointer_mut(path).unwrap() = value;
        let said = check(&manifest).unwrap_err().to_string();
        assert!(said.starts_with(says), "{said}");
    };
    refused(
        "/spec/template/spec/restartPolicy",
        "OnFailure".into(),
        "spec.template.spec.restartPolicy: OnFailure; with backoffLimitPerIndex",
    );
    refused(
        "/spec/completionMode",
        "NonIndexed".into(),
        "spec.completionMode: NonIndexed",
    );
    refused(
        "/spec/maxFailedIndexes",
        25.into(),
        "spec.maxFailedIndexes: 25, more than the 24",
    );
    let container = "/spec/podFailurePolicy/rules/1/onExitCodes/containerName";
    refused(
        container,
        "other".into(),
        "spec.podFailurePolicy: a rule names the container other",
    );
}
