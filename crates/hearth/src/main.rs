//! The command line: arguments, printing and exit codes. Everything else is in the libraries.

mod arguments;
mod commands;
mod environment;
mod exit;
mod interrupt;
mod output;
mod progress;
mod test_set;
mod threads;
mod training;

use std::io::Write;
use std::process::ExitCode;

use mimalloc::MiMalloc;

use crate::arguments::CommandLine;
use crate::output::{Stdout, Text};

/// Training frees and allocates the same large tensors at every step. This allocator keeps their
/// memory; the system's returns it and gets it back zeroed, which takes a tenth of a perceptron's
/// training time and a third of the classifier's.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    environment::set();
    interrupt::survive_file_limit();
    let line = match CommandLine::parse() {
        Ok(line) => line,
        Err(code) => return code,
    };
    let mut out = Text(Stdout::new());
    if let Ok(cache) = datasets::cache_folder() {
        record::keep_hashes_in(cache);
    }
    let done = threads::start().and_then(|()| line.command.execute(&mut out));
    record::save_hashes();
    let done = done.and_then(|code| Ok(out.flush().map(|()| code)?));
    exit::code(done)
}
