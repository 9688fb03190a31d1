//! The command line: arguments, printing and exit codes. Everything else is in the libraries.

mod arguments;
mod commands;
mod environment;
mod exit;
mod format;
mod interrupt;
mod progress;
mod threads;

use std::io::{BufWriter, Write};
use std::process::ExitCode;

use arguments::{Arguments, Command};
use mimalloc::MiMalloc;

/// Training frees and allocates the same large tensors at every step. This allocator keeps them
/// where the system's returns them and has them zeroed anew: a tenth of the time of a perceptron,
/// a third of the classifier's.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    environment::set();
    let arguments = match Arguments::parse() {
        Ok(arguments) => arguments,
        Err(code) => return code,
    };
    // Not locked: the threads that serve a GPU may be asked to log there.
    let mut out = BufWriter::new(std::io::stdout());
    let done = execute(arguments, &mut out).and_then(|code| Ok(out.flush().map(|()| code)?));
    exit::code(done)
}

fn execute(arguments: Arguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    match arguments.command {
        Command::Run(arguments) => commands::run::run(&arguments, out),
        Command::Check(arguments) => commands::check::check(&arguments, out),
        Command::Summary(arguments) => commands::summary::summary(&arguments, out),
        Command::List(arguments) => commands::list::list(&arguments, out),
        Command::Diff(arguments) => commands::diff::diff(&arguments, out),
        Command::Report(arguments) => commands::report::report(&arguments, out),
        Command::Verify(arguments) => commands::verify::verify(&arguments, out),
        Command::Sweep(arguments) => commands::sweep::sweep(&arguments, out),
        Command::Evaluate(arguments) => commands::evaluate::evaluate(&arguments, out),
        Command::Predict(arguments) => commands::predict::predict(&arguments, out),
        Command::Gradcheck(arguments) => commands::gradcheck::run(&arguments, out),
        Command::Export(arguments) => commands::export::export(&arguments, out),
        Command::Data(arguments) => commands::data::data(&arguments, out),
        Command::Doctor(arguments) => commands::doctor::doctor(&arguments, out),
        Command::Schema(arguments) => commands::schema::schema(&arguments, out),
    }
}
