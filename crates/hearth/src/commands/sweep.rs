mod best;
mod collect;
mod exec;
mod failed;
mod halving;
mod launch;
mod members;
mod plan;
mod run;
mod status;
mod tasks;
mod workers;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use config::Sweep;

use crate::arguments::{BackendArgument, DataDirArgument, ResultsArgument};

commands! {
    Plan: plan,
    Run: run,
    Launch: launch,
    Exec: exec,
    Status: status,
    Collect: collect,
    Best: best,
}

/// Run a config with every combination of some values, and compare
#[derive(Debug, Args)]
#[command(after_help = "Example: hearth sweep run configs/sweeps/learning-rate.json -j 2")]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

/// Executes the subcommand.
pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    arguments.command.execute(out)
}

// What all subcommands take. No doc comment: clap would show it in place of theirs.
#[derive(Debug, Args)]
struct SweepArguments {
    /// Sweep file
    #[arg(value_name = "SWEEP")]
    file: PathBuf,
    #[command(flatten)]
    backend: BackendArgument,
    #[command(flatten)]
    results: ResultsArgument,
    #[command(flatten)]
    data: DataDirArgument,
}

impl SweepArguments {
    /// The sweep's own folder, for what is not of one run: `<results>/sweeps/<sweep>/<backend>`.
    fn own_folder(&self, sweep: &Sweep) -> PathBuf {
        let folder = self.results.folder.join("sweeps").join(&sweep.name);
        folder.join(self.backend.named.label())
    }

    /// The arguments as words, for another process of this program.
    fn words(&self) -> Vec<String> {
        let mut words = vec![self.file.display().to_string()];
        words.extend(["--backend".to_owned(), self.backend.named.to_string()]);
        words.extend([
            "--out".to_owned(),
            self.results.folder.display().to_string(),
        ]);
        if let Some(folder) = self.data.folder() {
            words.extend(["--data-dir".to_owned(), folder.display().to_string()]);
        }
        words
    }
}
