//! What is to be classified, as the numbers that the model reads.

use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};

use datasets::picture::{self, Form};
use datasets::{Columns, DataError, Preprocessing, Vocabulary, files, table};
use glob::{MatchOptions, glob_with};
use present::count;
use rayon::prelude::*;
use runner::FinishedRun;
use serde_json::{Map, Value, json};

use super::InputArguments;
use crate::exit::{BadInput, Usage};

/// The inputs in order, and the numbers of those that can be read.
pub struct Inputs {
    pub inputs: Vec<Input>,
    pub encoded: datasets::Inputs,
}

/// An input.
pub struct Input {
    /// The kind, as a key of JSON: `image`, `text` or `row`.
    pub kind: &'static str,
    /// The file's name, the text, or the file and line.
    pub name: String,
    /// How it was read, or why it cannot be.
    pub read: Result<How, DataError>,
}

/// How an input was read.
#[derive(Debug, Default)]
pub struct How {
    /// In a few words.
    pub notes: Vec<String>,
    /// The same as JSON.
    pub keys: Map<String, Value>,
}

impl Inputs {
    /// Reads the inputs that the arguments name.
    ///
    /// # Errors
    ///
    /// If the arguments name nothing that the model reads. An input that cannot be read is no error
    /// here.
    pub fn read(
        arguments: &InputArguments,
        as_is: bool,
        run: &FinishedRun,
    ) -> anyhow::Result<Self> {
        let spec = &run.record().spec;
        let InputArguments {
            images,
            texts,
            text_files,
            csv,
        } = arguments;
        let needs = |what: &str| Usage::new(format!("this run's model reads {what}"));
        match run.preprocessing()? {
            Preprocessing::Vocabulary(words) => {
                if !images.is_empty() || csv.is_some() {
                    return Err(needs("texts: give --text TEXT or --text-file FILE").into());
                }
                let texts = if !text_files.is_empty() {
                    text_files_in(text_files)
                } else if texts.is_empty() {
                    standard_input()?
                } else {
                    own_names(texts.clone())
                };
                Ok(Self::of_texts(texts, &words, spec.features()))
            }
            Preprocessing::Columns(columns) => {
                let Some(path) = csv else {
                    return Err(needs("the rows of a table: give --csv FILE").into());
                };
                Self::of_rows(path, &columns)
            }
            Preprocessing::None => {
                let form = if as_is {
                    spec.dense_shape().and_then(Form::as_is)
                } else {
                    Form::of(spec)
                };
                let Some(form) = form else {
                    let problem = format!("this run's model takes {}, no pictures", spec.input);
                    return Err(Usage::new(problem).into());
                };
                if images.is_empty() {
                    return Err(needs("images: give --image FILE...").into());
                }
                Ok(Self::of_images(images, form))
            }
        }
    }

    /// The errors of the inputs that cannot be read, in order.
    pub fn errors(&self) -> impl Iterator<Item = &DataError> {
        let inputs = self.inputs.iter();
        inputs.filter_map(|input| input.read.as_ref().err())
    }

    fn of_images(named: &[PathBuf], form: Form) -> Self {
        let files: Vec<Result<PathBuf, NotFound>> =
            named.iter().flat_map(|path| found(path)).collect();
        // In parallel: a folder may hold thousands.
        let read: Vec<(String, Result<picture::Picture, DataError>)> = files
            .into_par_iter()
            .map(|file| match file {
                Ok(path) => (path.display().to_string(), seen(&path, form)),
                Err(NotFound { name, error }) => (name, Err(error)),
            })
            .collect();
        let mut pixels = Vec::new();
        let inputs = read.into_iter().map(|(name, read)| {
            let read = read.map(|picture| {
                pixels.extend(&picture.pixels);
                let keys = [("steps".to_owned(), json!(picture.steps))];
                How {
                    notes: picture.steps,
                    keys: keys.into_iter().collect(),
                }
            });
            Input {
                kind: "image",
                name,
                read,
            }
        });
        Self {
            inputs: inputs.collect(),
            encoded: datasets::Inputs::Bytes(pixels),
        }
    }

    fn of_texts(texts: Vec<NamedText>, words: &Vocabulary, length: usize) -> Self {
        let mut tokens = Vec::new();
        let inputs = texts.into_iter().map(|NamedText { name, text }| {
            let read = text.and_then(|text| {
                let (ids, coverage) = words.read(&text, length);
                if coverage.known == 0 {
                    return Err(DataError::no_known_word(&name));
                }
                tokens.extend(ids);
                let mut notes = vec![count(coverage.words, "word")];
                let unknown = coverage.words - coverage.cut - coverage.known;
                if unknown > 0 {
                    notes.push(format!("{unknown} unknown"));
                }
                if coverage.cut > 0 {
                    notes.push(format!("the first {} not read", coverage.cut));
                }
                let keys = [
                    ("words", coverage.words),
                    ("unknown_words", unknown),
                    ("words_not_read", coverage.cut),
                ];
                Ok(How {
                    notes,
                    keys: keys
                        .map(|(key, count)| (key.to_owned(), json!(count)))
                        .into_iter()
                        .collect(),
                })
            });
            Input {
                kind: "text",
                name,
                read,
            }
        });
        Self {
            inputs: inputs.collect(),
            encoded: datasets::Inputs::Tokens(tokens),
        }
    }

