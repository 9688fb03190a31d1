use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use compare::SpreadBySource;
use record::Metric;

use crate::exit::Usage;

/// Show how much each source of randomness spreads the results: initial weights, order, dropout, split
#[derive(Debug, Args)]
#[command(
    after_help = "Example: hearth run mnist.json --vary init,order,dropout --seeds 0..10\n         \
                  hearth run mnist.json --seeds 0..10\n         \
                  hearth spread results/mnist"
)]
pub struct Arguments {
    /// Folder of an experiment; the runs that `hearth run --vary` wrote beside it count, too
    #[arg(value_name = "EXPERIMENT")]
    folder: PathBuf,
    /// Metric: loss or accuracy, of train, validation or test
    #[arg(long, default_value_t, value_name = "METRIC")]
    metric: Metric,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Prints the deviation that each source makes.
pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let spread = SpreadBySource::read(&arguments.folder, arguments.metric)?;
    if spread.sources.is_empty() {
        let problem = format!(
            "{}: no run that learnt has a {}",
            arguments.folder.display(),
            arguments.metric
        );
        return Err(Usage::new(problem).into());
    }
    let text = if arguments.json {
        spread.json()
    } else {
        spread.text()
    };
    write!(out, "{text}")?;
    Ok(ExitCode::SUCCESS)
}
