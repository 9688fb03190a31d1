//! What is to be classified, as the numbers that the model reads.

use std::io::{BufRead, IsTerminal, Read};
use std::path::{Path, PathBuf};

use datasets::picture::{self, Form, Picture};
use datasets::{Columns, DataError, Preprocessing, Vocabulary, files, table};
use glob::{MatchOptions, glob_with};
use present::count;
use rayon::prelude::*;
use runner::FinishedRun;
use serde_json::{Map, Value, json};

use super::InputArguments;
use crate::exit::{BadInput, Usage};

/// Some of the inputs in order, and the numbers of those that can be read.
pub struct Inputs {
    pub inputs: Vec<Input>,
    pub encoded: datasets::Inputs,
}

/// What is done with the inputs, some at a time.
type Answer<'a> = &'a mut dyn FnMut(Inputs) -> anyhow::Result<()>;

/// How many inputs are read before they are answered. There may be any number of them.
const AT_ONCE: usize = 8192;

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
    /// The errors of the inputs that cannot be read, in order.
    pub fn errors(&self) -> impl Iterator<Item = &DataError> {
        let inputs = self.inputs.iter();
        inputs.filter_map(|input| input.read.as_ref().err())
    }
}

/// Reads the inputs that the arguments name and has them answered.
///
/// # Errors
///
/// If the arguments name nothing that the model reads, or answering fails. An input that cannot be read is
/// no error here.
pub fn answer_all(
    arguments: &InputArguments,
    as_is: bool,
    run: &FinishedRun,
    answer: Answer,
) -> anyhow::Result<()> {
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
            let reader = Texts {
                words: &words,
                length: spec.features(),
                gathered: Gathered::new("text", datasets::Inputs::Tokens, answer),
            };
            if !text_files.is_empty() {
                reader.of_files(text_files)
            } else if texts.is_empty() {
                reader.of_standard_input()
            } else {
                reader.of_arguments(texts)
            }
        }
        Preprocessing::Columns(columns) => {
            let Some(path) = csv else {
                return Err(needs("the rows of a table: give --csv FILE").into());
            };
            let gathered = Gathered::new("row", datasets::Inputs::Numbers, answer);
            rows(path, &columns, gathered)
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
            pictures(
                images,
                form,
                Gathered::new("image", datasets::Inputs::Bytes, answer),
            )
        }
    }
}

/// Inputs that were read and not answered yet.
struct Gathered<'a, T> {
    kind: &'static str,
    inputs: Vec<Input>,
    numbers: Vec<T>,
    encoded: fn(Vec<T>) -> datasets::Inputs,
    answer: Answer<'a>,
}

impl<'a, T: Copy> Gathered<'a, T> {
    fn new(
        kind: &'static str,
        encoded: fn(Vec<T>) -> datasets::Inputs,
        answer: Answer<'a>,
    ) -> Self {
        Self {
            kind,
            inputs: Vec::new(),
            numbers: Vec::new(),
            encoded,
            answer,
        }
    }

    /// Adds an input with its numbers.
    fn add(
        &mut self,
        name: String,
        read: Result<(How, impl AsRef<[T]>), DataError>,
    ) -> anyhow::Result<()> {
        let read = read.map(|(how, numbers)| {
            self.numbers.extend_from_slice(numbers.as_ref());
            how
        });
        let kind = self.kind;
        self.inputs.push(Input { kind, name, read });
        if self.inputs.len() == AT_ONCE {
            self.finish()?;
        }
        Ok(())
    }

    /// Has those answered that are not yet.
    fn finish(&mut self) -> anyhow::Result<()> {
        if self.inputs.is_empty() {
            return Ok(());
        }
        (self.answer)(Inputs {
            inputs: std::mem::take(&mut self.inputs),
            encoded: (self.encoded)(std::mem::take(&mut self.numbers)),
        })
    }
}

impl How {
    fn new<const N: usize>(notes: Vec<String>, keys: [(&str, usize); N]) -> Self {
        let keys = keys.map(|(key, count)| (key.to_owned(), json!(count)));
        Self {
            notes,
            keys: keys.into_iter().collect(),
        }
    }
}

