//! Launches with Slurm's sbatch.

use std::io::Write;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use cluster::{Array, arrays, finishing_script, max_array_size, script};
use present::count;

use super::engine::{line, run};
use super::launched::Launched;
use super::{Launch, Part, program};
use crate::exit::{self, Unavailable, Usage};

const ENGINE: &str = "slurm";

/// Slurm's own default of `MaxArraySize`.
const USUAL_ARRAY_SIZE: NonZeroUsize = NonZeroUsize::new(1001).expect("not zero");

/// Submits the missing tasks as job arrays, and a job that collects the results when they have ended.
pub(super) fn submit(
    launch: &Launch,
    launched: &mut Launched,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let print = launch.arguments.print;
    let size = match array_size() {
        Ok(size) => size,
        Err(error) if print => {
            exit::say(&format!(
                "{error}; with Slurm's usual MaxArraySize, {USUAL_ARRAY_SIZE}:"
            ));
            USUAL_ARRAY_SIZE
        }
        Err(error) => return Err(error),
    };
    if !print {
        refuse_queued(&launched.jobs(ENGINE))?;
    }
    let (command, logs) = (launch.command(&program()?), launch.logs());
    let batch = launch.batch(&command, &logs);
    let script = launch.write("slurm.sh", &script(&batch), out)?;
    let finishing = finishing_script(&batch, &collecting(launch)?);
    let finishing = launch.write("collect.sh", &finishing, out)?;

    let mut jobs: Vec<String> = Vec::new();
    let mut submit = |words: Vec<String>, jobs: &mut Vec<String>| -> anyhow::Result<()> {
        if print {
            writeln!(out, "{}", line("sbatch", &words))?;
            jobs.push(format!("JOB{}", jobs.len() + 1));
        } else {
            let said = run("sbatch", &words)?;
            // The number, and the cluster's name where there are several.
            jobs.push(said.trim().split(';').next().unwrap_or_default().to_owned());
        }
        Ok(())
    };
    let mut submit_arrays = |jobs: &mut Vec<String>| -> anyhow::Result<()> {
        let mut before = Vec::new();
        for part in &launch.parts {
            let begin = jobs.len();
            for array in arrays(&part.tasks, size, launch.arguments.at_most) {
                // Those of the rung before, and an array of its own that the limit makes it wait for.
                let own = array.after.map(|after| jobs[begin + after].clone());
                let after: Vec<String> = before.iter().cloned().chain(own).collect();
                submit(array_words(launch, part, &array, &after, &script), jobs)?;
            }
            before = jobs[begin..].to_vec();
        }
        let after = format!("--dependency=afterany:{}", jobs.join(":"));
        submit(sbatch(launch, vec![after], &finishing, Vec::new()), jobs)
    };
    let done = submit_arrays(&mut jobs);
    if print {
        return done;
    }
    if !jobs.is_empty() {
        launched.note(launch, ENGINE, &jobs)?;
        let submitted = match &done {
            Ok(()) => format!(
                "{} and a job that collects",
                count(jobs.len() - 1, "job array")
            ),
            Err(_) => count(jobs.len(), "job array"),
        };
        writeln!(out, "submitted {submitted}: {}", jobs.join(" "))?;
        writeln!(out, "to watch:  squeue -j {}", jobs.join(","))?;
        let status = ["sweep", "status"].map(str::to_owned).into_iter();
        let status: Vec<String> = status.chain(launch.arguments.sweep.words()).collect();
        writeln!(out, "           {}", line("hearth", &status))?;
        writeln!(out, "to cancel: scancel {}", jobs.join(" "))?;
    }
    done
}

/// The site's limit.
fn array_size() -> anyhow::Result<NonZeroUsize> {
    let config = run("scontrol", &["show".to_owned(), "config".to_owned()])?;
    max_array_size(&config).ok_or_else(|| {
        let problem = "this Slurm has no job arrays: its MaxArraySize is 0; ask its administrator";
        Unavailable::new(problem.to_owned()).into()
    })
}

/// What is still queued would be submitted twice.
fn refuse_queued(jobs: &[String]) -> Result<(), Usage> {
    if jobs.is_empty() {
        return Ok(());
    }
    let words = ["-h", "-o", "%A", "-j"].map(str::to_owned).into_iter();
    let words: Vec<String> = words.chain([jobs.join(",")]).collect();
    // An error means that Slurm has forgotten all of them.
    let queued = run("squeue", &words).unwrap_or_default();
    let mut queued: Vec<&str> = queued.split_whitespace().collect();
    queued.sort_unstable();
    queued.dedup();
    if queued.is_empty() {
        return Ok(());
    }
    let queued = queued.join(" ");
    Err(Usage::new(format!(
        "launched before and not ended: jobs {queued}; wait for them, or end them with `scancel {queued}`"
    )))
}

fn array_words(
    launch: &Launch,
    part: &Part,
    array: &Array,
    after: &[String],
    script: &Path,
) -> Vec<String> {
    let mut options = vec![format!("--array={}", array.option())];
    if !after.is_empty() {
        options.push(format!("--dependency=afterany:{}", after.join(":")));
    }
    let mut arguments = vec![array.offset.to_string()];
    arguments.extend(
        part.rung
            .iter()
            .flat_map(|rung| ["--rung".to_owned(), rung.to_string()]),
    );
    sbatch(launch, options, script, arguments)
}

fn sbatch(
    launch: &Launch,
    options: Vec<String>,
    script: &Path,
    arguments: Vec<String>,
) -> Vec<String> {
    let mut words = vec!["--parsable".to_owned()];
    words.extend(options);
    words.extend(launch.arguments.options.iter().cloned());
    words.push(launch.here.join(script).display().to_string());
    words.extend(arguments);
    words
}

/// The commands that show the outcome, with the files that they write.
fn collecting(launch: &Launch) -> anyhow::Result<Vec<(Vec<String>, Option<PathBuf>)>> {
    let program = program()?;
    let sweep = &launch.arguments.sweep;
    let collect = |format: Option<&str>| {
        let mut words = vec![program.clone(), "sweep".to_owned(), "collect".to_owned()];
        words.extend(sweep.words());
        words.extend(format.map(str::to_owned));
        words
    };
    let results = sweep.results.folder.display().to_string();
    let page = launch.folder.join("report.html").display().to_string();
    let report = [
        program.clone(),
        "report".to_owned(),
        results,
        "-o".to_owned(),
        page,
    ];
    Ok(vec![
        (collect(None), Some(launch.folder.join("collected.txt"))),
        (
            collect(Some("--csv")),
            Some(launch.folder.join("collected.csv")),
        ),
        (report.to_vec(), None),
    ])
}
