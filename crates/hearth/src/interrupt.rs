//! Requests to stop: signals, and the end of standard input.
//!
//! While a run trains, a request waits until its checkpoint is written. At any other time, for instance
//! during a download or while a pipe is read, it ends the process at once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::exit;

static REQUESTED: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);
/// Whether something is in progress that a request must wait for.
static SAVING: AtomicBool = AtomicBool::new(false);

/// SIGHUP comes from a closed terminal, SIGUSR1 from a batch system shortly before its time limit.
#[cfg(unix)]
const SIGNALS: [i32; 4] = [
    SIGINT,
    SIGTERM,
    signal_hook::consts::SIGHUP,
    signal_hook::consts::SIGUSR1,
];
#[cfg(not(unix))]
const SIGNALS: [i32; 2] = [SIGINT, SIGTERM];

/// While this value exists, a request to stop waits for the code that asks [`requested`].
pub struct Saving;

/// Makes requests wait; see [`Saving`].
pub fn saving() -> Saving {
    SAVING.store(true, Ordering::SeqCst);
    Saving
}

impl Drop for Saving {
    fn drop(&mut self) {
        // Who was asked to stop goes on to say how to resume.
        if !requested() {
            SAVING.store(false, Ordering::SeqCst);
        }
    }
}

/// From now on a signal only requests a stop; a second Ctrl-C stops at once.
pub fn listen() {
    // Registered first, so that it does not yet see the request of the Ctrl-C that it handles.
    let code = i32::from(exit::INTERRUPTED);
    let mut listening =
        flag::register_conditional_shutdown(SIGINT, code, REQUESTED.clone()).map(drop);
    for signal in SIGNALS {
        listening = listening.and(flag::register(signal, REQUESTED.clone()).map(drop));
    }
    let watching = std::thread::Builder::new().spawn(stop_when_idle).map(drop);
    if let Err(error) = listening.and(watching) {
        exit::say(&format!("signals cannot be heeded: {error}"));
    }
}

/// A file that would grow over the limit (ulimit -f) is an error of writing it, as a full disk is. By
/// default the system ends the process instead.
#[cfg(unix)]
pub fn survive_file_limit() {
    // If this fails, the default stays.
    let _ = flag::register(signal_hook::consts::SIGXFSZ, Arc::default());
}

#[cfg(not(unix))]
pub fn survive_file_limit() {}

/// How often a request is looked for.
const POLL: Duration = Duration::from_millis(50);

fn stop_when_idle() {
    loop {
        std::thread::sleep(POLL);
        if requested() && !SAVING.load(Ordering::SeqCst) {
            exit::say(&format!("interrupted; to go on: {}", command()));
            std::process::exit(i32::from(exit::INTERRUPTED));
        }
    }
}

/// From now on the end of standard input requests a stop. A pipe closes however the process at its other
/// end stops, so this one does not outlive it for long.
pub fn when_stdin_closes() {
    let watching = std::thread::Builder::new().spawn(|| {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        REQUESTED.store(true, Ordering::Relaxed);
    });
    if let Err(error) = watching {
        exit::say(&format!("the sweep's end cannot be noticed: {error}"));
    }
}

/// Whether a stop was requested.
pub fn requested() -> bool {
    REQUESTED.load(Ordering::Relaxed)
}

/// The command that started this process, quoted for a shell.
pub fn command() -> String {
    let words: Vec<String> = std::env::args_os()
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    // Only a zero byte cannot be quoted, and no argument can contain one.
    shlex::try_join(words.iter().map(String::as_str)).unwrap_or_else(|_| words.join(" "))
}
