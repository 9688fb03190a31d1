use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use config::Plan;
use datasets::guess::{Guess, Kind, look};
use present::count;
use serde_json::json;

use crate::exit::{BadInput, Usage};

/// Write a config for a file or folder of your own data
#[derive(Debug, Args)]
#[command(after_help = "Example: hearth init penguins.csv --label species")]
pub struct Arguments {
    /// A CSV, TSV or JSON Lines file, or a folder with a folder of images or texts per class
    #[arg(value_name = "DATA")]
    data: PathBuf,
    /// Column or key of the class [default: the likeliest]
    #[arg(long, value_name = "NAME")]
    label: Option<String>,
    /// Config file to write [default: the data's name with .json, in this folder]
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
}

/// Looks at the data, writes the config and prints what to do next.
pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let guess = look(&arguments.data, arguments.label.as_deref())?;
    let path = match &arguments.to {
        Some(path) => path.clone(),
        None => PathBuf::from(format!("{}.json", plain(&guess.name))),
    };
    if path.exists() {
        let problem = format!("{}: exists; name another file with --to", path.display());
        return Err(Usage::new(problem).into());
    }
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    let folder = folder.unwrap_or(Path::new("."));
    if !folder.is_dir() {
        let problem = format!(
            "{}: no such folder; create it, or name another file with --to",
            folder.display()
        );
        return Err(Usage::new(problem).into());
    }
    check_number(&guess)?;
    let text = config(&guess, folder)?;
    // A config that hearth writes must be one that it reads.
    Plan::from_text(&path, &text, &[])?;
    record::write_atomically(&path, text.as_bytes())?;
    let shown = path.display();
    writeln!(
        out,
        "wrote {shown}: {}\n\nnext:\n  hearth data describe {shown}\n  hearth run {shown}",
        described(&guess.kind)
    )?;
    Ok(ExitCode::SUCCESS)
}

/// A name of characters that a config's name may have.
fn plain(name: &str) -> String {
    let usual = |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
    let name: String = name
        .chars()
        .map(|character| if usual(character) { character } else { '-' })
        .collect();
    let name = name.trim_matches(['-', '.']);
    if name.is_empty() {
        "experiment".to_owned()
    } else {
        name.to_owned()
    }
}

fn described(kind: &Kind) -> String {
    match kind {
        Kind::Images { examples, size, .. } => format!(
            "{} of {} x {} pixels",
            count(examples, "image"),
            size[0],
            size[1]
        ),
        Kind::Table {
            label,
            examples,
            left_out,
            ..
        } => {
            let rows = count(examples, "row");
            let mut described = format!("a table of {rows}, the class is `{label}`");
            if !left_out.is_empty() {
                let columns = left_out.join("`, `");
                described += &format!(
                    "\nnot read, as values hardly ever repeat or are all missing: `{columns}`"
                );
            }
            described
        }
        Kind::Texts {
            names: Some([text, label]),
            examples,
        } => format!(
            "{} in `{text}`, the class is `{label}`",
            count(examples, "text")
        ),
        Kind::Texts {
            names: None,
            examples,
        } => format!("a folder of {}", count(examples, "text")),
    }
}

/// The part of the examples that is held out for the test, and of the rest for validation.
const HELD_OUT: f64 = 0.2;

/// The fewest examples that can be divided for training, validation and test.
const FEWEST: usize = 20;

fn check_number(guess: &Guess) -> anyhow::Result<()> {
    let (Kind::Images { examples, .. }
    | Kind::Table { examples, .. }
    | Kind::Texts { examples, .. }) = &guess.kind;
    if *examples >= FEWEST {
        return Ok(());
    }
    let found = count(examples, "example");
    let path = guess.train.display();
    let problem = format!("{path}: {found}; at least {FEWEST} are needed");
    Err(BadInput::new(problem).into())
}

