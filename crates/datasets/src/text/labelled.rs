//! Texts with their classes, as people keep them: JSON Lines, CSV or TSV files, or a folder with a
//! folder of text files per class.

use std::fmt::Formatter;
use std::io::{BufRead, BufReader, ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use spec::{not_json, plain};

use crate::error::{DataError, one_line};
use crate::table::file::TableFile;
use crate::table::value::quoted;
use crate::{files, own};

/// A file or folder of texts.
pub(crate) enum LabelledTexts {
    Lines(PathBuf),
    Table(TableFile),
    Folders(PathBuf, own::ClassFolders),
}

/// The keys or columns of text and class.
#[derive(Clone, Copy)]
pub(crate) struct Names<'a> {
    pub text: &'a str,
    pub label: &'a str,
}

/// The longest line.
const MOST_BYTES: u64 = 16 << 20;

impl LabelledTexts {
    /// Finds out what is at a path: by its ending, or a folder. `key` names it in the config.
    ///
    /// # Errors
    ///
    /// If there is nothing, or something else.
    pub fn open(path: &Path, key: &'static str) -> Result<Self, DataError> {
        let metadata = match std::fs::metadata(path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let path = path.to_owned();
                return Err(DataError::NotFound { path, key });
            }
            Err(error) => return Err(DataError::io(path)(error)),
        };
        if metadata.is_dir() {
            let folders = own::class_folders(path, key)?;
            return Ok(Self::Folders(path.to_owned(), folders));
        }
        if is_lines(path) {
            Ok(Self::Lines(path.to_owned()))
        } else if ends_in(path, &[".csv", ".tsv"]) {
            Ok(Self::Table(TableFile::open(path, key)?))
        } else {
            let problem =
                "not a table of texts; name a .jsonl, .csv or .tsv file, or a folder of classes";
            Err(DataError::own(path, problem))
        }
    }

    /// What it is, for errors about its classes.
    pub fn what(&self) -> &'static str {
        match self {
            Self::Lines(_) | Self::Table(_) => "the file",
            Self::Folders(..) => "the folder",
        }
    }

    /// Calls `action` with the place, class and text of each example. Returns the number of files
    /// that were passed over.
    ///
    /// # Errors
    ///
    /// The first of `action`, or if an example has no text or class, or there are no examples.
    pub fn for_each(
        &self,
        names: Names,
        mut action: impl FnMut(&str, &str, &str) -> Result<(), DataError>,
    ) -> Result<usize, DataError> {
        let mut any = false;
        let mut counted = |place: &str, class: &str, text: &str| {
            any = true;
            action(place, class, text)
        };
        let (path, skipped) = match self {
            Self::Lines(path) => (path, for_each_line(path, names, &mut counted).map(|()| 0)?),
            Self::Table(file) => (
                &file.path,
                for_each_row(file, names, &mut counted).map(|()| 0)?,
            ),
            Self::Folders(path, folders) => (path, for_each_file(folders, &mut counted)?),
        };
        if any {
            Ok(skipped)
        } else {
            Err(DataError::own(path, "no texts to read; add some"))
        }
    }
}

/// Whether a file holds JSON Lines, by its ending.
pub(crate) fn is_lines(path: &Path) -> bool {
    ends_in(path, &[".jsonl", ".ndjson"])
}

/// Whether a name ends so, in any case and gzipped or not.
fn ends_in(path: &Path, endings: &[&str]) -> bool {
    let name = path.to_string_lossy().to_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    endings.iter().any(|ending| name.ends_with(ending))
}

type Action<'a> = &'a mut dyn FnMut(&str, &str, &str) -> Result<(), DataError>;

fn for_each_line(path: &Path, names: Names, action: Action) -> Result<(), DataError> {
    for_each_json(BufReader::new(files::opened(path)?), path, names, action)
}

/// Reads the texts of JSON Lines.
pub(crate) fn for_each_json(
    file: impl BufRead,
    path: &Path,
    names: Names,
    action: Action,
) -> Result<(), DataError> {
    for_each_object(file, path, |place, keys| {
        let bad = |problem: String| DataError::Own {
            place: place.to_owned(),
            problem: one_line(&problem),
        };
        let text = value_of(keys, names.text).map_err(bad)?;
        let Value::String(text) = text else {
            return Err(bad(wrong(names.text, text, "a text")));
        };
        let class = match value_of(keys, names.label).map_err(bad)? {
            Value::String(class) if !class.trim().is_empty() => class.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            Value::Bool(answer) => answer.to_string(),
            other @ (Value::String(_) | Value::Null | Value::Array(_) | Value::Object(_)) => {
                return Err(bad(wrong(names.label, other, "a class")));
            }
        };
        action(place, &class, text)
    })
}

