//! The command line as clap sees it.

mod data;
mod finished;
mod results;
mod seeds;
mod shared;
mod sweep;

pub use data::{DataArguments, DataCommand, DataSet};
pub use finished::{EvaluateArguments, ExportArguments, PredictArguments, Split, VerifyArguments};
pub use results::{DiffArguments, FailOn, ListArguments, ListKey, ReportArguments};
pub use seeds::Seeds;
pub use shared::{BackendArgument, DataDirArgument, OverrideArguments, ResultsArgument};
pub use sweep::{
    SweepArguments, SweepCollectArguments, SweepCommand, SweepFileArguments, SweepRunArguments,
};

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::exit;

/// Train networks from one JSON file each, and trust the results.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Train and test: a run for each config and seed
    #[command(after_help = "Example: hearth run configs/mnist-*.json --seeds 0..3 --backend flex")]
    Run(RunArguments),
    /// Check configs without running them
    #[command(after_help = "Example: hearth check configs/*.json")]
    Check(CheckArguments),
    /// Show a model's layers, output shapes and parameters
    #[command(after_help = "Example: hearth summary configs/mnist-dropout-adam.json")]
    Summary(SummaryArguments),
    /// List the runs in a results folder
    #[command(
        after_help = "Example: hearth list --experiment 'mnist-*' --sort test.accuracy --reverse"
    )]
    List(ListArguments),
    /// Compare runs or experiments: which is better, and is it real
    #[command(
        after_help = "Example: hearth diff results/mnist-dropout-sgd results/mnist-dropout-adam"
    )]
    Diff(DiffArguments),
    /// Write a page with the results: tables, verdicts, curves
    #[command(
        after_help = "Example: hearth report results -o report.html\n         \
                      hearth report results --readme README.md"
    )]
    Report(ReportArguments),
    /// Run a finished run again and compare
    #[command(after_help = "Example: hearth verify results/mnist-l2/flex-seed0")]
    Verify(VerifyArguments),
    /// Run a config for every combination of some values, and compare
    #[command(after_help = "Example: hearth sweep run configs/sweeps/learning-rate.json -j 2")]
    Sweep(SweepArguments),
    /// Measure a finished run's model on a part of its data
    #[command(after_help = "Example: hearth evaluate results/mnist-l2/flex-seed0 --split test")]
    Evaluate(EvaluateArguments),
    /// Let a finished run's model answer for images or texts
    #[command(
        after_help = "Example: hearth predict results/mnist-l2/flex-seed0 --image seven.png\n         \
                      hearth predict results/imdb-embedding/flex-seed0 --text \"A fine film\""
    )]
    Predict(PredictArguments),
    /// Compare a model's gradients with differences of its loss
    #[command(after_help = "Example: hearth gradcheck configs/mnist-batchnorm.json")]
    Gradcheck(GradcheckArguments),
    /// Write a finished run's weights where `initial_weights` can name them
    #[command(
        after_help = "Example: hearth export results/mnist-l2/flex-seed0 --to weights.safetensors"
    )]
    Export(ExportArguments),
    /// Download or verify data sets by hand
    #[command(after_help = "Example: hearth data verify --data-dir data")]
    Data(DataArguments),
    /// Show backends, devices and data sets, and what is wrong with them
    #[command(after_help = "Example: hearth doctor")]
    Doctor(DoctorArguments),
    /// Print the JSON Schema of configs, or of sweeps, for editors
    #[command(after_help = "Example: hearth schema > schemas/experiment.json")]
    Schema(SchemaArguments),
}

#[derive(Debug, Args)]
pub struct RunArguments {
    /// Config files
    #[arg(required = true, value_name = "CONFIG")]
    pub configs: Vec<PathBuf>,
    #[command(flatten)]
    pub overrides: OverrideArguments,
    #[command(flatten)]
    pub backend: BackendArgument,
    /// Seeds instead of the config's: numbers and ranges, for instance 0,1,2 or 0..5 (0 to 4)
    #[arg(long, value_name = "SEEDS", value_parser = seeds::parse_seeds)]
    pub seeds: Option<Seeds>,
    #[command(flatten)]
    pub data: DataDirArgument,
    #[command(flatten)]
    pub results: ResultsArgument,
    /// Threads to compute with; the results are the same for any [default: one, or one per core
    /// for models large enough to gain from it]
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
    /// Replace runs that are finished, and what is there of others
    #[arg(long)]
    pub overwrite: bool,
    /// Write a checkpoint after every so many epochs [default: every one, or fewer where writing would
    /// take more than a hundredth of the time]
    #[arg(long, value_name = "EPOCHS")]
    pub checkpoint_every: Option<NonZeroUsize>,
    /// Stop as after a signal when standard input is closed: whoever started this has gone, or asks to
    #[arg(long, hide = true)]
    pub while_stdin_open: bool,
}

#[derive(Debug, Args)]
pub struct CheckArguments {
    /// Config files
    #[arg(required = true, value_name = "CONFIG")]
    pub configs: Vec<PathBuf>,
    #[command(flatten)]
    pub overrides: OverrideArguments,
    /// Print the configs with all defaults filled in, one JSON object a line
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct SummaryArguments {
    /// Config file
    #[arg(value_name = "CONFIG")]
    pub config: PathBuf,
    #[command(flatten)]
    pub overrides: OverrideArguments,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct DoctorArguments {
    #[command(flatten)]
    pub data: DataDirArgument,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct SchemaArguments {
    /// What the files are
    #[arg(value_enum, default_value = "experiment", value_name = "KIND")]
    pub kind: FileKind,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum FileKind {
    Experiment,
    Sweep,
}

#[derive(Debug, Args)]
pub struct GradcheckArguments {
    /// Config files
    #[arg(required = true, value_name = "CONFIG")]
    pub configs: Vec<PathBuf>,
    #[command(flatten)]
    pub overrides: OverrideArguments,
    #[command(flatten)]
    pub data: DataDirArgument,
    /// Print a JSON object per tensor
    #[arg(long)]
    pub json: bool,
}

impl Arguments {
    /// The program's arguments; help and errors are printed, an error on one line.
    pub fn parse() -> Result<Self, ExitCode> {
        Self::try_parse().map_err(|error| match error.kind() {
            ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => error.exit(),
            _ => {
                let text = error.to_string();
                // What follows an empty line is usage, a tip or a reference to --help.
                let said: Vec<&str> = text
                    .lines()
                    .take_while(|line| !line.is_empty())
                    .map(str::trim)
                    .collect();
                let said = said.join(" ");
                exit::usage(said.strip_prefix("error: ").unwrap_or(&said))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        Arguments::command().debug_assert();
    }
}
