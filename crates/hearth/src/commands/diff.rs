use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use compare::{Contrast, Options, Over, Verdict, compare};

use crate::arguments::{VerdictArguments, expanded};
use crate::exit;

/// Compare runs or experiments: which is better, and is the difference more than noise
#[derive(Debug, Args)]
#[command(after_help = "Example: hearth diff results/mnist-dropout-sgd results/mnist-dropout-adam")]
pub struct Arguments {
    /// Result files, run folders, experiment folders (all their seeds) or globs; the others are
    /// compared with the first. A glob is one group, and alone it is a group for each match
    #[arg(required = true, value_name = "RUNS")]
    groups: Vec<PathBuf>,
    #[command(flatten)]
    verdict: VerdictArguments,
    /// What the verdict allows for: other seeds on this test set (seeds), or other seeds on another test
    /// set of the kind (seeds,examples)
    #[arg(long, default_value_t, value_name = "SOURCES")]
    over: Over,
    /// Exit with code 1 on this verdict; without this option only errors fail, with code 2
    #[arg(long, value_enum, value_name = "VERDICT")]
    fail_on: Option<FailOn>,
    /// Print JSON
    #[arg(long, conflicts_with_all = ["md", "csv"])]
    json: bool,
    /// Print Markdown
    #[arg(long, conflicts_with = "csv")]
    md: bool,
    /// Print CSV
    #[arg(long)]
    csv: bool,
}

/// Verdicts that make a comparison fail.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum FailOn {
    /// A later group is worse than the first, has runs that diverged or learnt nothing, or cannot be
    /// tested
    Worse,
    /// As worse, or it is undecided which is better
    Undecided,
    /// A later group is anything but better
    NotBetter,
}

/// Prints the comparison. Exits with 1 on a verdict that `--fail-on` names.
pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let options = Options {
        over: arguments.over,
        ..arguments.verdict.options()
    };
    let comparison = match arguments.groups.as_slice() {
        [_] => compare(&expanded(&arguments.groups)?, &options)?,
        groups => compare(groups, &options)?,
    };
    let rendered = if arguments.json {
        comparison.json()
    } else if arguments.md {
        comparison.markdown()
    } else if arguments.csv {
        comparison.csv()
    } else {
        comparison.text()
    };
    writeln!(out, "{}", rendered.trim_end())?;
    let fails = |contrast: &Contrast| {
        let (verdict, failed) = (contrast.verdict, contrast.has_failed_runs());
        match arguments.fail_on {
            None => false,
            Some(FailOn::Worse) => verdict == Verdict::Worse || failed || !contrast.is_tested(),
            Some(FailOn::Undecided) => {
                matches!(verdict, Verdict::Worse | Verdict::Undecided) || failed
            }
            Some(FailOn::NotBetter) => verdict != Verdict::Better,
        }
    };
    Ok(if comparison.contrasts.iter().any(fails) {
        ExitCode::from(exit::FAILED)
    } else {
        ExitCode::SUCCESS
    })
}