/// The text of the config, with the keys in the order of the documentation.
fn config(guess: &Guess, folder: &Path) -> anyhow::Result<String> {
    let relative = |path: &Path| relative(path, folder);
    let mut keys = vec![("train", json!(relative(&guess.train)?))];
    if let Some(test) = &guess.test {
        keys.push(("test", json!(relative(test)?)));
    }
    let (kind, model, training, about) = match &guess.kind {
        Kind::Images {
            size,
            channels,
            examples,
        } => {
            keys.extend([("size", json!(size)), ("channels", json!(channels))]);
            let model = if size.iter().all(|&length| length >= LEAST_FOR_CONVNET) {
                r#""convnet": { "filters": [32, 64], "dropout": 0.5 }"#
            } else {
                r#""dropout_mlp": { "hidden": [64], "dropout": 0.2 }"#
            };
            let about = "size: rows and columns that images are scaled to; channels: grey or rgb";
            ("images", model, training(*examples, 20, 5), about)
        }
        Kind::Table {
            label,
            features,
            categorical,
            has_missing,
            examples,
            left_out: _,
        } => {
            keys.push(("label", json!(label)));
            keys.extend(
                features
                    .as_ref()
                    .map(|features| ("features", json!(features))),
            );
            if !categorical.is_empty() {
                keys.push(("categorical", json!(categorical)));
            }
            if *has_missing {
                keys.push(("missing", json!("mean")));
            }
            let model = r#""dropout_mlp": { "hidden": [64, 32], "dropout": 0.2 }"#;
            let about = "features: the columns to read, without it all but the label; missing: refuse, \
                         mean or drop";
            ("table", model, training(*examples, 100, 10), about)
        }
        Kind::Texts { names, examples } => {
            if let Some([text, label]) = names {
                keys.extend([("text", json!(text)), ("label", json!(label))]);
            }
            keys.extend([
                ("vocabulary_size", json!(10_000)),
                ("sequence_length", json!(200)),
            ]);
            let model = r#""embedding_classifier": { "embedding": 128, "embedding_dropout": 0.3, "hidden": 64, "hidden_dropout": 0.5 }"#;
            let about = "sequence_length: how many of a text's last words are read";
            ("texts", model, training(*examples, 20, 3), about)
        }
    };
    if guess.test.is_none() {
        keys.push(("test_fraction", json!(HELD_OUT)));
    }
    keys.push(("validation_fraction", json!(HELD_OUT)));
    let keys: Vec<String> = keys
        .iter()
        .map(|(key, value)| format!("\"{key}\": {value}"))
        .collect();
    let keys = keys.join(", ");
    let about = json!(format!("{}, written by hearth init. {about}", guess.name));
    Ok(format!(
        r#"{{
  "about": {about},
  "data": {{ "{kind}": {{ {keys} }} }},
  "model": {{ {model} }},
  "optimizer": {{ "adam": {{ "learning_rate": 0.001 }} }},
  "training": {{ {training} }},
  "seeds": [0, 1, 2]
}}
"#
    ))
}

/// The shortest side of an image for two stages of convolution and pooling.
const LEAST_FOR_CONVNET: usize = 10;

fn training(examples: usize, epochs: usize, patience: usize) -> String {
    let batch_size = if examples < 5000 { 32 } else { 128 };
    format!(
        r#""epochs": {epochs}, "batch_size": {batch_size}, "early_stopping": {{ "metric": "validation.loss", "patience": {patience} }}"#
    )
}

/// The path of the data, seen from the config's folder.
fn relative(path: &Path, folder: &Path) -> anyhow::Result<String> {
    let absolute = |path: &Path| {
        let absolute = path.canonicalize();
        absolute.with_context(|| format!("{}: cannot be resolved", path.display()))
    };
    let (path, folder) = (absolute(path)?, absolute(folder)?);
    let relative = pathdiff::diff_paths(&path, folder).unwrap_or(path);
    let parts: Option<Vec<&str>> = relative.iter().map(|part| part.to_str()).collect();
    match parts {
        // With slashes on every system.
        Some(parts) if relative.is_relative() => Ok(parts.join("/")),
        Some(_) => Ok(relative.display().to_string()),
        None => {
            let problem = format!(
                "{}: not UTF-8, which a config needs; rename it",
                relative.display()
            );
            Err(Usage::new(problem).into())
        }
    }
}
