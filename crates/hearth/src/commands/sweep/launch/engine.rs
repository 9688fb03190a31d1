//! The programs of the engines.

use std::io::ErrorKind;
use std::process::Command;

use crate::exit::Unavailable;

/// Runs a program of an engine and returns what it printed.
pub(super) fn run(program: &str, arguments: &[String]) -> anyhow::Result<String> {
    let output = match Command::new(program).args(arguments).output() {
        Ok(output) => output,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let problem = format!(
                "{program}: no such program here; launch from a machine of the cluster, or see --print"
            );
            return Err(Unavailable::new(problem).into());
        }
        Err(error) => return Err(Unavailable::new(format!("{program}: {error}")).into()),
    };
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.trim().replace('\n', "; ");
    Err(Unavailable::new(format!("{program} failed ({}): {said}", output.status)).into())
}

/// A command as a shell takes it.
pub(super) fn line(program: &str, arguments: &[String]) -> String {
    let words = std::iter::once(program).chain(arguments.iter().map(String::as_str));
    shlex::try_join(words).unwrap_or_else(|_| format!("{program} {}", arguments.join(" ")))
}
