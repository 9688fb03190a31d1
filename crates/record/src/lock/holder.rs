//! Who holds a run's folder, and whether that process is still there.

use std::path::Path;

use serde::{Deserialize, Serialize};
use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

/// A process, as its claim names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Holder {
    process: u32,
    host: String,
    /// The running kernel. Containers on one machine share it, whatever they call their host; after a
    /// restart, and on every other machine, it is another.
    kernel: String,
    /// The numbering of processes: containers number their own.
    numbering: Option<String>,
    /// When the process started, in seconds since 1970, so that a later process of the same number is
    /// another.
    started: u64,
}

impl Holder {
    /// This process.
    pub fn this() -> Self {
        let process = std::process::id();
        let host = System::host_name().unwrap_or_else(|_| "an unnamed host".to_owned());
        let read = |path: &str| std::fs::read_to_string(path).ok();
        let kernel = read("/proc/sys/kernel/random/boot_id").map(|id| id.trim().to_owned());
        let numbering = Path::new("/proc/self/ns/pid").read_link().ok();
        Self {
            process,
            kernel: kernel.unwrap_or_else(|| host.clone()),
            host,
            numbering: numbering.map(|found| found.display().to_string()),
            started: started(process).unwrap_or(0),
        }
    }

    /// A process of another machine.
    #[cfg(test)]
    pub fn on(machine: &str) -> Self {
        let (host, kernel) = (machine.to_owned(), machine.to_owned());
        Self {
            host,
            kernel,
            ..Self::this()
        }
    }

    /// Whether it runs, or ran, under the same kernel as this process.
    pub fn is_of_this_kernel(&self, this: &Self) -> bool {
        self.kernel == this.kernel
    }

    /// Whether it certainly runs no more. Only a process of the same numbering can tell.
    pub fn has_ended(&self, this: &Self) -> bool {
        self.is_of_this_kernel(this)
            && self.numbering == this.numbering
            && match started(self.process) {
                Some(started) => started.abs_diff(self.started) > JITTER,
                None => is_free(self.process),
            }
    }
}

impl std::fmt::Display for Holder {
    fn fmt(&self, out: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(out, "process {} on {}", self.process, self.host)
    }
}

/// By how many seconds a start may seem to move as the clock is set.
const JITTER: u64 = 5;

/// When a process started; `None` if the system does not show one of this number.
fn started(process: u32) -> Option<u64> {
    let process = Pid::from_u32(process);
    let mut system = System::new().ok()?;
    let only = ProcessesToUpdate::Some(&[process]);
    system.refresh_processes_specifics(only, true, ProcessRefreshKind::nothing());
    Some(system.process(process)?.start_time())
}

/// Whether no process has this number. Asked of the kernel, since some systems hide the processes of others.
#[cfg(unix)]
fn is_free(process: u32) -> bool {
    let process = i32::try_from(process).map(nix::unistd::Pid::from_raw);
    process
        .is_ok_and(|process| nix::sys::signal::kill(process, None) == Err(nix::errno::Errno::ESRCH))
}

#[cfg(not(unix))]
fn is_free(_: u32) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_process_has_ended_when_its_number_is_free_or_anothers() {
        let this = Holder::this();
        assert!(this.started > 0 && !this.has_ended(&this));
        let mut child = std::process::Command::new("sleep")
            .arg("60")
            .spawn()
            .unwrap();
        let of_child = Holder {
            process: child.id(),
            started: started(child.id()).unwrap(),
            ..this.clone()
        };
        assert!(!of_child.has_ended(&this));
        let earlier = Holder {
            started: of_child.started - 1000,
            ..of_child.clone()
        };
        assert!(earlier.has_ended(&this));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(of_child.has_ended(&this));
        // Elsewhere the same number says nothing.
        for elsewhere in [
            Holder {
                kernel: "another".to_owned(),
                ..of_child.clone()
            },
            Holder {
                numbering: Some("another".to_owned()),
                ..of_child
            },
        ] {
            assert!(!elsewhere.has_ended(&this));
        }
    }
}
