//! Launches with HyperQueue's hq.

use std::io::Write;
use std::num::NonZeroUsize;

use cluster::job_file;

use super::engine::{line, run};
use super::launched::Launched;
use super::{Launch, program};

/// Submits the missing tasks as a job.
pub(super) fn submit(
    launch: &Launch,
    launched: &mut Launched,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let (mut command, logs) = (launch.command(&program()?), launch.logs());
    // A worker does not keep a task to its cores. Without a request, a task has one.
    let cores = launch.arguments.cpus.map_or(1, NonZeroUsize::get);
    command.extend(["--threads".to_owned(), cores.to_string()]);
    let batch = launch.batch(&command, &logs);
    let job = job_file(&batch, launch.only_part()?, launch.arguments.stop_after);
    let job = launch.write("hyperqueue.toml", &job, out)?;
    let mut words = vec!["job".to_owned(), "submit-file".to_owned()];
    words.extend(launch.arguments.options.iter().cloned());
    words.push(job.display().to_string());
    if launch.arguments.print {
        writeln!(out, "{}", line("hq", &words))?;
        return Ok(());
    }
    let said = run("hq", &words)?;
    write!(out, "{said}")?;
    let mut numbers = said.split(|character: char| !character.is_ascii_digit());
    let job = numbers
        .rfind(|digits| !digits.is_empty())
        .unwrap_or("last")
        .to_owned();
    writeln!(out, "to watch:  hq job info {job}")?;
    writeln!(out, "to cancel: hq job cancel {job}")?;
    launched.note(launch, "hyperqueue", &[job])?;
    Ok(())
}
