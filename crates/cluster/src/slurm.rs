//! Slurm: one batch script, submitted as one or more job arrays.

use std::fmt::Write;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use crate::{Batch, Indexes};

/// A job array to submit: `sbatch --array=... SCRIPT OFFSET`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Array {
    /// The task that element 0 runs.
    pub offset: usize,
    /// The elements, counted from the offset.
    pub elements: Indexes,
    /// The most tasks at a time; `None` if Slurm decides alone.
    pub at_once: Option<usize>,
    /// The place of the array that must end first, so that the limit holds over all of them.
    pub after: Option<usize>,
}

impl Array {
    /// The value of `--array`, for instance `3,7,19-21%4`.
    pub fn option(&self) -> String {
        match self.at_once {
            Some(most) => format!("{}%{most}", self.elements),
            None => self.elements.to_string(),
        }
    }
}

/// Divides tasks into arrays that a site accepts. `max_array_size` caps the number of an element, not how many
/// there are, so each array counts from an offset. At most `at_once` tasks run at a time, over all arrays: the
/// arrays share the number, and where there are fewer tasks at a time than arrays, some wait for others.
pub fn arrays(
    tasks: &Indexes,
    max_array_size: NonZeroUsize,
    at_once: Option<NonZeroUsize>,
) -> Vec<Array> {
    let size = max_array_size.get();
    let mut arrays: Vec<Array> = Vec::new();
    let mut next = tasks.iter().next();
    while let Some(first) = next {
        let offset = first / size * size;
        let elements = tasks.within(&(offset..offset + size));
        arrays.push(Array {
            offset,
            elements,
            at_once: None,
            after: None,
        });
        next = tasks.iter().find(|&task| task >= offset + size);
    }
    if let Some(at_once) = at_once {
        let side_by_side = arrays.len().min(at_once.get());
        for (place, array) in arrays.iter_mut().enumerate() {
            let share = at_once.get() / side_by_side;
            let more = usize::from(place % side_by_side < at_once.get() % side_by_side);
            array.at_once = Some(share + more);
            array.after = place.checked_sub(side_by_side);
        }
    }
    arrays
}

/// The site's `MaxArraySize` in the output of `scontrol show config`; `None` if it is not there or 0.
pub fn max_array_size(config: &str) -> Option<NonZeroUsize> {
    let line = config
        .lines()
        .find_map(|line| line.trim().strip_prefix("MaxArraySize"))?;
    line.trim_start().strip_prefix('=')?.trim().parse().ok()
}

/// How many times a task is put back into the queue after it was interrupted.
pub const MOST_RESTARTS: u32 = 100;

/// How many seconds before its time limit a task is told to save its run.
const NOTICE: u32 = 120;

/// The batch script. Its first argument is the array's offset; the others are passed on to the command.
pub fn script(batch: &Batch) -> String {
    let mut text = head(batch, "", "%A_%a.log");
    let resources = batch.resources;
    let mut option = |option: String| {
        let _ = writeln!(text, "#SBATCH {option}");
    };
    option("--requeue".to_owned());
    // To the task, not to this script.
    option(format!("--signal=USR1@{NOTICE}"));
    if let Some(cpus) = resources.cpus {
        option(format!("--cpus-per-task={cpus}"));
    }
    if let Some(memory) = resources.memory {
        option(format!("--mem={memory}"));
    }
    if resources.gpu {
        option("--gres=gpu:1".to_owned());
    }
    let command = quoted(batch.command);
    let folder = quoted_path(batch.working_folder);
    let _ = write!(
        text,
        r#"
# Runs a task of the sweep: element 0 of the array is the task that the first argument names. What follows is
# passed on.
# To submit by hand: sbatch --array=0-9 SCRIPT 0

cd {folder} || exit 74
# srun does not take this over from sbatch.
export SRUN_CPUS_PER_TASK="${{SLURM_CPUS_PER_TASK:-1}}"
srun --unbuffered {command} --threads "${{SLURM_CPUS_PER_TASK:-1}}" --index "$((SLURM_ARRAY_TASK_ID + ${{1:-0}}))" "${{@:2}}"
code=$?

# The task was told to stop and saved its run: this task alone goes back into the queue. scancel ends this
# script, too, so that nothing does.
task="${{SLURM_ARRAY_JOB_ID}}_${{SLURM_ARRAY_TASK_ID}}"
if [ "$code" = 75 ] && [ "${{SLURM_RESTART_COUNT:-0}}" -lt {MOST_RESTARTS} ] && command -v scontrol > /dev/null; then
    # Slurm ends this script once it has done so.
    scontrol requeue "$task" && sleep 60
fi
exit "$code"
"#
    );
    text
}

