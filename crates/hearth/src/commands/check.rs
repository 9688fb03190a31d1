use std::io::Write;
use std::process::ExitCode;

use clap::Args;
use config::Plan;
use present::thousands;
use record::Remark;

use crate::arguments::{ConfigArguments, OverrideArguments};
use crate::exit::{self, Failures};

/// Check configs without running them
#[derive(Debug, Args)]
#[command(after_help = "Example: hearth check configs/*.json")]
pub struct Arguments {
    #[command(flatten)]
    configs: ConfigArguments,
    #[command(flatten)]
    overrides: OverrideArguments,
    /// Print the configs with every default filled in, one JSON object per line
    #[arg(long)]
    json: bool,
}

/// Prints a line per config, or the completed config. A config that is not valid gets its error, and
/// the exit code of the first.
pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let mut failures = Failures::default();
    for path in arguments.configs.files()? {
        let plan = match Plan::load(&path, &arguments.overrides.overrides) {
            Ok(plan) => plan,
            Err(error) => {
                failures.add(&error.into());
                continue;
            }
        };
        let config = plan.config();
        for remark in Remark::of_config(&config) {
            exit::say(&format!("{}: {remark}", plan.name()));
        }
        if arguments.json {
            writeln!(out, "{config}")?;
            continue;
        }
        // Only reading some data tells what they are.
        let parameters = plan.spec().map(|spec| {
            let layers = plan.layers(&spec);
            layers.iter().map(|layer| layer.parameters()).sum::<usize>()
        });
        let parameters = parameters.map_or("?".to_owned(), thousands);
        let seeds: Vec<String> = plan.seeds().iter().map(u64::to_string).collect();
        let (name, seeds) = (plan.name(), seeds.join(", "));
        writeln!(out, "{name}: {parameters} parameters, seeds {seeds}")?;
    }
    Ok(failures.code())
}
