//! The end of a command: at once when it is told to, with the code of what it found, whatever became of its
//! output, and with an error of its own where a limit of the system is reached.
#![cfg(unix)]

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::hearth::{Done, Folder};

const MNIST: &str = r#"{ "data": { "mnist": {} }, "model": { "hidden_mlp": { "hidden": [8] } },
    "optimizer": { "sgd": {} }, "training": { "epochs": 1 } }"#;

/// A server that sends a byte now and then, and says when it was asked.
struct Dripping {
    address: String,
    asked: std::sync::mpsc::Receiver<()>,
}

impl Dripping {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/mnist", listener.local_addr().unwrap());
        let (ask, asked) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (mut stream, ask) = (stream.unwrap(), ask.clone());
                std::thread::spawn(move || {
                    let _ = stream.read(&mut [0; 4096]);
                    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n";
                    let _ = stream.write_all(head);
                    let _ = ask.send(());
                    while stream.write_all(b"x").is_ok() {
                        std::thread::sleep(Duration::from_millis(100));
                    }
                });
            }
        });
        Self { address, asked }
    }

    fn wait(&self) {
        self.asked.recv_timeout(Duration::from_secs(60)).unwrap();
        std::thread::sleep(Duration::from_millis(200));
    }
}

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("mnist.json", MNIST);
    folder
}

fn start(command: &mut Command) -> Child {
    let command = command.stdin(Stdio::null()).stdout(Stdio::piped());
    command.stderr(Stdio::piped()).spawn().unwrap()
}

/// Waits for the process for at most a few seconds.
fn ended(child: &mut Child) -> Option<Duration> {
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(10) {
        if child.try_wait().unwrap().is_some() {
            return Some(started.elapsed());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    child.kill().unwrap();
    None
}

#[test]
fn a_download_ends_at_once_when_told() {
    let folder = folder();
    let server = Dripping::start();
    for command in [&["run", "mnist.json"][..], &["data", "fetch", "mnist"]] {
        for signal in [
            Signal::SIGINT,
            Signal::SIGTERM,
            Signal::SIGHUP,
            Signal::SIGUSR1,
        ] {
            let mut command = folder.command(command);
            let mut child = start(command.env("HEARTH_MNIST_URL", &server.address));
            server.wait();
            kill(Pid::from_raw(child.id() as i32), signal).unwrap();
            let took = ended(&mut child);
            assert!(
                took.is_some_and(|took| took < Duration::from_secs(1)),
                "{command:?}, {signal}: {took:?}"
            );
        }
    }
}

#[test]
fn the_processes_of_a_killed_sweep_end_while_they_download() {
    let folder = folder();
    folder.write(
        "sweep.json",
        r#"{ "base": "mnist.json", "grid": { "training.batch_size": [10, 20] } }"#,
    );
    let server = Dripping::start();
    let mut command = folder.command(&["sweep", "run", "sweep.json", "-j", "2"]);
    let mut child = start(command.env("HEARTH_MNIST_URL", &server.address));
    server.wait();
    let own = folder
        .path()
        .file_name()
        .unwrap()
        .to_str()
        .unwrap()
        .to_owned();
    // Every process whose working folder is the test's.
    let alive = || -> usize {
        let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        let folders = processes.filter_map(|at| std::fs::read_link(at.path().join("cwd")).ok());
        folders.filter(|at| at.ends_with(&own)).count()
    };
    child.kill().unwrap();
    child.wait().unwrap();
    let started = Instant::now();
    while alive() > 0 {
        assert!(
            started.elapsed() < Duration::from_secs(3),
            "{} left",
            alive()
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_pipe_that_nobody_writes_to_is_no_wait_for_ever() {
    let folder = folder();
    let pipe = folder.path().join("pipe.json");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let mut child = start(&mut folder.command(&["run", "pipe.json"]));
    std::thread::sleep(Duration::from_millis(300));
    kill(Pid::from_raw(child.id() as i32), Signal::SIGTERM).unwrap();
    let took = ended(&mut child);
    assert!(
        took.is_some_and(|took| took < Duration::from_secs(1)),
        "{took:?}"
    );
}

/// The exit code when nobody reads standard output.
fn unread(folder: &Folder, arguments: &[&str]) -> Option<i32> {
    let mut command = folder.command(arguments);
    let mut child = start(&mut command);
    drop(child.stdout.take());
    Done::from(child.wait_with_output().unwrap()).code
}

#[test]
fn exit_codes_stand_when_the_reader_has_gone() {
    let folder = Folder::new();
    let unmet = [
        "run",
        "small.json",
        "--set",
        r#"expect={ "test.accuracy": { "at_least": 0.999 } }"#,
    ];
    assert_eq!(unread(&folder, &unmet), Some(1));
    folder.succeed(&["run", "small.json", "--seeds", "0..3"]);
    folder.succeed(&[
        "run",
        "small.json",
        "--seeds",
        "0..3",
        "--set",
        "training.epochs=3",
    ]);
    let one = "results/small";
    let other = "results/small+training.epochs=3";
    for verdict in ["undecided", "worse", "better"] {
        let diff = ["diff", one, other, "--fail-on", verdict];
        let code = folder.hearth(&diff).code;
        assert_eq!(unread(&folder, &diff), code, "{verdict}");
    }
    assert_eq!(unread(&folder, &["list"]), Some(0));
    assert_eq!(unread(&folder, &["evaluate", "results/none"]), Some(2));
    // Output that cannot be written is another matter.
    let full = std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .unwrap();
    for arguments in [&["list"][..], &["--help"], &["diff", one, other, "--json"]] {
        let done = Done::of(folder.command(arguments).stdout(full.try_clone().unwrap()));
        assert_eq!(done.code, Some(74), "{arguments:?}: {done:?}");
        assert!(
            done.err.contains("standard output: No space left"),
            "{arguments:?}: {done:?}"
        );
    }
}

/// Runs the program under a limit of the shell.
fn limited(folder: &Folder, limit: &str, arguments: &[&str]) -> Done {
    let program = folder.command(arguments);
    let mut command = Command::new("sh");
    let line = format!("ulimit {limit}; exec \"$0\" \"$@\"");
    command.arg("-c").arg(line).arg(program.get_program());
    command.args(arguments).current_dir(folder.path());
    command.env("XDG_CACHE_HOME", folder.path().join("cache"));
    Done::of(&mut command)
}

#[test]
fn limits_of_the_system_are_errors_of_their_own() {
    let folder = Folder::new();
    for (limit, says) in [("-n 4", "too many open files"), ("-f 2", "too large")] {
        let done = limited(&folder, limit, &["run", "small.json"]);
        assert_eq!(done.code, Some(74), "{limit}: {done:?}");
        assert_eq!(done.err.matches("hearth: ").count(), 1, "{limit}: {done:?}");
        assert!(done.err.to_lowercase().contains(says), "{limit}: {done:?}");
        assert!(!done.err.contains("in use by"), "{limit}: {done:?}");
    }
    // The next run goes on.
    folder.succeed(&["run", "small.json"]);
}
