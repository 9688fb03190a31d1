use std::io::{IsTerminal, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use datasets::{Picture, picture};
use present::{Column, Table};
use runner::{FinishedRun, Prediction};
use serde_json::{Map, Value, json};
use spec::InputSpec;

use crate::arguments::BackendArgument;
use crate::exit::{BadInput, Usage};

/// Classify images or texts with a finished run's model
#[derive(Debug, Args)]
#[command(
    after_help = "Example: hearth predict results/mnist-l2/flex-seed0 --image seven.png\n         \
                  hearth predict results/imdb-embedding/flex-seed0 --text \"A fine film\""
)]
pub struct Arguments {
    /// Folder of a finished run
    #[arg(value_name = "RUN")]
    run: PathBuf,
    /// PNG or JPEG images of digits, dark on light or light on dark, up to 50 million pixels each
    #[arg(long = "image", num_args = 1.., value_name = "FILE", conflicts_with = "texts")]
    images: Vec<PathBuf>,
    /// Texts to classify [default for a model of texts: the lines of standard input]
    #[arg(long = "text", num_args = 1.., value_name = "TEXT")]
    texts: Vec<String>,
    #[command(flatten)]
    backend: BackendArgument,
    /// Print one JSON object per input
    #[arg(long)]
    json: bool,
}

/// Prints the predicted class of each input.
pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let run = FinishedRun::open(&arguments.run)?;
    let spec = &run.record().spec;
    let (inputs, predictions) = match &spec.input {
        InputSpec::Tokens { .. } => texts(arguments, &run)?,
        InputSpec::Dense { shape } => match shape[..] {
            [rows, columns, 1] => images(arguments, &run, [rows, columns])?,
            _ => {
                let problem = format!("this run's model reads {}, not pictures", spec.input);
                return Err(Usage::new(problem).into());
            }
        },
    };
    if arguments.json {
        for (input, prediction) in inputs.iter().zip(&predictions) {
            writeln!(out, "{}", as_json(&run, input, prediction))?;
        }
    } else {
        write!(out, "{}", as_table(&run, &inputs, &predictions))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// An image or a text to classify.
struct Input {
    /// The file's name, or the text.
    name: String,
    /// How a picture was preprocessed; none for a text.
    steps: Option<Vec<String>>,
}

fn images(
    arguments: &Arguments,
    run: &FinishedRun,
    size: [usize; 2],
) -> anyhow::Result<(Vec<Input>, Vec<Prediction>)> {
    if arguments.images.is_empty() {
        return Err(Usage::new("this run's model reads images: give --image FILE...").into());
    }
    let mut inputs = Vec::new();
    let mut pixels = Vec::new();
    for path in &arguments.images {
        let Picture {
            pixels: of_picture,
            steps,
        } = picture::read(path, size)?;
        pixels.extend(of_picture);
        inputs.push(Input {
            name: path.display().to_string(),
            steps: Some(steps),
        });
    }
    let predictions = run.predict_pictures(&pixels, arguments.backend.named)?;
    Ok((inputs, predictions))
}

fn texts(
    arguments: &Arguments,
    run: &FinishedRun,
) -> anyhow::Result<(Vec<Input>, Vec<Prediction>)> {
    if !arguments.images.is_empty() {
        return Err(Usage::new("this run's model reads texts: give --text TEXT...").into());
    }
    let texts = if arguments.texts.is_empty() {
        standard_input()?
    } else {
        arguments.texts.clone()
    };
    let predictions = run.predict_texts(&texts, arguments.backend.named)?;
    let inputs = texts.into_iter().map(|name| Input { name, steps: None });
    Ok((inputs.collect(), predictions))
}

/// The lines of standard input that are not empty.
fn standard_input() -> anyhow::Result<Vec<String>> {
    let mut input = std::io::stdin();
    if input.is_terminal() {
        return Err(Usage::new("give --text TEXT..., or lines on standard input").into());
    }
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes)?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let line = error.as_bytes()[..error.utf8_error().valid_up_to()]
            .iter()
            .filter(|&&byte| byte == b'\n')
            .count();
        BadInput::new(format!(
            "standard input: line {} is not UTF-8 text",
            line + 1
        ))
    })?;
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let lines: Vec<String> = lines.map(str::to_owned).collect();
    if lines.is_empty() {
        return Err(BadInput::new("standard input: no text".to_owned()).into());
    }
    Ok(lines)
}

fn as_json(run: &FinishedRun, input: &Input, prediction: &Prediction) -> Value {
    let names = &run.record().spec.classes;
    let classes = names.iter().zip(&prediction.probabilities);
    let probabilities: Map<String, Value> = classes
        .map(|(class, &probability)| (class.clone(), json!(probability)))
        .collect();
    let mut line = Map::new();
    match &input.steps {
        None => line.insert("text".to_owned(), json!(input.name)),
        Some(steps) => {
            line.insert("image".to_owned(), json!(input.name));
            line.insert("steps".to_owned(), json!(steps))
        }
    };
    line.insert("class".to_owned(), json!(names[prediction.class]));
    line.insert("probabilities".to_owned(), Value::Object(probabilities));
    Value::Object(line)
}

/// Characters of an input's name in the table.
const SHOWN: usize = 60;

fn as_table(run: &FinishedRun, inputs: &[Input], predictions: &[Prediction]) -> String {
    let columns = ["input", "class", "probability", "preprocessing"].map(Column::text);
    let mut table = Table::new(columns);
    for (input, prediction) in inputs.iter().zip(predictions) {
        let mut name: String = input.name.chars().take(SHOWN).collect();
        if name.len() < input.name.len() {
            name.push('…');
        }
        table.add([
            name,
            run.record().spec.classes[prediction.class].clone(),
            format!("{:.4}", prediction.probabilities[prediction.class]),
            input.steps.as_deref().unwrap_or_default().join(", "),
        ]);
    }
    table.text()
}
