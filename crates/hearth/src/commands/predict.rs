use std::io::{IsTerminal, Read, Write};
use std::process::ExitCode;

use datasets::{Picture, picture};
use runner::{FinishedRun, Prediction};
use serde_json::{Map, Value, json};

use crate::arguments::PredictArguments;
use crate::exit::Usage;
use crate::format::{lines, table};

pub fn predict(arguments: &PredictArguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let run = FinishedRun::open(&arguments.run)?;
    let (inputs, predictions) = match run.reads_texts() {
        true => texts(arguments, &run)?,
        false => images(arguments, &run)?,
    };
    match arguments.json {
        true => {
            for (input, prediction) in inputs.iter().zip(&predictions) {
                writeln!(out, "{}", as_json(&run, input, prediction))?;
            }
        }
        false => write!(out, "{}", as_table(&run, &inputs, &predictions))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// What was asked about.
struct Input {
    /// The file's name, or the text.
    name: String,
    /// What was done to a picture; nothing of a text.
    steps: Option<Vec<String>>,
}

fn images(
    arguments: &PredictArguments,
    run: &FinishedRun,
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
        } = picture::read(path)?;
        pixels.extend(of_picture);
        inputs.push(Input {
            name: path.display().to_string(),
            steps: Some(steps),
        });
    }
    let predictions = run.predict_images(&pixels, arguments.backend.named)?;
    Ok((inputs, predictions))
}

fn texts(
    arguments: &PredictArguments,
    run: &FinishedRun,
) -> anyhow::Result<(Vec<Input>, Vec<Prediction>)> {
    if !arguments.images.is_empty() {
        return Err(Usage::new("this run's model reads texts: give --text TEXT...").into());
    }
    let texts = match arguments.texts.is_empty() {
        true => standard_input()?,
        false => arguments.texts.clone(),
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
        crate::exit::BadInput::new(format!(
            "standard input: line {} is not UTF-8 text",
            line + 1
        ))
    })?;
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let lines: Vec<String> = lines.map(str::to_owned).collect();
    match lines.is_empty() {
        true => Err(crate::exit::BadInput::new("standard input: no text".to_owned()).into()),
        false => Ok(lines),
    }
}

fn as_json(run: &FinishedRun, input: &Input, prediction: &Prediction) -> Value {
    let classes = run.classes().iter().zip(&prediction.probabilities);
    let probabilities: Map<String, Value> = classes
        .map(|(class, &probability)| ((*class).to_owned(), json!(probability)))
        .collect();
    let mut line = Map::new();
    match &input.steps {
        None => line.insert("text".to_owned(), json!(input.name)),
        Some(steps) => {
            line.insert("image".to_owned(), json!(input.name));
            line.insert("steps".to_owned(), json!(steps))
        }
    };
    line.insert("class".to_owned(), json!(run.classes()[prediction.class]));
    line.insert("probabilities".to_owned(), Value::Object(probabilities));
    Value::Object(line)
}

/// Characters of an input's name in the table.
const SHOWN: usize = 60;

fn as_table(run: &FinishedRun, inputs: &[Input], predictions: &[Prediction]) -> String {
    let mut table = table(&["input", "class", "probability", "done to it"], 4);
    for (input, prediction) in inputs.iter().zip(predictions) {
        let mut name: String = input.name.chars().take(SHOWN).collect();
        if name.len() < input.name.len() {
            name.push('…');
        }
        table.add_row([
            name,
            run.classes()[prediction.class].to_owned(),
            format!("{:.4}", prediction.probabilities[prediction.class]),
            input.steps.as_deref().unwrap_or_default().join(", "),
        ]);
    }
    lines(&table)
}