fn pictures(named: &[PathBuf], form: Form, mut gathered: Gathered<u8>) -> anyhow::Result<()> {
    let files: Vec<Result<PathBuf, NotFound>> = named.iter().flat_map(|path| found(path)).collect();
    let mut files = files.into_iter();
    loop {
        let some: Vec<_> = files.by_ref().take(AT_ONCE).collect();
        if some.is_empty() {
            return gathered.finish();
        }
        // In parallel: a folder may hold thousands.
        let read: Vec<(String, Result<Picture, DataError>)> = some
            .into_par_iter()
            .map(|file| match file {
                Ok(path) => (path.display().to_string(), seen(&path, form)),
                Err(NotFound { name, error }) => (name, Err(error)),
            })
            .collect();
        for (name, read) in read {
            let read = read.map(|picture| {
                let keys = [("steps".to_owned(), json!(picture.steps))];
                let how = How {
                    notes: picture.steps,
                    keys: keys.into_iter().collect(),
                };
                (how, picture.pixels)
            });
            gathered.add(name, read)?;
        }
    }
}

fn rows(path: &Path, columns: &Columns, mut gathered: Gathered<f32>) -> anyhow::Result<()> {
    let mut count_of_rows = 0_u64;
    table::read_rows(path, columns, |line, read| {
        count_of_rows += 1;
        let read = read.map(|(noted, numbers)| {
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
            (How::new(notes, keys), numbers)
        });
        gathered.add(format!("{}:{line}", path.display()), read)
    })?;
    if count_of_rows == 0 {
        let problem = format!("{}: no rows below the header; add some", path.display());
        return Err(BadInput::new(problem).into());
    }
    gathered.finish()
}

/// Texts, and what reads them.
struct Texts<'a> {
    words: &'a Vocabulary,
    /// The number of token ids that the model reads.
    length: usize,
    gathered: Gathered<'a, i32>,
}

impl Texts<'_> {
    fn add(&mut self, name: String, text: Result<String, DataError>) -> anyhow::Result<()> {
        let read = text.and_then(|text| {
            let (ids, coverage) = self.words.read(&text, self.length);
            if coverage.known == 0 {
                return Err(DataError::no_known_word(&name));
            }
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
            Ok((How::new(notes, keys), ids))
        });
        self.gathered.add(name, read)
    }

    /// Texts that are their own names.
    fn of_arguments(mut self, texts: &[String]) -> anyhow::Result<()> {
        for text in texts {
            self.add(text.clone(), Ok(text.clone()))?;
        }
        self.gathered.finish()
    }

    fn of_files(mut self, named: &[PathBuf]) -> anyhow::Result<()> {
        for file in named.iter().flat_map(|path| found(path)) {
            match file {
                Ok(path) => self.add(path.display().to_string(), files::read_text(&path))?,
                Err(NotFound { name, error }) => self.add(name, Err(error))?,
            }
        }
        self.gathered.finish()
    }

    /// The lines of standard input. An empty line is a text, too.
    fn of_standard_input(mut self) -> anyhow::Result<()> {
        let input = std::io::stdin();
        if input.is_terminal() {
            return Err(Usage::new("give --text TEXT, or lines on standard input").into());
        }
        let mut input = input.lock();
        let mut line = Vec::new();
        let mut has_text = false;
        for number in 1.. {
            line.clear();
            let limited = &mut (&mut input).take(files::MOST_BYTES + 1);
            if limited.read_until(b'\n', &mut line)? == 0 {
                break;
            }
            if limited.limit() == 0 {
                let most = files::MOST_BYTES >> 20;
                let problem = format!("standard input, line {number}: over {most} MiB; split it");
                return Err(BadInput::new(problem).into());
            }
            let text = line.strip_suffix(b"\n").unwrap_or(&line);
            let text = text.strip_suffix(b"\r").unwrap_or(text);
            // A byte order mark is no part of the first word. Joined files have one at each beginning.
            let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
            has_text |= !text.trim_ascii().is_empty();
            match str::from_utf8(text) {
                Ok(text) => self.add(text.to_owned(), Ok(text.to_owned()))?,
                Err(_) => {
                    let name = String::from_utf8_lossy(text).into_owned();
                    self.add(name, Err(DataError::not_utf8_line(number)))?;
                }
            }
        }
        if has_text {
            self.gathered.finish()
        } else {
            Err(BadInput::new("standard input: no text".to_owned()).into())
        }
    }
}

/// A picture in which something is to be seen.
fn seen(path: &Path, form: Form) -> Result<Picture, DataError> {
    let picture = picture::read(path, form)?;
    if picture.is_blank() {
        return Err(DataError::blank(path));
    }
    Ok(picture)
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
