use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use record::{RunFolder, value_at};
use serde_json::Value;
use spec::{plain, read_at_most};

use crate::error::ConfigError;
use crate::experiment::Experiment;
use crate::identity::{to_value, without_defaults};
use crate::name::{MARKS, is_name, with_changes};
use crate::origin::Origin;
use crate::overrides::{Override, is_below};
use crate::parse::{Kind, key_of, parse};
use crate::plan::Plan;

impl Plan {
    /// Reads a config file, applies the overrides in order and checks the outcome.
    ///
    /// # Errors
    ///
    /// If the file's name is not valid, the file cannot be read or is not a config, a value is out
    /// of range, or keys do not fit each other.
    pub fn load(path: &Path, overrides: &[Override]) -> Result<Self, ConfigError> {
        // Before the file is read: an invalid name is the clearer error.
        stem(path)?;
        Self::from_text(path, &read(path)?, overrides)
    }

    /// Like [`load`](Self::load), but takes the text of the file at `path`.
    ///
    /// # Errors
    ///
    /// As for [`load`](Self::load).
    pub fn from_text(path: &Path, text: &str, overrides: &[Override]) -> Result<Self, ConfigError> {
        let stem = stem(path)?;
        let file = path.display().to_string();
        let base: Experiment = parse(text, &file, Kind::Config)?;
        let mut experiment = base.clone();
        let mut origin = Origin::text(file, text);
        for change in overrides {
            experiment = with_override(&experiment, change)?;
            origin.add(change);
        }
        let changes = changes(&base, &experiment, overrides);
        let plan = Self::checked(
            with_changes(&stem, &changes),
            experiment,
            path.parent().unwrap_or(Path::new("")).to_owned(),
            origin,
        )?;
        Ok(plan.changed_by(overrides))
    }
}

/// The keys to show in the name, sorted, with their values. These are the keys that differ from the
/// base, without defaults. The name does not depend on how a value is written or on the order of the
/// overrides.
fn changes(
    base: &Experiment,
    changed: &Experiment,
    overrides: &[Override],
) -> Vec<(String, Value)> {
    if overrides.is_empty() {
        return Vec::new();
    }
    let (mut before, mut after) = (to_value(base), to_value(changed));
    let mut short = without_defaults(changed);
    // The last one wins.
    let last: BTreeMap<&str, &Override> = overrides
        .iter()
        .map(|change| (change.key.as_str(), change))
        .collect();
    let mut changes = Vec::new();
    for (&key, change) in &last {
        let is_undeciding = record::is_undeciding(key);
        // If a parent was set too, its value contains this one.
        let is_within_another = last.keys().any(|other| is_below(key, other));
        let key = change.key_in(&mut after);
        let now = value_at(&mut after, &key).cloned();
        let is_new = now.as_ref() != value_at(&mut before, &key).as_deref();
        let is_named = (is_new || change.is_always_named) && !is_undeciding && !is_within_another;
        // A default is missing from the short form.
        let value = value_at(&mut short, &key).cloned().or(now);
        if let (true, Some(value)) = (is_named, value) {
            changes.push((key, value));
        }
    }
    changes.sort_by(|(one, _), (other, _)| one.cmp(other));
    changes
}

/// The largest accepted size of a config or sweep file.
const MOST_BYTES: u64 = 1 << 20;

/// Reads a config or sweep file.
pub(crate) fn read(path: &Path) -> Result<String, ConfigError> {
    let unsuitable = |problem: String| ConfigError::Invalid {
        origin: path.display().to_string(),
        key: String::new(),
        problem,
    };
    let read = File::open(path).and_then(|file| read_at_most(file, MOST_BYTES));
    let read = read.map_err(|source| ConfigError::Io {
        path: path.to_owned(),
        source,
    })?;
    let bytes = read.ok_or_else(|| {
        unsuitable(format!(
            "over {MOST_BYTES} bytes, too large for a config; use another file"
        ))
    })?;
    let text = String::from_utf8(bytes).map_err(|_| {
        unsuitable("not UTF-8 text (Windows PowerShell writes UTF-16); save it as UTF-8".to_owned())
    })?;
    // As Windows may save it.
    Ok(text.trim_start_matches('\u{feff}').to_owned())
}

/// The file's stem, which becomes the name of the experiment's folder. The config in a run's folder
/// belongs to the experiment that the folder is in.
pub(crate) fn stem(path: &Path) -> Result<String, ConfigError> {
    let run = path.parent().filter(|folder| {
        path.ends_with(RunFolder::CONFIG) && folder.join(RunFolder::METRICS).is_file()
    });
    if let Some(name) = run
        .and_then(Path::parent)
        .and_then(Path::file_name)
        .and_then(|name| name.to_str())
        .filter(|name| is_name(name, MARKS))
    {
        return Ok(name.to_owned());
    }
    let stem = path
        .file_stem()
        .and_then(|stem| stem.to_str())
        .unwrap_or("");
    if is_name(stem, "-_.") {
        Ok(stem.to_owned())
    } else {
        Err(ConfigError::Name {
            path: path.to_owned(),
        })
    }
}