/// The script of the job that runs when all tasks have ended: a command and the file for its output each.
pub fn finishing_script(batch: &Batch, commands: &[(Vec<String>, Option<PathBuf>)]) -> String {
    let mut text = head(batch, "-collect", "collect-%j.log");
    let folder = quoted_path(batch.working_folder);
    let _ = write!(text, "\ncd {folder} || exit 74\ncode=0\n");
    for (command, output) in commands {
        let output = output
            .as_deref()
            .map(|output| format!(" > {}", quoted_path(output)));
        let output = output.unwrap_or_default();
        let _ = writeln!(text, "{}{output} || code=$?", quoted(command));
    }
    text.push_str("exit \"$code\"\n");
    text
}

fn head(batch: &Batch, suffix: &str, log: &str) -> String {
    // In Slurm's file patterns a percent sign is written twice.
    let logs = quoted_option(&batch.logs.display().to_string().replace('%', "%%"));
    let name = quoted_option(batch.name);
    format!(
        "#!/bin/bash\n\
         #SBATCH --job-name=\"hearth-{name}{suffix}\"\n\
         #SBATCH --output=\"{logs}/{log}\"\n\
         #SBATCH --open-mode=append\n"
    )
}

/// What stands in quotation marks in an option of a script: one line.
fn quoted_option(text: &str) -> String {
    let line = text.replace(|character: char| character.is_control(), "-");
    line.replace('\\', "\\\\").replace('"', "\\\"")
}

/// Words as a shell reads them.
fn quoted(words: &[String]) -> String {
    // Only a zero byte cannot be quoted, and no argument can contain one.
    shlex::try_join(words.iter().map(String::as_str)).unwrap_or_else(|_| words.join(" "))
}

fn quoted_path(path: &Path) -> String {
    quoted(&[path.display().to_string()])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn divided(tasks: &str, size: usize, at_once: usize) -> Vec<(usize, String, Option<usize>)> {
        let size = NonZeroUsize::new(size).unwrap();
        let arrays = arrays(&tasks.parse().unwrap(), size, NonZeroUsize::new(at_once));
        arrays
            .iter()
            .map(|array| (array.offset, array.option(), array.after))
            .collect()
    }

    #[test]
    fn no_element_reaches_the_sites_limit() {
        let one = vec![(0, "0-9".to_owned(), None)];
        assert_eq!(divided("0-9", 10, 0), one);
        let three = [(0, "0-9"), (10, "0-9"), (20, "0-3")];
        let three = three.map(|(offset, option)| (offset, option.to_owned(), None));
        assert_eq!(divided("0-23", 10, 0), three);
        // Only what is missing, and no empty array.
        let two = [(0, "3,7"), (20, "1")];
        let two = two.map(|(offset, option)| (offset, option.to_owned(), None));
        assert_eq!(divided("3,7,21", 10, 0), two);
        assert!(arrays(&Indexes::default(), NonZeroUsize::MIN, None).is_empty());
    }

    #[test]
    fn the_arrays_share_what_runs_at_a_time() {
        let options = |at_once| -> Vec<_> {
            let arrays = divided("0-29", 10, at_once).into_iter();
            arrays.map(|(_, option, after)| (option, after)).collect()
        };
        let of = |shares: [(usize, Option<usize>); 3]| {
            shares.map(|(share, after)| (format!("0-9%{share}"), after))
        };
        assert_eq!(options(7), of([(3, None), (2, None), (2, None)]));
        assert_eq!(options(2), of([(1, None), (1, None), (1, Some(0))]));
        assert_eq!(options(1), of([(1, None), (1, Some(0)), (1, Some(1))]));
    }

    #[test]
    fn the_sites_limit_is_read() {
        let config =
            "Licenses                = (null)\nMaxArraySize            = 1001\nMaxJobCount = 10\n";
        assert_eq!(max_array_size(config), NonZeroUsize::new(1001));
        assert_eq!(max_array_size("MaxArraySize = 0"), None);
        assert_eq!(max_array_size(""), None);
    }
}
