//! Requests to stop: signals, and the end of standard input.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::exit;

static REQUESTED: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

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

/// From now on a signal only requests a stop; a second Ctrl-C stops at once.
pub fn listen() {
    // Registered first, so that it does not yet see the request of the Ctrl-C that it handles.
    let code = i32::from(exit::INTERRUPTED);
    let mut listening =
        flag::register_conditional_shutdown(SIGINT, code, REQUESTED.clone()).map(drop);
    for signal in SIGNALS {
        listening = listening.and(flag::register(signal, REQUESTED.clone()).map(drop));
    }
    if let Err(error) = listening {
        exit::say(&format!("signals will stop at once: {error}"));
    }
}

/// From now on the end of standard input requests a stop. A pipe closes however the process at its other
/// end stops, so this one does not outlive it for long.
pub fn when_stdin_closes() {
    std::thread::spawn(|| {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        REQUESTED.store(true, Ordering::Relaxed);
    });
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
