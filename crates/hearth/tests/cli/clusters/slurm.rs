//! Slurm's own daemons, bound to the loopback interface, as this user, with arrays of at most ten.

use std::fmt::Write;
use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::{
    FAILING, LONG, RUNS, all_but_the_failing_one_are_done, digest, experiment, folder, skipped,
    undisturbed, wait_for,
};
use crate::hearth::{Done, Folder};

struct Slurm {
    folder: TempDir,
    daemons: Vec<Child>,
}

impl Slurm {
    /// `None` if Slurm is not installed.
    fn start() -> Option<Self> {
        let programs = ["slurmctld", "slurmd", "sbatch", "srun", "scontrol"];
        if let Some(missing) = programs.into_iter().find(|program| find(program).is_none()) {
            skipped("Slurm", &format!("no {missing} is installed"));
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let slurm = Self {
            folder,
            daemons: Vec::new(),
        };
        slurm.configure();
        Some(slurm.started())
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn configure(&self) {
        let output = |command: &mut Command| {
            let output = command.output().unwrap().stdout;
            String::from_utf8(output).unwrap().trim().to_owned()
        };
        let host = output(Command::new("hostname").arg("-s"));
        let user = output(Command::new("id").arg("-un"));
        // Free now; nothing else asks for ports while the test starts its daemons.
        let port = || {
            TcpListener::bind("127.0.0.1:0")
                .unwrap()
                .local_addr()
                .unwrap()
                .port()
        };
        let cores = std::thread::available_parallelism().unwrap();
        let mut text = String::new();
        for (key, value) in [
            ("ClusterName", "loopback".to_owned()),
            ("SlurmctldHost", format!("{host}(127.0.0.1)")),
            ("SlurmctldPort", port().to_string()),
            ("SlurmdPort", port().to_string()),
            ("SlurmUser", user.clone()),
            ("SlurmdUser", user),
            ("AuthType", "auth/none".to_owned()),
            ("CredType", "cred/none".to_owned()),
            (
                "StateSaveLocation",
                self.path().join("state").display().to_string(),
            ),
            (
                "SlurmdSpoolDir",
                self.path().join("spool").display().to_string(),
            ),
            (
                "SlurmctldPidFile",
                self.path().join("ctld.pid").display().to_string(),
            ),
            (
                "SlurmdPidFile",
                self.path().join("d.pid").display().to_string(),
            ),
            ("ProctrackType", "proctrack/pgid".to_owned()),
            ("TaskPlugin", "task/none".to_owned()),
            ("MpiDefault", "none".to_owned()),
            (
                "CommunicationParameters",
                "NoCtldInAddrAny,NoInAddrAny".to_owned(),
            ),
            ("SelectType", "select/cons_tres".to_owned()),
            ("SelectTypeParameters", "CR_Core".to_owned()),
            ("SchedulerType", "sched/builtin".to_owned()),
            ("ReturnToService", "2".to_owned()),
            ("MaxArraySize", "10".to_owned()),
            (
                "SchedulerParameters",
                "batch_sched_delay=1,sched_interval=2".to_owned(),
            ),
            (
                "AccountingStorageType",
                "accounting_storage/none".to_owned(),
            ),
            ("JobAcctGatherType", "jobacct_gather/none".to_owned()),
        ] {
            writeln!(text, "{key}={value}").unwrap();
        }
        writeln!(
            text,
            "NodeName={host} NodeAddr=127.0.0.1 CPUs={cores} State=UNKNOWN"
        )
        .unwrap();
        writeln!(
            text,
            "PartitionName=test Nodes={host} Default=YES MaxTime=INFINITE"
        )
        .unwrap();
        std::fs::write(self.path().join("slurm.conf"), text).unwrap();
        for folder in ["state", "spool"] {
            std::fs::create_dir(self.path().join(folder)).unwrap();
        }
    }

    fn started(mut self) -> Self {
        for daemon in ["slurmctld", "slurmd"] {
            let log = File::options()
                .create(true)
                .append(true)
                .open(self.path().join(daemon))
                .unwrap();
            let mut command = self.command(find(daemon).unwrap().to_str().unwrap());
            let command = command.arg("-D").stdin(Stdio::null()).stdout(Stdio::null());
            self.daemons.push(command.stderr(log).spawn().unwrap());
            // The one answers before the other asks.
            wait_for(daemon, 60, || {
                self.output("scontrol", &["ping"])
                    .contains(" UP")
                    .then_some(())
            });
        }
        wait_for("idle or working node", 60, || {
            let states = self.output("sinfo", &["-h", "-o", "%T"]);
            ["idle", "mixed", "allocated"]
                .iter()
                .any(|state| states.contains(state))
                .then_some(())
        });
        self
    }

    fn kill(&mut self) {
        for daemon in &mut self.daemons {
            let _ = daemon.kill();
            let _ = daemon.wait();
        }
        self.daemons.clear();
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env("SLURM_CONF", self.path().join("slurm.conf"));
        command
    }

    fn output(&self, program: &str, arguments: &[&str]) -> String {
        let output = self.command(program).args(arguments).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    /// The program where this Slurm is the cluster's.
    fn hearth(&self, folder: &Folder, arguments: &[&str]) -> Done {
        let mut command = folder.command(arguments);
        Done::of(command.env("SLURM_CONF", self.path().join("slurm.conf")))
    }

    fn wait_for_the_end(&self, folder: &Folder) {
        wait_for("end of all jobs", 240, || {
            let queued = self.output("squeue", &["-h", "-r"]);
            queued.trim().is_empty().then_some(())
        });
        wait_for("collected results", 20, || {
            let collected = folder.path().join("results/sweeps/sweep/flex/report.html");
            collected.exists().then_some(())
        });
    }
}

impl Drop for Slurm {
    fn drop(&mut self) {
        // Otherwise the runs go on without them.
        let _ = self
            .command("scancel")
            .args(["--partition", "test"])
            .output();
        let _ = wait_for_empty(|| self.output("squeue", &["-h"]));
        self.kill();
    }
}

fn wait_for_empty(look: impl Fn() -> String) -> bool {
    (0..100).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(100));
        look().trim().is_empty()
    })
}

