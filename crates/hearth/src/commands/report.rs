use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use compare::Run;
use datasets::Location;
use report::{Reference, Report, TestSet};

use crate::arguments::{DataDirArgument, expanded};
use crate::exit::{BadInput, Failures};
use crate::{exit, output, test_set};

/// Write a page with the results: tables, verdicts, learning curves
#[derive(Debug, Args)]
#[command(
    after_help = "Example: hearth report results -o report.html\n         \
                  hearth report results --readme README.md"
)]
pub struct Arguments {
    /// Results folders, experiment or run folders, collected sweeps (.jsonl), or globs
    #[arg(default_value = "results", value_name = "RESULTS")]
    sources: Vec<PathBuf>,
    /// File to write, or - for standard output; an existing one is replaced
    #[arg(short, long, default_value = "report.html", value_name = "FILE")]
    output: PathBuf,
    /// Compare the others with this experiment, rather than with the best
    #[arg(long, value_name = "EXPERIMENT", conflicts_with = "readme")]
    baseline: Option<String>,
    /// Instead of a page, update the tables of a text such as README.md, between its markers:
    /// `<!-- table: begin -->` and `<!-- table: end -->`, `<!-- sweep: NAME -->` and
    /// `<!-- sweep: end -->`
    #[arg(long, value_name = "FILE", conflicts_with = "output")]
    readme: Option<PathBuf>,
    /// Results of another program to show in those tables, in the format of
    /// bench/keras-reference.json
    #[arg(long, value_name = "FILE", requires = "readme")]
    reference: Option<PathBuf>,
    #[command(flatten)]
    data: DataDirArgument,
}

/// Writes the page, or updates the tables of a text. Exits with 65 if a run cannot be read, after the
/// others are shown.
pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let location = test_set::at_hand(&arguments.data);
    let mut test_set = |run: &Run| test_set(run, &location);
    let mut report = Report::read(&expanded(&arguments.sources)?, &mut test_set)?;
    if let Some(baseline) = &arguments.baseline {
        report = report.with_baseline(baseline)?;
    }
    let mut failures = Failures::default();
    for problem in report.unreadable() {
        failures.add(&BadInput::new(problem.clone()).into());
    }
    for duplicate in report.duplicates() {
        exit::say(duplicate);
    }
    match &arguments.readme {
        Some(readme) => fill(&report, readme, arguments.reference.as_deref(), out)?,
        None => output::write(&arguments.output, report.html().as_bytes(), "wrote", out)?,
    }
    Ok(failures.code())
}

fn fill(
    report: &Report,
    readme: &Path,
    reference: Option<&Path>,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let reference = reference.map(Reference::read).transpose()?;
    let text = report.fill(readme, reference.as_ref())?;
    output::write(readme, text.as_bytes(), "updated the tables in", out)?;
    Ok(())
}

/// The test set of a run with its pictures, or a sentence on why there are none.
fn test_set(run: &Run, location: &Location) -> Result<TestSet, String> {
    let dataset =
        test_set::data_of(run, location).map_err(|reason| format!("No pictures: {reason}."))?;
    Ok(TestSet {
        digest: dataset.test.digest(),
        labels: dataset.test.labels().to_vec(),
        bytes: dataset.test.bytes().unwrap_or_default().to_vec(),
    })
}
