//! Several machines on one folder: processes with a host name each, some of which are killed.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::{skipped, wait_for};
use crate::hearth::Folder;

const RUNS: usize = 40;

fn sweep() -> String {
    let sizes: Vec<String> = (0..RUNS).map(|index| (8 + index).to_string()).collect();
    format!(
        r#"{{ "base": "small.json", "set": {{ "training.epochs": 30 }},
        "grid": {{ "training.batch_size": [{}] }} }}"#,
        sizes.join(", ")
    )
}

fn host(folder: &Folder, number: usize) -> Child {
    let program = folder.command(&[]).get_program().to_owned();
    let script = format!("hostname host{number} && exec \"$0\" sweep run sweep.json");
    Command::new("unshare")
        .args(["--uts", "sh", "-c", &script])
        .arg(program)
        .current_dir(folder.path())
        .env_remove("HEARTH_DATA_DIR")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn digests(folder: &Folder) -> Vec<String> {
    let of = |index: usize| {
        let run = format!(
            "small+training.batch_size={}+training.epochs=30/flex-seed0",
            8 + index
        );
        let left = std::fs::read_dir(folder.path().join("results").join(&run)).unwrap();
        let names = left.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let names: Vec<String> = names
            .filter(|name| name == "lock" || name.contains('-'))
            .collect();
        assert!(names.is_empty(), "{run}: {names:?}");
        folder.record(&run)["digest"].as_str().unwrap().to_owned()
    };
    (0..RUNS).map(of).collect()
}

#[test]
fn five_machines_share_a_sweep_though_some_are_killed() {
    let may = Command::new("unshare")
        .args(["--uts", "hostname", "x"])
        .output();
    if !may.is_ok_and(|output| output.status.success()) {
        return skipped("host names", "this user may not set them");
    }
    let undisturbed = Folder::new();
    undisturbed.write("sweep.json", sweep());
    undisturbed.succeed(&["sweep", "run", "sweep.json", "-j", "2"]);

    let folder = Folder::new();
    folder.write("sweep.json", sweep());
    let mut hosts: Vec<Child> = (0..5).map(|number| host(&folder, number)).collect();
    let done = || std::fs::read_dir(folder.path().join("results")).map_or(0, Iterator::count);
    for round in 0..6 {
        let before = done();
        wait_for("progress", 60, || {
            (done() > before + 2 || done() >= RUNS).then_some(())
        });
        let victim = &mut hosts[round % 5];
        victim.kill().unwrap();
        victim.wait().unwrap();
        std::thread::sleep(Duration::from_millis(50));
        hosts[round % 5] = host(&folder, round % 5);
    }
    for host in hosts {
        let output = host.wait_with_output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success() && !err.contains("failed"), "{err}");
    }
    assert_eq!(digests(&folder), digests(&undisturbed));
}
