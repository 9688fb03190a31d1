use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use report::{Reference, Report};

use crate::arguments::ReportArguments;
use crate::exit;

pub fn report(arguments: &ReportArguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let report = Report::read(&arguments.sources, &arguments.data.location())?;
    for problem in report.unreadable() {
        exit::say(problem);
    }
    match &arguments.readme {
        Some(readme) => fill(&report, readme, arguments.reference.as_deref(), out),
        None => {
            record::write_atomically(&arguments.output, report.html().as_bytes())?;
            writeln!(out, "{} is written", arguments.output.display())?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn fill(
    report: &Report,
    readme: &Path,
    reference: Option<&Path>,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let reference = reference.map(Reference::read).transpose()?;
    let text = report.fill(readme, reference.as_ref())?;
    record::write_atomically(readme, text.as_bytes())?;
    writeln!(
        out,
        "the tables in {} are those of the results",
        readme.display()
    )?;
    Ok(ExitCode::SUCCESS)
}
