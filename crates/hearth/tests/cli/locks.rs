//! Runs on file systems that refuse locks, or answer for a file that another machine removed.
#![cfg(target_os = "linux")]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::hearth::{Done, Folder};

/// In place of the C library's `fcntl`: requests for a lock of an open file come to the error that
/// `LOCKS_FAIL_WITH` has.
const SHIM: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>

static int passed_on(const char *name, int file, int request, void *argument) {
    if (request == F_OFD_SETLK || request == F_OFD_GETLK) {
        errno = atoi(getenv("LOCKS_FAIL_WITH"));
        return -1;
    }
    int (*own)(int, int, ...) = (int (*)(int, int, ...))dlsym(RTLD_NEXT, name);
    return own(file, request, argument);
}

int fcntl(int file, int request, ...) {
    va_list rest;
    va_start(rest, request);
    void *argument = va_arg(rest, void *);
    va_end(rest);
    return passed_on("fcntl", file, request, argument);
}

int fcntl64(int file, int request, ...) {
    va_list rest;
    va_start(rest, request);
    void *argument = va_arg(rest, void *);
    va_end(rest);
    return passed_on("fcntl64", file, request, argument);
}
"#;

/// The shim as a library; the folder is kept.
fn shim() -> &'static Path {
    static SHIM_AT: OnceLock<PathBuf> = OnceLock::new();
    SHIM_AT.get_or_init(|| {
        let folder = std::env::temp_dir().join(format!("hearth-shim-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("shim.c"), SHIM).unwrap();
        let built = Command::new("cc")
            .args(["-shared", "-fPIC", "-o", "shim.so", "shim.c", "-ldl"])
            .current_dir(&folder)
            .status();
        assert!(built.unwrap().success());
        folder.join("shim.so")
    })
}

fn with_locks_failing(folder: &Folder, error: i32, arguments: &[&str]) -> Command {
    let mut command = folder.command(arguments);
    command
        .env("LD_PRELOAD", shim())
        .env("LOCKS_FAIL_WITH", error.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn wait_for(what: &Path) {
    let started = Instant::now();
    while !what.exists() {
        assert!(started.elapsed() < Duration::from_secs(60), "{what:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn finish(child: Child) -> Done {
    Done::from(child.wait_with_output().unwrap())
}

const LONG: [&str; 4] = ["run", "small.json", "--set", "training.epochs=20000"];
const RUN: &str = "results/small+training.epochs=20000/flex-seed0";

#[test]
fn a_claim_excludes_where_there_are_no_locks() {
    use nix::errno::Errno;
    for error in [Errno::ENOSYS, Errno::ENOLCK, Errno::EOPNOTSUPP] {
        let folder = Folder::new();
        let mut first = with_locks_failing(&folder, error as i32, &LONG)
            .spawn()
            .unwrap();
        wait_for(&folder.path().join(RUN).join("metrics.jsonl"));
        let second = finish(
            with_locks_failing(&folder, error as i32, &LONG)
                .spawn()
                .unwrap(),
        );
        assert_eq!(second.code, Some(73), "{second:?}");
        let by = format!(": in use by process {} on ", first.id());
        assert!(
            second.err.contains(&by) && second.err.lines().count() == 1,
            "{second:?}"
        );
        let listed = finish(
            with_locks_failing(&folder, error as i32, &["list"])
                .spawn()
                .unwrap(),
        );
        assert!(listed.out.contains("running"), "{listed:?}");
        first.kill().unwrap();
        first.wait().unwrap();
        // Nobody waits for what has certainly ended.
        let short = ["run", "small.json"];
        let mut third = with_locks_failing(&folder, error as i32, &LONG)
            .spawn()
            .unwrap();
        wait_for(&folder.path().join(RUN).join("claim-2"));
        third.kill().unwrap();
        third.wait().unwrap();
        assert_eq!(
            finish(
                with_locks_failing(&folder, error as i32, &short)
                    .spawn()
                    .unwrap()
            )
            .code,
            Some(0)
        );
        let left = folder.path().join("results/small/flex-seed0");
        assert!(!left.join("lock").exists() && !left.join("claim-1").exists());
    }
}

#[test]
fn a_file_that_is_always_stale_is_said_to_be_removed() {
    let folder = Folder::new();
    let error = nix::errno::Errno::ESTALE as i32;
    let done = finish(
        with_locks_failing(&folder, error, &["run", "small.json"])
            .spawn()
            .unwrap(),
    );
    assert_eq!(done.code, Some(74), "{done:?}");
    let said = "hearth: results/small/flex-seed0: removed or replaced during the run; start the run again\n";
    assert_eq!(done.err, said);
}
