use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use compare::Run;
use config::Plan;
use datasets::{Data, DataError, Location, Places};
use record::RunFolder;
use report::{Reference, Report, TestSet};

use crate::arguments::{DataDirArgument, expanded};
use crate::exit::{BadInput, Failures};
use crate::{exit, output};

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
    let location = match arguments.data.location() {
        Location::Cache | Location::Offline => Location::Offline,
        folder @ Location::Folder(_) => folder,
    };
    let mut test_set = |run: &Run| test_set(run, &location);
    let report = Report::read(&expanded(&arguments.sources)?, &mut test_set)?;
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

/// More examples are not read for a few pictures.
const MOST_EXAMPLES: usize = 200_000;

/// The pictures that a run was tested on, from what is at hand: nothing is downloaded for them.
fn test_set(run: &Run, location: &Location) -> Result<TestSet, String> {
    let record = &run.record;
    let data = &record.result.data;
    let held_out = data.validation.as_ref().map_or(0, |split| split.examples);
    if data.train.examples + held_out + data.test.examples > MOST_EXAMPLES {
        return Err("No pictures: the data set is too large to read for them.".to_owned());
    }
    let config_folder = RunFolder::at(run.path.clone()).config_folder(record);
    let plan = Plan::of(record, config_folder, &record.experiment)
        .map_err(|error| format!("No pictures: {error}."))?;
    let source = &plan.experiment().data;
    let name = source.name();
    let places = Places {
        published: location,
        config_folder: plan.folder(),
    };
    let dataset = source.load(&places, &mut |_| ()).map_err(|error| {
        let is_published = Data::published().iter().any(|(known, _)| *known == name);
        if is_published && matches!(error, DataError::Missing { .. }) {
            format!(
                "No pictures: they are not on this machine. `hearth data fetch {name}` downloads \
                 them, --data-dir names a folder that has them."
            )
        } else {
            format!("No pictures: {error}.")
        }
    })?;
    let bytes = dataset.test.bytes().unwrap_or_default().to_vec();
    Ok(TestSet {
        digest: dataset.test.digest(),
        bytes,
    })
}
