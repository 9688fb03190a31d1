//! For what is done with many results.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use compare::Metric;
use glob::Pattern;
use record::Status;

use super::{DataDirArgument, ResultsArgument};

#[derive(Debug, Args)]
pub struct ListArguments {
    #[command(flatten)]
    pub results: ResultsArgument,
    /// Only experiments with such a name, for instance 'mnist-*'
    #[arg(long, value_name = "PATTERN")]
    pub experiment: Option<Pattern>,
    /// Only runs on this backend
    #[arg(long, value_name = "BACKEND")]
    pub backend: Option<String>,
    /// Only runs that ended so
    #[arg(long, value_name = "STATUS", value_parser = status)]
    pub status: Option<Status>,
    /// Only runs with this seed
    #[arg(long, value_name = "SEED")]
    pub seed: Option<u64>,
    /// Sort by this, the smallest first; runs that lack it come last
    #[arg(long, value_enum, default_value = "experiment", value_name = "KEY")]
    pub sort: ListKey,
    /// The largest first
    #[arg(long)]
    pub reverse: bool,
    /// No more than so many
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Print a JSON object per run, without the config and per-example bits
    #[arg(long)]
    pub json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ListKey {
    Experiment,
    Seed,
    Epochs,
    #[value(name = "test.accuracy")]
    TestAccuracy,
    #[value(name = "test.loss")]
    TestLoss,
    #[value(name = "started_at")]
    StartedAt,
    #[value(name = "total_s")]
    TotalS,
}

#[derive(Debug, Args)]
pub struct DiffArguments {
    /// Result files, run folders, experiment folders (all their seeds) or globs; the first is what the
    /// others are compared with
    #[arg(required = true, num_args = 2.., value_name = "RUNS")]
    pub groups: Vec<String>,
    /// What is compared: loss or accuracy, of train, validation or test
    #[arg(long, default_value_t, value_name = "METRIC")]
    pub metric: Metric,
    /// Differences below it are none: of accuracy a fraction of one [default: 0.002], of loss a part of
    /// the first one's [default: 0.02]
    #[arg(long, value_name = "DIFFERENCE", value_parser = margin)]
    pub margin: Option<f64>,
    /// Exit with 1 on such a verdict; without it only trouble is an error, with 2
    #[arg(long, value_enum, value_name = "VERDICT")]
    pub fail_on: Option<FailOn>,
    /// Print JSON
    #[arg(long, conflicts_with_all = ["md", "csv"])]
    pub json: bool,
    /// Print Markdown
    #[arg(long, conflicts_with = "csv")]
    pub md: bool,
    /// Print CSV
    #[arg(long)]
    pub csv: bool,
}

/// Verdicts by which a comparison fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// A later one is worse than the first
    Worse,
    /// It is worse, or that is not decided
    Undecided,
    /// It is anything but better
    NotBetter,
}

#[derive(Debug, Args)]
pub struct ReportArguments {
    /// Results folders, experiment or run folders, collected sweeps (.jsonl)
    #[arg(default_value = "results", value_name = "RESULTS")]
    pub sources: Vec<PathBuf>,
    /// File to write; one that is there is replaced
    #[arg(short, long, default_value = "report.html", value_name = "FILE")]
    pub output: PathBuf,
    /// Instead of a page, write the tables between the markers of a text such as README.md:
    /// `<!-- table: begin -->` and `<!-- table: end -->`, `<!-- sweep: NAME -->` and
    /// `<!-- sweep: end -->`
    #[arg(long, value_name = "FILE", conflicts_with = "output")]
    pub readme: Option<PathBuf>,
    /// Figures of another program to stand beside in those tables, as in bench/keras-reference.json
    #[arg(long, value_name = "FILE", requires = "readme")]
    pub reference: Option<PathBuf>,
    #[command(flatten)]
    pub data: DataDirArgument,
}

fn margin(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(margin) if 0.0 < margin && margin < 1.0 => Ok(margin),
        _ => Err("a number above 0 and below 1".to_owned()),
    }
}

fn status(name: &str) -> Result<Status, String> {
    match name {
        "completed" => Ok(Status::Completed),
        "diverged" => Ok(Status::Diverged),
        _ => Err("completed or diverged".to_owned()),
    }
}
