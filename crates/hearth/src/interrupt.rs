use std::sync::atomic::{AtomicBool, Ordering};

use crate::exit;

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// From now on Ctrl-C or SIGTERM only asks to stop; a second one stops at once.
pub fn listen() {
    let listening = ctrlc::set_handler(|| {
        if INTERRUPTED.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(exit::INTERRUPTED));
        }
    });
    if let Err(error) = listening {
        exit::say(&format!("Ctrl-C will stop at once: {error}"));
    }
}

/// From now on the end of standard input stops at once. A pipe closes however its other end went, so
/// a process that was started by another does not outlive it.
pub fn when_stdin_closes() {
    std::thread::spawn(|| {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        std::process::exit(i32::from(exit::INTERRUPTED));
    });
}

pub fn requested() -> bool {
    INTERRUPTED.load(Ordering::Relaxed)
}
