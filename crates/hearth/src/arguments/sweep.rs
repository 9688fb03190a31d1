use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{BackendArgument, DataDirArgument, ResultsArgument};

#[derive(Debug, Args)]
pub struct SweepArguments {
    #[command(subcommand)]
    pub command: SweepCommand,
}

#[derive(Debug, Subcommand)]
pub enum SweepCommand {
    /// List the members
    #[command(after_help = "Example: hearth sweep plan configs/sweeps/learning-rate.json")]
    Plan(SweepFileArguments),
    /// Run what is not finished yet, each member in a process of its own
    #[command(after_help = "Example: hearth sweep run configs/sweeps/learning-rate.json -j 2")]
    Run(SweepRunArguments),
    /// Show what is done and what is missing
    #[command(after_help = "Example: hearth sweep status configs/sweeps/learning-rate.json")]
    Status(SweepFileArguments),
    /// Gather the results, a row per member
    #[command(after_help = "Example: hearth sweep collect configs/sweeps/learning-rate.json --md")]
    Collect(SweepCollectArguments),
}

#[derive(Debug, Args)]
pub struct SweepFileArguments {
    /// Sweep file
    #[arg(value_name = "SWEEP")]
    pub file: PathBuf,
    #[command(flatten)]
    pub backend: BackendArgument,
    #[command(flatten)]
    pub results: ResultsArgument,
}

#[derive(Debug, Args)]
pub struct SweepRunArguments {
    #[command(flatten)]
    pub sweep: SweepFileArguments,
    #[command(flatten)]
    pub data: DataDirArgument,
    /// Members at once; the cores are shared out among them
    #[arg(short, long, default_value = "1", value_name = "N")]
    pub jobs: NonZeroUsize,
}

#[derive(Debug, Args)]
pub struct SweepCollectArguments {
    #[command(flatten)]
    pub sweep: SweepFileArguments,
    /// Print comma-separated values
    #[arg(long, conflicts_with_all = ["json", "md"])]
    pub csv: bool,
    /// Print a JSON object per member
    #[arg(long, conflicts_with = "md")]
    pub json: bool,
    /// Print a Markdown table
    #[arg(long)]
    pub md: bool,
}
