use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde::de::DeserializeOwned;

use super::nearest::with_nearest;
use super::{ConfigError, Experiment, Override, Plan};

impl Plan {
    /// Reads a config file, applies the overrides in their order and checks the outcome.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, is not a config, or holds a value out of range.
    pub fn load(path: &Path, overrides: &[Override]) -> Result<Self, ConfigError> {
        // What cannot be the name of a config is said first.
        stem(path)?;
        Self::from_text(path, &read(path)?, overrides)
    }

    /// As [`load`](Self::load), of the text of the file that is called `path`.
    ///
    /// # Errors
    ///
    /// When the text is not a config, or holds a value out of range.
    pub fn from_text(path: &Path, text: &str, overrides: &[Override]) -> Result<Self, ConfigError> {
        let mut name = stem(path)?;
        let origin = path.display().to_string();
        let mut experiment: Experiment = parse(text, &origin)?;
        let mut origins = vec![origin];
        for change in overrides {
            let changed = with_override(&experiment, change)?;
            if changed.decisive() != experiment.decisive() {
                name = format!("{name}+{}", change.name());
            }
            experiment = changed;
            origins.push(change.origin());
        }
        experiment.check(name, &origins.join(", "))
    }
}

/// No config and no sweep is larger.
const MOST_BYTES: u64 = 1 << 20;

/// The text of a file.
pub(crate) fn read(path: &Path) -> Result<String, ConfigError> {
    let mut text = String::new();
    let file = File::open(path);
    let read = file.and_then(|file| file.take(MOST_BYTES + 1).read_to_string(&mut text));
    match read {
        Ok(bytes) if bytes as u64 > MOST_BYTES => Err(ConfigError::Invalid {
            origin: path.display().to_string(),
            key: String::new(),
            problem: format!("over {MOST_BYTES} bytes, which no config has; name another file"),
        }),
        Ok(_) => Ok(text),
        Err(source) => Err(ConfigError::Io {
            path: path.to_owned(),
            source,
        }),
    }
}

/// The file's stem, which becomes a folder's name.
pub(crate) fn stem(path: &Path) -> Result<String, ConfigError> {
    let stem = path
        .file_stem()
        .and_then(|stem| stem.to_str())
        .unwrap_or("");
    match is_name(stem, "-_.") {
        true => Ok(stem.to_owned()),
        false => Err(ConfigError::Name {
            path: path.to_owned(),
        }),
    }
}

/// Whether every file system takes it for a folder, and that below the one it is put in.
pub(crate) fn is_name(name: &str, marks: &str) -> bool {
    let plain = |character: char| character.is_ascii_alphanumeric() || marks.contains(character);
    !name.is_empty() && name.chars().all(plain) && !name.starts_with('.')
}

/// What the text of a config or of a sweep says.
pub(crate) fn parse<T: DeserializeOwned>(text: &str, origin: &str) -> Result<T, ConfigError> {
    let mut json = serde_json::Deserializer::from_str(text);
    let parsed = serde_path_to_error::deserialize(&mut json);
    let said = parsed.map_err(|error| {
        let inner = error.inner();
        let place = format!("{origin}:{}:{}", inner.line(), inner.column());
        invalid(place, &error.path().to_string(), &inner.to_string())
    })?;
    json.end().map_err(|error| {
        let place = format!("{origin}:{}:{}", error.line(), error.column());
        invalid(place, "", &error.to_string())
    })?;
    Ok(said)
}

fn with_override(experiment: &Experiment, change: &Override) -> Result<Experiment, ConfigError> {
    let mut value = experiment.to_value();
    change.apply(&mut value)?;
    serde_path_to_error::deserialize(value).map_err(|error| {
        invalid(
            change.origin(),
            &error.path().to_string(),
            &error.inner().to_string(),
        )
    })
}

fn invalid(origin: String, key: &str, message: &str) -> ConfigError {
    // serde_json repeats the position, which `origin` has already.
    let message = message.split(" at line ").next().unwrap_or(message);
    ConfigError::Invalid {
        origin,
        key: key.to_owned(),
        problem: with_nearest(message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_end_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("long.json");
        std::fs::write(&path, " ".repeat(1 << 20)).unwrap();
        assert_eq!(read(&path).unwrap().len(), 1 << 20);
        std::fs::write(&path, " ".repeat((1 << 20) + 1)).unwrap();
        let error = read(&path).unwrap_err().to_string();
        assert!(error.contains("long.json: over 1048576 bytes"), "{error}");
    }

    #[test]
    fn an_error_quotes_a_file_on_one_line() {
        let text = r#"{ "data": { "a\u001b[2J\nb": {} } }"#;
        let error = Plan::from_text(Path::new("a.json"), text, &[]).unwrap_err();
        let error = error.to_string();
        assert!(error.contains(r"unknown name `a\u{1b}[2J\nb`"), "{error}");
        assert!(!error.contains(char::is_control), "{error}");
    }
}
