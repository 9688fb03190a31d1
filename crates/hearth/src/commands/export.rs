use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use runner::FinishedRun;

use crate::arguments::RunArgument;
use crate::exit::Usage;
use crate::output;

/// Write a finished run's weights to a file for `initial_weights`
#[derive(Debug, Args)]
#[command(
    after_help = "Example: hearth export results/mnist-l2/flex-seed0 --to weights.safetensors"
)]
pub struct Arguments {
    #[command(flatten)]
    run: RunArgument,
    /// safetensors file to write, or - for standard output; an existing one is replaced
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
}

/// Copies the run's weights.
pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    refuse_other_formats(&arguments.to)?;
    let run = FinishedRun::open(&arguments.run.folder()?)?;
    output::write(&arguments.to, run.weights(), "wrote", out)?;
    Ok(ExitCode::SUCCESS)
}

/// Extensions of other programs' formats for models.
const OTHER_FORMATS: [&str; 15] = [
    "bin", "ckpt", "gguf", "h5", "hdf5", "json", "keras", "mpk", "npy", "npz", "onnx", "pb", "pkl",
    "pt", "pth",
];

fn refuse_other_formats(path: &Path) -> Result<(), Usage> {
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    if OTHER_FORMATS.contains(&extension.to_lowercase().as_str()) {
        return Err(Usage::new(format!(
            "{}: export writes safetensors only; name a file such as weights.safetensors",
            path.display()
        )));
    }
    Ok(())
}