/// A program on the path, or where daemons are.
fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    folders
        .map(|folder| folder.join(program))
        .find(|path| path.is_file())
}

fn launches(folder: &Folder) -> Vec<Value> {
    let launched = folder.read("results/sweeps/sweep/flex/launched.json");
    let launched: Value = serde_json::from_str(&launched).unwrap();
    launched["launches"].as_array().unwrap().clone()
}

const LAUNCH: [&str; 6] = ["sweep", "launch", "sweep.json", "--slurm", "--at-most", "4"];

#[test]
fn a_sweep_outlives_failures_time_limits_and_dead_daemons() {
    let Some(mut slurm) = Slurm::start() else {
        return;
    };
    let folder = folder();
    let launched = slurm.hearth(&folder, &LAUNCH);
    assert_eq!(launched.code, Some(0), "{launched:?}");
    let said =
        "24 unfinished runs of sweep in 24 tasks\nsubmitted 3 job arrays and a job that collects: ";
    assert!(launched.out.starts_with(said), "{launched:?}");
    // What is queued is not submitted twice.
    let again = slurm.hearth(&folder, &LAUNCH);
    assert_eq!(again.code, Some(2), "{again:?}");
    assert!(
        again.err.contains("launched before and not ended"),
        "{again:?}"
    );

    // As before a time limit: this task alone saves its run and goes back into the queue.
    let run = folder
        .path()
        .join("results")
        .join(experiment(LONG))
        .join("flex-seed0");
    wait_for("checkpoint", 60, || {
        run.join("checkpoint").exists().then_some(())
    });
    let job = launches(&folder)[0]["jobs"][0].as_str().unwrap().to_owned();
    let task = format!("{job}_{LONG}");
    slurm.output("scancel", &["--signal=USR1", &task]);
    wait_for("requeued task", 60, || {
        let waiting = slurm.output("squeue", &["-h", "-r", "-t", "PD", "-o", "%F_%K %r"]);
        waiting.contains(&format!("{task} BeginTime")).then_some(())
    });
    let log = folder.read(&format!("results/sweeps/sweep/flex/logs/{task}.log"));
    assert!(
        log.contains("interrupted; run the same command to resume"),
        "{log}"
    );
    // Slurm would wait for two minutes.
    slurm.output(
        "scontrol",
        &["update", &format!("JobId={task}"), "StartTime=now"],
    );

    slurm.kill();
    let slurm = slurm.started();
    slurm.wait_for_the_end(&folder);

    all_but_the_failing_one_are_done(&folder);
    let collected = folder.read("results/sweeps/sweep/flex/collected.txt");
    assert!(
        collected.contains(&format!("\nindex {FAILING}, ")),
        "{collected}"
    );
    assert_eq!(collected.matches("index ").count(), 1, "{collected}");
    assert_eq!(digest(&folder, LONG), undisturbed(LONG));
    let record = folder.record(&format!("{}/flex-seed0", experiment(LONG)));
    assert_eq!(record["run"]["resumed"], 1);

    // Only what is missing.
    let again = slurm.hearth(&folder, &LAUNCH);
    assert!(
        again
            .out
            .starts_with("1 unfinished run of sweep in 1 task\n"),
        "{again:?}"
    );
    let launches = launches(&folder);
    assert_eq!(launches[0]["tasks"][0], format!("0-{}", RUNS - 1));
    assert_eq!(launches[1]["tasks"][0], FAILING.to_string());

    folder.write("sweep.json", super::sweep().replace("[4000", "[4001"));
    let changed = slurm.hearth(&folder, &LAUNCH);
    assert_eq!(changed.code, Some(2), "{changed:?}");
    assert!(
        changed
            .err
            .contains("another sweep than the one launched before"),
        "{changed:?}"
    );
}

#[test]
fn what_would_be_submitted_is_printed() {
    let folder = folder();
    let mut command = folder.command(&[
        "sweep",
        "launch",
        "sweep.json",
        "--slurm",
        "--print",
        "--per-task",
        "5",
        "--",
        "--time=10",
    ]);
    // No Slurm is asked.
    let printed = Done::of(command.env("PATH", "/nowhere"));
    assert_eq!(printed.code, Some(0), "{printed:?}");
    let script = folder.path().join("results/sweeps/sweep/flex/slurm.sh");
    let submits = format!(
        "\nsbatch --parsable '--array=0-4' '--time=10' {} 0\n",
        script.display()
    );
    assert!(printed.out.contains(&submits), "{}", printed.out);
    assert!(
        printed.out.contains(" --per-task 5 --plan "),
        "{}",
        printed.out
    );
    assert!(printed.err.contains("no such program here"), "{printed:?}");
    assert!(!script.exists());
    let refused = folder
        .command(&LAUNCH)
        .env("PATH", "/nowhere")
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(69));
}