/// Calls `action` with the place and the keys of each line. Empty lines are passed over.
pub(crate) fn for_each_object(
    mut file: impl BufRead,
    path: &Path,
    mut action: impl FnMut(&str, &Map<String, Value>) -> Result<(), DataError>,
) -> Result<(), DataError> {
    let mut bytes = Vec::new();
    for number in 1.. {
        bytes.clear();
        let read = (&mut file)
            .take(MOST_BYTES + 1)
            .read_until(b'\n', &mut bytes);
        let read = read.map_err(|error| DataError::unreadable_own(path, &error))?;
        if read == 0 {
            break;
        }
        let place = format!("{}:{number}", path.display());
        let bad = |problem: String| DataError::Own {
            place: place.clone(),
            problem: one_line(&problem),
        };
        if read as u64 > MOST_BYTES {
            return Err(bad(format!(
                "a line of over {MOST_BYTES} bytes; split the text"
            )));
        }
        let line = str::from_utf8(&bytes)
            .map_err(|_| bad("not UTF-8 text; save the file as UTF-8".to_owned()))?;
        let line = if number == 1 {
            line.strip_prefix('\u{feff}').unwrap_or(line)
        } else {
            line
        };
        if line.trim().is_empty() {
            continue;
        }
        let Keys(keys) =
            serde_json::from_str(line).map_err(|error| bad(json_problem(line, &error)))?;
        action(&place, &keys)?;
    }
    Ok(())
}

/// What is wrong with a line.
fn json_problem(line: &str, error: &serde_json::Error) -> String {
    let said = error.to_string();
    if error.is_data() {
        return plain(&said);
    }
    let column = error.column();
    let rest = line.get(column.saturating_sub(1)..).unwrap_or_default();
    format!("not JSON: column {column}: {}", not_json(&said, rest))
}

/// An object whose keys are distinct; serde_json would keep the last of equal ones.
struct Keys(Map<String, Value>);

impl<'de> Deserialize<'de> for Keys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(KeysVisitor)
    }
}

struct KeysVisitor;

impl<'de> Visitor<'de> for KeysVisitor {
    type Value = Keys;

    fn expecting(&self, formatter: &mut Formatter) -> std::fmt::Result {
        formatter.write_str("an object; each line is {\"key\": value, ...}")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Keys, A::Error> {
        let mut keys = Map::new();
        while let Some((key, value)) = access.next_entry::<String, Value>()? {
            if keys.contains_key(&key) {
                let problem = format!("the key {} occurs twice; remove one", quoted(&key));
                return Err(A::Error::custom(problem));
            }
            keys.insert(key, value);
        }
        Ok(Keys(keys))
    }
}

fn value_of<'a>(keys: &'a Map<String, Value>, name: &str) -> Result<&'a Value, String> {
    keys.get(name).ok_or_else(|| {
        let known: Vec<String> = keys.keys().take(20).map(|key| quoted(key)).collect();
        format!("no key {}; there are {}", quoted(name), known.join(", "))
    })
}

fn wrong(name: &str, found: &Value, expected: &str) -> String {
    let found = quoted(&found.to_string());
    format!("{} is {found}, not {expected}", quoted(name))
}

fn for_each_row(file: &TableFile, names: Names, action: Action) -> Result<(), DataError> {
    let (text, label) = (file.place(names.text)?, file.place(names.label)?);
    file.for_each_row(|row| {
        let class = row.cell(label)?.trim();
        if class.is_empty() {
            return Err(row.bad_cell(label, "is empty; name the class or remove the row"));
        }
        let place = format!("{}:{}", file.path.display(), row.line);
        action(&place, class, row.cell(text)?)
    })
}

fn for_each_file(folders: &own::ClassFolders, action: Action) -> Result<usize, DataError> {
    let mut skipped = folders.skipped;
    for (class, path) in folders.classes.iter().zip(&folders.paths) {
        let below = files::below(path)?;
        skipped += below.skipped;
        for path in below.files {
            let text = files::read_text(&path)?;
            action(&path.display().to_string(), class, &text)?;
        }
    }
    Ok(skipped)
}
