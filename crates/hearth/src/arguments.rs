use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand, ValueEnum};
use datasets::Location;
use runner::{Backend, Override};

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
    #[command(after_help = "Example: hearth list --out results")]
    List(ListArguments),
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
    /// What computes: flex or ndarray
    #[arg(long, default_value_t, value_name = "BACKEND")]
    pub backend: Backend,
    /// Seeds instead of the config's: numbers and ranges, for instance 0,1,2 or 0..5 (0 to 4)
    #[arg(long, value_name = "SEEDS", value_parser = parse_seeds)]
    pub seeds: Option<Seeds>,
    #[command(flatten)]
    pub data: DataDirArgument,
    #[command(flatten)]
    pub results: ResultsArgument,
    /// Threads to compute with; the results are the same for any [default: one, or one per core
    /// for models large enough to gain from it]
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
    /// Replace runs that are there already
    #[arg(long)]
    pub overwrite: bool,
    /// Stop at once when standard input is closed: whoever started this has gone
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
pub struct ListArguments {
    #[command(flatten)]
    pub results: ResultsArgument,
    /// Print a JSON object per run, without the config and per-example bits
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
    /// What computes: flex or ndarray
    #[arg(long, default_value_t, value_name = "BACKEND")]
    pub backend: Backend,
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

#[derive(Debug, Args)]
pub struct EvaluateArguments {
    /// Folder of a finished run
    #[arg(value_name = "RUN")]
    pub run: PathBuf,
    /// The part of the data
    #[arg(long, value_enum, default_value = "test", value_name = "PART")]
    pub split: Split,
    /// What computes: flex or ndarray
    #[arg(long, default_value_t, value_name = "BACKEND")]
    pub backend: Backend,
    #[command(flatten)]
    pub data: DataDirArgument,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Split {
    Train,
    Validation,
    Test,
}

#[derive(Debug, Args)]
pub struct PredictArguments {
    /// Folder of a finished run
    #[arg(value_name = "RUN")]
    pub run: PathBuf,
    /// PNG or JPEG files of digits, any size, dark on light or light on dark
    #[arg(long = "image", num_args = 1.., value_name = "FILE", conflicts_with = "texts")]
    pub images: Vec<PathBuf>,
    /// Texts [default for a model of texts: the lines of standard input]
    #[arg(long = "text", num_args = 1.., value_name = "TEXT")]
    pub texts: Vec<String>,
    /// What computes: flex or ndarray
    #[arg(long, default_value_t, value_name = "BACKEND")]
    pub backend: Backend,
    /// Print a JSON object per input
    #[arg(long)]
    pub json: bool,
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

#[derive(Debug, Args)]
pub struct ExportArguments {
    /// Folder of a finished run
    #[arg(value_name = "RUN")]
    pub run: PathBuf,
    /// File to write; one that is there is replaced
    #[arg(long, value_name = "FILE")]
    pub to: PathBuf,
}

#[derive(Debug, Args)]
pub struct DataArguments {
    #[command(subcommand)]
    pub command: DataCommand,
}

#[derive(Debug, Subcommand)]
pub enum DataCommand {
    /// Download what the cache lacks, each file verified by its checksum
    #[command(after_help = "Example: hearth data fetch mnist")]
    Fetch(SetsArgument),
    /// Read the files and compare their checksums with the published ones
    #[command(after_help = "Example: hearth data verify imdb --data-dir data")]
    Verify {
        #[command(flatten)]
        sets: SetsArgument,
        #[command(flatten)]
        folder: DataDirArgument,
    },
}

#[derive(Debug, Args)]
pub struct SetsArgument {
    /// Data sets [default: all]
    #[arg(value_name = "SET")]
    sets: Vec<DataSet>,
}

impl SetsArgument {
    pub fn sets(&self) -> &[DataSet] {
        match self.sets.is_empty() {
            true => &[DataSet::Mnist, DataSet::Imdb],
            false => &self.sets,
        }
    }
}

/// The data sets that come from elsewhere.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum DataSet {
    Mnist,
    Imdb,
}

#[derive(Debug, Args)]
pub struct OverrideArguments {
    /// Another value for a key, for instance training.epochs=5; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub overrides: Vec<Override>,
}

#[derive(Debug, Args)]
pub struct ResultsArgument {
    /// Results folder
    #[arg(long = "out", default_value = "results", value_name = "DIR")]
    pub folder: PathBuf,
}

#[derive(Debug, Args)]
pub struct DataDirArgument {
    /// Folder with mnist/ and its four IDX files, or imdb/aclImdb_v1.tar.gz [default: the cache,
    /// downloaded when missing]
    #[arg(long, env = "HEARTH_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

impl DataDirArgument {
    pub fn folder(&self) -> Option<&Path> {
        self.data_dir.as_deref()
    }

    pub fn location(&self) -> Location {
        match &self.data_dir {
            Some(folder) => Location::Folder(folder.clone()),
            None => Location::Cache,
        }
    }
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

/// What `--seeds` names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seeds(pub Vec<u64>);

/// More runs than this on one command line are a slip of the finger.
const MOST_SEEDS: usize = 10_000;

fn parse_seeds(text: &str) -> Result<Seeds, String> {
    let mut seeds = Vec::new();
    for part in text.split(',') {
        let number = |text: &str| {
            let number: Result<u64, _> = text.trim().parse();
            number.map_err(|_| format!("`{text}` is not a seed, give 0,1,2 or 0..5"))
        };
        match part.split_once("..") {
            None => seeds.push(number(part)?),
            Some((first, end)) => {
                let (first, end) = (number(first)?, number(end)?);
                if end <= first || end - first > MOST_SEEDS as u64 {
                    return Err(format!("`{part}` must hold 1 to {MOST_SEEDS} seeds"));
                }
                seeds.extend(first..end);
            }
        }
    }
    let mut distinct = seeds.clone();
    distinct.sort_unstable();
    distinct.dedup();
    match distinct.len() == seeds.len() {
        true => Ok(Seeds(seeds)),
        false => Err("names a seed twice".to_owned()),
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

    #[test]
    fn seeds_are_numbers_and_ranges() {
        for (text, seeds) in [
            ("0", vec![0]),
            ("2,0,1", vec![2, 0, 1]),
            ("7,0..3", vec![7, 0, 1, 2]),
        ] {
            assert_eq!(parse_seeds(text), Ok(Seeds(seeds)));
        }
        for text in ["", "a", "1,,2", "-1", "3..3", "0..99999999", "1,0..3"] {
            assert!(parse_seeds(text).is_err(), "{text}");
        }
    }
}
