//! For what is done with finished runs.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use runner::Backend;

use super::{BackendArgument, DataDirArgument};

#[derive(Debug, Args)]
pub struct EvaluateArguments {
    /// Folder of a finished run
    #[arg(value_name = "RUN")]
    pub run: PathBuf,
    /// The part of the data
    #[arg(long, value_enum, default_value = "test", value_name = "PART")]
    pub split: Split,
    #[command(flatten)]
    pub backend: BackendArgument,
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
    /// PNG or JPEG files of digits, up to 50 million pixels, dark on light or light on dark
    #[arg(long = "image", num_args = 1.., value_name = "FILE", conflicts_with = "texts")]
    pub images: Vec<PathBuf>,
    /// Texts [default for a model of texts: the lines of standard input]
    #[arg(long = "text", num_args = 1.., value_name = "TEXT")]
    pub texts: Vec<String>,
    #[command(flatten)]
    pub backend: BackendArgument,
    /// Print a JSON object per input
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
pub struct VerifyArguments {
    /// Folder of a finished run
    #[arg(value_name = "RUN")]
    pub run: PathBuf,
    /// Another backend than the run's
    #[arg(long, value_name = "BACKEND")]
    pub backend: Option<Backend>,
    /// The largest difference that is none, of losses above 1 relative to them
    #[arg(long, default_value_t = 1e-3, value_name = "DIFFERENCE", value_parser = tolerance)]
    pub tolerance: f64,
    #[command(flatten)]
    pub data: DataDirArgument,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

fn tolerance(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(tolerance) if (0.0..1.0).contains(&tolerance) => Ok(tolerance),
        _ => Err("a number from 0 to below 1".to_owned()),
    }
}