fn with_override(experiment: &Experiment, change: &Override) -> Result<Experiment, ConfigError> {
    let mut value = to_value(experiment);
    change.apply(&mut value, || without_defaults(experiment))?;
    serde_path_to_error::deserialize(value).map_err(|error| ConfigError::Invalid {
        origin: change.origin(),
        key: key_of(error.path()),
        problem: plain(&error.inner().to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_too_large_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("long.json");
        std::fs::write(&path, " ".repeat(1 << 20)).unwrap();
        assert_eq!(read(&path).unwrap().len(), 1 << 20);
        std::fs::write(&path, " ".repeat((1 << 20) + 1)).unwrap();
        let error = read(&path).unwrap_err().to_string();
        assert!(error.contains("long.json: over 1048576 bytes"), "{error}");
    }

    #[test]
    fn a_file_of_another_encoding_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("windows.json");
        let text = "\u{feff}{}".encode_utf16().flat_map(u16::to_le_bytes);
        std::fs::write(&path, text.collect::<Vec<u8>>()).unwrap();
        let error = read(&path).unwrap_err().to_string();
        assert!(error.contains("windows.json: not UTF-8 text"), "{error}");
    }

    #[test]
    fn an_error_quotes_a_file_on_one_line() {
        let text = r#"{ "data": { "a\u001b[2J\nb": {} } }"#;
        let error = Plan::from_text(Path::new("a.json"), text, &[]).unwrap_err();
        let error = error.to_string();
        assert!(error.contains(r"unknown name `a\u{1b}[2J\nb`"), "{error}");
        assert!(!error.contains(char::is_control), "{error}");
    }

    #[test]
    fn a_range_is_refused_with_its_line() {
        let text = "{ \"data\": { \"mnist\": {\n  \"validation_fraction\": 30 } } }";
        let error = Plan::from_text(Path::new("a.json"), text, &[]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "a.json:2:27: data.mnist.validation_fraction: 30 is out of range, must be at least 0 \
             and below 1"
        );
    }

    const BASE: &str = r#"{
        "data": { "synthetic_digits": {} },
        "model": { "hidden_mlp": { "hidden": [8] } },
        "optimizer": { "sgd": {} },
        "training": { "epochs": 2 }
    }"#;

    fn name(overrides: &[&str]) -> String {
        let overrides: Vec<Override> = overrides.iter().map(|text| text.parse().unwrap()).collect();
        let plan = Plan::from_text(Path::new("exp.json"), BASE, &overrides);
        plan.unwrap().name().to_owned()
    }

    #[test]
    fn the_same_config_has_the_same_name() {
        let expected = "exp+optimizer.sgd.learning_rate=0.05+training.epochs=1";
        for overrides in [
            ["optimizer.sgd.learning_rate=0.05", "training.epochs=1"],
            ["training.epochs=1", "optimizer.sgd.learning_rate=5e-2"],
            ["optimizer.sgd.learning_rate=0.050", "training.epochs=1"],
        ] {
            assert_eq!(name(&overrides), expected);
        }
        let twice = [
            "training.epochs=7",
            "training.epochs=1",
            "optimizer.sgd.learning_rate=0.05",
        ];
        assert_eq!(name(&twice), expected);
    }

    #[test]
    fn overrides_without_effect_are_not_in_the_name() {
        assert_eq!(
            name(&["training.epochs=2", "seeds=[3]", "expect={}"]),
            "exp"
        );
        assert_eq!(name(&["training.epochs=3", "training.epochs=2"]), "exp");
        assert_eq!(name(&[r#"optimizer={"adam":{}}"#]), "exp+optimizer=adam");
        let within = [
            r#"optimizer={"adam":{}}"#,
            "optimizer.adam.learning_rate=0.01",
        ];
        assert_eq!(name(&within), "exp+optimizer=adam_learning_rate_0.01");
    }

    #[test]
    fn a_value_alone_is_named_by_the_key_it_sets() {
        let base = r#"{
            "data": { "synthetic_digits": {} },
            "model": { "sequential": [
                "flatten", { "dense": { "units": 8, "name": "head" } }, { "dropout": 0.5 }, "output"
            ] },
            "optimizer": { "sgd": {} },
            "training": { "epochs": 2 }
        }"#;
        let name = |change: &str| {
            let plan = Plan::from_text(Path::new("exp.json"), base, &[change.parse().unwrap()]);
            plan.unwrap().name().to_owned()
        };
        let dropout = "exp+model.sequential.2.dropout.rate=0.25";
        assert_eq!(name("model.sequential.2.dropout=0.25"), dropout);
        assert_eq!(name("model.sequential.2.dropout.rate=0.25"), dropout);
        assert_eq!(
            name("model.sequential.2.dropout=0"),
            "exp+model.sequential.2.dropout.rate=0"
        );
        assert_eq!(
            name(r#"model.sequential.1={ "dense": 4 }"#),
            "exp+model.sequential.1=dense_units_4"
        );
    }
}
