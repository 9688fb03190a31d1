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
        let mut name = stem(path)?;
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Io {
            path: path.to_owned(),
            source,
        })?;
        let origin = path.display().to_string();
        let mut experiment: Experiment = parse(&text, &origin)?;
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

/// The file's stem, which becomes a folder's name.
pub(crate) fn stem(path: &Path) -> Result<String, ConfigError> {
    let stem = path
        .file_stem()
        .and_then(|stem| stem.to_str())
        .unwrap_or("");
    let plain = |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
    match !stem.is_empty() && stem.chars().all(plain) && !stem.starts_with('.') {
        true => Ok(stem.to_owned()),
        false => Err(ConfigError::Name {
            path: path.to_owned(),
        }),
    }
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