    fn of_rows(path: &Path, columns: &Columns) -> anyhow::Result<Self> {
        let mut numbers = Vec::new();
        let mut inputs = Vec::new();
        table::read_rows(path, columns, &mut numbers, |line, read| {
            let read = read.map(|noted| {
                let mut notes = Vec::new();
                if noted.unknown > 0 {
                    notes.push(count(noted.unknown, "unknown value"));
                }
                if noted.filled > 0 {
                    notes.push(count(noted.filled, "missing value"));
                }
                let keys = [
                    ("unknown_values", noted.unknown),
                    ("missing_values", noted.filled),
                ];
                How {
                    notes,
                    keys: keys
                        .map(|(key, count)| (key.to_owned(), json!(count)))
                        .into_iter()
                        .collect(),
                }
            });
            inputs.push(Input {
                kind: "row",
                name: format!("{}:{line}", path.display()),
                read,
            });
        })?;
        if inputs.is_empty() {
            let problem = format!("{}: no rows below the header; add some", path.display());
            return Err(BadInput::new(problem).into());
        }
        Ok(Self {
            inputs,
            encoded: datasets::Inputs::Numbers(numbers),
        })
    }
}

/// A picture in which something is to be seen.
fn seen(path: &Path, form: Form) -> Result<picture::Picture, DataError> {
    let picture = picture::read(path, form)?;
    if picture.is_blank() {
        return Err(DataError::blank(path));
    }
    Ok(picture)
}

struct NamedText {
    name: String,
    text: Result<String, DataError>,
}

/// Texts that are their own names.
fn own_names(texts: Vec<String>) -> Vec<NamedText> {
    let named = texts.into_iter().map(|text| NamedText {
        name: text.clone(),
        text: Ok(text),
    });
    named.collect()
}

fn text_files_in(named: &[PathBuf]) -> Vec<NamedText> {
    let files = named.iter().flat_map(|path| found(path));
    let texts = files.map(|file| match file {
        Ok(path) => NamedText {
            text: files::read_text(&path),
            name: path.display().to_string(),
        },
        Err(NotFound { name, error }) => NamedText {
            name,
            text: Err(error),
        },
    });
    texts.collect()
}

/// An argument that names no files.
struct NotFound {
    name: String,
    error: DataError,
}

/// The files that an argument names: a file, those in a folder, or those that match a pattern.
fn found(path: &Path) -> Vec<Result<PathBuf, NotFound>> {
    let not_found = |error| {
        let name = path.display().to_string();
        vec![Err(NotFound { name, error })]
    };
    if path.is_dir() {
        return match files::below(path) {
            Ok(below) if below.files.is_empty() => not_found(DataError::no_files(path)),
            Ok(below) => below.files.into_iter().map(Ok).collect(),
            Err(error) => not_found(error),
        };
    }
    // Some shells leave patterns to programs. A file of this very name goes first.
    let pattern = path
        .to_str()
        .filter(|text| !path.exists() && text.contains(['*', '?', '[']));
    let options = MatchOptions {
        require_literal_leading_dot: true,
        ..MatchOptions::new()
    };
    let matches = pattern.and_then(|pattern| glob_with(pattern, options).ok());
    let Some(matches) = matches else {
        return vec![Ok(path.to_owned())];
    };
    let mut files: Vec<PathBuf> = matches.flatten().filter(|path| path.is_file()).collect();
    files.sort();
    if files.is_empty() {
        return not_found(DataError::no_files(path));
    }
    files.into_iter().map(Ok).collect()
}

/// The lines of standard input. An empty line is a text, too.
fn standard_input() -> anyhow::Result<Vec<NamedText>> {
    let mut input = std::io::stdin();
    if input.is_terminal() {
        return Err(Usage::new("give --text TEXT, or lines on standard input").into());
    }
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes)?;
    // A byte order mark is no part of the first word, and the last line's end begins no other.
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&bytes);
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    if bytes.trim_ascii().is_empty() {
        return Err(BadInput::new("standard input: no text".to_owned()).into());
    }
    let lines = bytes.split(|&byte| byte == b'\n').zip(1..);
    let texts = lines.map(|(line, number)| {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match str::from_utf8(line) {
            Ok(text) => NamedText {
                name: text.to_owned(),
                text: Ok(text.to_owned()),
            },
            Err(_) => NamedText {
                name: String::from_utf8_lossy(line).into_owned(),
                text: Err(DataError::not_utf8_line(number)),
            },
        }
    });
    Ok(texts.collect())
}
