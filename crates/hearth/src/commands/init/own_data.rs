//! A config for a person's own data.

use std::path::Path;

use anyhow::Context;
use datasets::guess::{Guess, Kind};
use present::count;
use serde_json::json;

use super::draft::{Draft, HELD_OUT, training};
use crate::exit::{BadInput, Usage};

/// What the data seem to be.
pub(super) fn described(kind: &Kind) -> String {
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

/// A config for data as they seem to be. `folder` is that of the config.
pub(super) fn draft(guess: &Guess, folder: &Path) -> anyhow::Result<Draft> {
    check_number(guess)?;
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
    Ok(Draft {
        about: format!("{}, written by hearth init. {about}", guess.name),
        data: kind,
        keys,
        model: model.to_owned(),
        training,
    })
}

/// The shortest side of an image for two stages of convolution and pooling.
const LEAST_FOR_CONVNET: usize = 10;

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
