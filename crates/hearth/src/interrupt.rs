//! Being asked to stop.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::exit;

static REQUESTED: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// A closed terminal; and what batch systems send before the time is up.
#[cfg(unix)]
const SIGNALS: [i32; 4] = [
    SIGINT,
    SIGTERM,
    signal_hook::consts::SIGHUP,
    signal_hook::consts::SIGUSR1,
];
#[cfg(not(unix))]
const SIGNALS: [i32; 2] = [SIGINT, SIGTERM];

/// From now on a signal only asks to stop; Ctrl-C after that stops at once.
pub fn listen() {
    // The order counts: the first Ctrl-C is not yet one after another.
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

/// From now on the end of standard input asks to stop. A pipe closes however its other end went, so
/// a process that was started by another does not outlive it for long.
pub fn when_stdin_closes() {
    std::thread::spawn(|| {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        REQUESTED.store(true, Ordering::Relaxed);
    });
}

pub fn requested() -> bool {
    REQUESTED.load(Ordering::Relaxed)
}

/// The command that this process was started with, as a shell takes it.
pub fn command() -> String {
    let words: Vec<String> = std::env::args_os()
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    // A shell takes no word with a zero byte in it, so none came in.
    shlex::try_join(words.iter().map(String::as_str)).unwrap_or_else(|_| words.join(" "))
}
