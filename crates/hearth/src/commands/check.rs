use compare::thousands;
use std::io::Write;
use std::process::ExitCode;

use config::Plan;
use runner::summary;

use crate::arguments::CheckArguments;

pub fn check(arguments: &CheckArguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    for path in &arguments.configs {
        let plan = Plan::load(path, &arguments.overrides.overrides)?;
        if arguments.json {
            writeln!(out, "{}", plan.config())?;
            continue;
        }
        let parameters = summary(&plan)
            .iter()
            .map(|layer| layer.parameters)
            .sum::<usize>();
        writeln!(
            out,
            "{}: {} parameters, seeds {}",
            plan.name(),
            thousands(parameters),
            plan.seeds()
                .iter()
                .map(u64::to_string)
                .collect::<Vec<_>>()
                .join(", "),
        )?;
    }
    Ok(ExitCode::SUCCESS)
}
