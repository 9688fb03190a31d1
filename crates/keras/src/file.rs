//! The model's description in a file: JSON, or the `config.json` in an archive `.keras`.

use std::fs::File;
use std::io::{ErrorKind, Read, Seek};
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;
use zip::ZipArchive;
use zip::result::ZipError;

use crate::error::KerasError;

/// The most bytes of a description. Those of the largest networks have about a MiB.
const MOST: u64 = 16 << 20;

/// An object of Keras: its class and what it was made with.
#[derive(Deserialize)]
pub(crate) struct Object {
    pub class_name: String,
    pub config: Value,
    /// The shape that the model was first called with.
    pub build_config: Option<Value>,
}

pub(crate) fn read(path: &Path) -> Result<Object, KerasError> {
    let io = |source| KerasError::Io {
        path: path.to_owned(),
        source,
    };
    let no_model = |problem: String| KerasError::NoModel {
        path: path.to_owned(),
        problem,
    };
    if path.is_dir() {
        return Err(no_model(format!("a folder; {SAVE}")));
    }
    let mut file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(no_model(format!("not found; {SAVE}")));
        }
        opened => opened.map_err(io)?,
    };
    let mut start = Vec::new();
    file.by_ref().take(4).read_to_end(&mut start).map_err(io)?;
    file.rewind().map_err(io)?;
    let text = match start.as_slice() {
        b"PK\x03\x04" => in_archive(file).map_err(|problem| no_model(format!("{problem}; {SAVE}"))),
        [0xff, 0xfe, ..] => Err(no_model("UTF-16 text; save it as UTF-8".to_owned())),
        b"\x89HDF" => Err(no_model(format!("an HDF5 file; {SAVE}"))),
        _ => limited(file).map_err(io),
    }?;
    if text.len() as u64 > MOST {
        let problem = format!("more than {} MiB of description; {SAVE}", MOST >> 20);
        return Err(no_model(problem));
    }
    // As Windows may save it.
    let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&text);
    serde_json::from_slice(text)
        .map_err(|error| no_model(format!("not a model of Keras: {error}; {SAVE}")))
}

const SAVE: &str =
    "save the model with model.save(\"model.keras\"), or write model.to_json() to a file";

fn in_archive(file: File) -> Result<Vec<u8>, ZipError> {
    let mut archive = ZipArchive::new(file)?;
    Ok(limited(archive.by_name("config.json")?)?)
}

/// All bytes, or one too many.
fn limited(reader: impl Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(MOST + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
