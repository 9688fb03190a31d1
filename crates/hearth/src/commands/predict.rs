mod answers;
mod inputs;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use runner::FinishedRun;

use self::answers::Answers;
use self::inputs::answer_all;
use crate::arguments::{BackendArgument, run_folder};
use crate::exit::{self, Usage};

/// Classify images, texts or the rows of a table with a finished run's model
#[derive(Debug, Args)]
#[command(
    after_help = "Example: hearth predict results/mnist-l2/flex-seed0 --image seven.png scans/\n         \
                  hearth predict results/imdb-embedding/flex-seed0 --text \"A fine film\"\n         \
                  hearth predict results/penguins/flex-seed0 --csv new.csv --top 2"
)]
pub struct Arguments {
    /// A finished run: its folder or result.json, its experiment's folder or a glob if they hold one run
    #[arg(value_name = "RUN", required_unless_present_any = ["images", "text_files"])]
    run: Option<PathBuf>,
    #[command(flatten)]
    inputs: InputArguments,
    /// Scale pictures only; without it, a drawn digit is framed as those of MNIST are
    #[arg(long, requires = "images")]
    as_is: bool,
    #[command(flatten)]
    backend: BackendArgument,
    /// Show the N most probable classes [default with --top alone: 3]
    #[arg(
        long, value_name = "N", num_args = 0..=1, default_missing_value = "3",
        value_parser = clap::value_parser!(u16).range(1..)
    )]
    top: Option<u16>,
    /// Print one JSON object per input
    #[arg(long)]
    json: bool,
    /// Print CSV
    #[arg(long, conflicts_with = "json")]
    as_csv: bool,
}

// What to classify. No doc comment: clap would show it in place of the command's.
#[derive(Clone, Debug, Args)]
#[group(id = "what", multiple = false)]
struct InputArguments {
    /// Pictures: PNG, JPEG, WebP, BMP or GIF files, folders or glob patterns
    #[arg(long = "image", num_args = 1.., value_name = "FILE")]
    images: Vec<PathBuf>,
    /// A text; can be repeated [default for a model of texts: each line of standard input]
    #[arg(long = "text", value_name = "TEXT", allow_hyphen_values = true)]
    texts: Vec<String>,
    /// Files with one text each, folders or glob patterns
    #[arg(long = "text-file", num_args = 1.., value_name = "FILE")]
    text_files: Vec<PathBuf>,
    /// A table with the columns that the model was trained on, in any order
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
}

impl Arguments {
    /// The run's folder and the inputs. A run behind files is taken for one of them at first.
    fn run_and_inputs(&self) -> anyhow::Result<(PathBuf, InputArguments)> {
        let mut inputs = self.inputs.clone();
        if let Some(run) = &self.run {
            return Ok((run_folder(run)?, inputs));
        }
        let files = if inputs.images.is_empty() {
            &mut inputs.text_files
        } else {
            &mut inputs.images
        };
        if let [_, .., last] = files.as_slice()
            && let Ok(run) = run_folder(last)
        {
            files.pop();
            return Ok((run, inputs));
        }
        Err(
            Usage::new("no RUN; name a finished run, for example results/mnist-l2/flex-seed0")
                .into(),
        )
    }
}

/// Prints an answer for each input, in order. An input that cannot be read gets its error as the
/// answer, and the exit code of the first such error.
pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let (run, inputs) = arguments.run_and_inputs()?;
    let run = FinishedRun::open(&run)?;
    let mut first_error = None;
    let mut is_first = true;
    answer_all(&inputs, arguments.as_is, &run, &mut |inputs| {
        let predictions = run.predict(&inputs.encoded, arguments.backend.named)?;
        let answers = Answers::new(&run, &inputs, &predictions, arguments.top);
        if arguments.json {
            for line in answers.json() {
                writeln!(out, "{line}")?;
            }
        } else if !arguments.as_csv {
            write!(out, "{}", answers.table().text())?;
        } else if is_first {
            write!(out, "{}", answers.table().csv())?;
        } else {
            write!(out, "{}", answers.table().csv_rows())?;
        }
        is_first = false;
        for error in inputs.errors() {
            exit::say(&error.to_string());
            first_error.get_or_insert_with(|| exit::of_data(error));
        }
        Ok(())
    })?;
    Ok(first_error.map_or(ExitCode::SUCCESS, ExitCode::from))
}
