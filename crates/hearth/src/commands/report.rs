use std::io::Write;
use std::process::ExitCode;

use report::Report;

use crate::arguments::ReportArguments;
use crate::exit;

pub fn report(arguments: &ReportArguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let report = Report::read(&arguments.sources, &arguments.data.location())?;
    for problem in report.unreadable() {
        exit::say(problem);
    }
    record::write_atomically(&arguments.output, report.html().as_bytes())?;
    writeln!(out, "{} is written", arguments.output.display())?;
    Ok(ExitCode::SUCCESS)
}
