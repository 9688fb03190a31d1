use std::io::Write;
use std::process::ExitCode;

use compare::{Options, Verdict, compare};

use crate::arguments::{DiffArguments, FailOn};
use crate::exit;

pub fn diff(arguments: &DiffArguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let options = Options {
        metric: arguments.metric,
        margin: arguments.margin,
    };
    let comparison = compare(&arguments.groups, &options)?;
    let rendered = match arguments {
        DiffArguments { json: true, .. } => comparison.json(),
        DiffArguments { md: true, .. } => comparison.markdown(),
        DiffArguments { csv: true, .. } => comparison.csv(),
        _ => comparison.text(),
    };
    writeln!(out, "{}", rendered.trim_end())?;
    let fails = |verdict| match arguments.fail_on {
        None => false,
        Some(FailOn::Worse) => verdict == Verdict::Worse,
        Some(FailOn::Undecided) => matches!(verdict, Verdict::Worse | Verdict::Undecided),
        Some(FailOn::NotBetter) => verdict != Verdict::Better,
    };
    let mut verdicts = comparison.contrasts.iter().map(|contrast| contrast.verdict);
    Ok(match verdicts.any(fails) {
        true => ExitCode::from(exit::FAILED),
        false => ExitCode::SUCCESS,
    })
}
