use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use config::Plan;
use present::thousands;

use crate::arguments::OverrideArguments;

/// Check configs without running them
#[derive(Debug, Args)]
#[command(after_help = "Example: hearth check configs/*.json")]
pub struct Arguments {
    /// Config files
    #[arg(required = true, value_name = "CONFIG")]
    configs: Vec<PathBuf>,
    #[command(flatten)]
    overrides: OverrideArguments,
    /// Print the configs with every default filled in, one JSON object per line
    #[arg(long)]
    json: bool,
}

/// Prints a line per config, or the completed config.
pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    for path in &arguments.configs {
        let plan = Plan::load(path, &arguments.overrides.overrides)?;
        if arguments.json {
            writeln!(out, "{}", plan.config())?;
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
    Ok(ExitCode::SUCCESS)
}
