use std::path::{Path, PathBuf};

use record::{DataSummary, Record, join_key};
use serde_json::Value;
use spec::{DataSpec, Layer, Problem, plain};

use crate::check::check_model;
use crate::error::ConfigError;
use crate::experiment::Experiment;
use crate::identity::{signature, to_value};
use crate::name::{MARKS, is_name};
use crate::origin::Origin;
use crate::overrides::{Override, is_below};
use crate::parse::key_of;
use crate::seeds::Seeds;

/// A checked experiment: every value is in range and every default is filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    name: String,
    experiment: Experiment,
    /// The folder that relative paths in the config start from.
    folder: PathBuf,
    origin: Origin,
    /// Whether the expectations are meant for this config.
    is_as_expected: bool,
}

impl Plan {
    /// Checks an experiment; `folder` is its file's.
    pub(crate) fn checked(
        name: String,
        experiment: Experiment,
        folder: PathBuf,
        origin: Origin,
    ) -> Result<Self, ConfigError> {
        match experiment.check() {
            Ok(()) => Ok(Self {
                name,
                experiment,
                folder,
                origin,
                is_as_expected: true,
            }),
            Err(problem) => Err(ConfigError::of(&origin, problem)),
        }
    }

    /// The plan of a run, taken from its record; `origin` names the record's file in errors. Relative
    /// paths in its config start from `folder`.
    ///
    /// # Errors
    ///
    /// If the record's config is not valid in this version, or its experiment's name is not valid.
    pub fn of(record: &Record, folder: PathBuf, origin: &str) -> Result<Self, ConfigError> {
        // The name becomes a folder's name.
        if !is_name(&record.experiment, MARKS) {
            return Err(ConfigError::Invalid {
                origin: origin.to_owned(),
                key: "experiment".to_owned(),
                problem: format!(
                    "{:?} is not valid; use only letters, digits, '-', '_', '.', '+' and '='",
                    record.experiment
                ),
            });
        }
        let experiment: Experiment =
            serde_path_to_error::deserialize(&record.config).map_err(|error| {
                ConfigError::Invalid {
                    origin: origin.to_owned(),
                    key: join_key("config", &key_of(error.path())),
                    problem: plain(&error.inner().to_string()),
                }
            })?;
        let origin = Origin::file(origin);
        Self::checked(record.experiment.clone(), experiment, folder, origin)
    }

    /// The experiment's name: the config file's stem and the keys changed on the command line, or
    /// the name set by [`named`](Self::named).
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The folder that relative paths in the config start from: the config file's.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The same plan with its relative paths starting from another folder.
    #[must_use]
    pub fn in_folder(mut self, folder: PathBuf) -> Self {
        self.folder = folder;
        self
    }

    /// Whether the config names files of its own.
    pub fn has_paths(&self) -> bool {
        let Experiment { data, training, .. } = &self.experiment;
        !data.path_keys().is_empty() || training.initial_weights.is_some()
    }

    /// The config's note for its readers.
    pub fn about(&self) -> Option<&str> {
        self.experiment.about.as_deref()
    }

    /// The seeds of its runs.
    pub fn seeds(&self) -> &Seeds {
        &self.experiment.seeds
    }

    /// The same plan with other seeds.
    #[must_use]
    pub fn with_seeds(mut self, seeds: Seeds) -> Self {
        self.experiment.seeds = seeds;
        self
    }

    /// The same plan with another name: letters, digits, `-`, `_`, `.`, `+` and `=`, at most 200, and
    /// no dot in front.
    ///
    /// # Errors
    ///
    /// If the name is not valid.
    pub fn named(mut self, name: &str) -> Result<Self, ConfigError> {
        if !is_name(name, MARKS) {
            return Err(ConfigError::GivenName {
                name: name.to_owned(),
            });
        }
        self.name = name.to_owned();
        Ok(self)
    }

    /// The same plan, changed by overrides. Expectations are about the config as it is written; those of
    /// the overrides themselves are about the changed one.
    pub(crate) fn changed_by(mut self, overrides: &[Override]) -> Self {
        let mut keys = overrides.iter().map(|change| change.key.as_str());
        let is_expectation = |key: &str| key == "expect" || is_below(key, "expect");
        self.is_as_expected = keys.clone().all(record::is_undeciding) || keys.any(is_expectation);
        self
    }

    /// Whether the expectations are about this config: not where an override changed its numbers.
    pub fn is_as_expected(&self) -> bool {
        self.is_as_expected
    }

    /// The same plan with initial weights made from the seed.
    #[must_use]
    pub fn without_initial_weights(&self) -> Self {
        let mut plan = self.clone();
        plan.experiment.training.initial_weights = None;
        plan
    }

    /// The config with every default filled in.
    pub fn config(&self) -> Value {
        to_value(&self.experiment)
    }

    /// Whether both configs give the same numbers: they may differ only in notes, expectations and
    /// seeds.
    pub fn is_same_config(&self, other: &Self) -> bool {
        let deciding = |plan: &Self| record::deciding(&plan.config());
        deciding(self) == deciding(other)
    }

    /// The signature of this plan's runs: the hash of everything that affects their numbers, without
    /// the seed. Runs with the same signature and seed are the same run, whatever their names.
    ///
    /// `data` describes the data that were read; `initial_weights` is the hash of the file of initial
    /// weights, if there is one.
    pub fn signature(&self, data: &DataSummary, initial_weights: Option<&str>) -> String {
        signature(&self.experiment, data, initial_weights)
    }

    /// Shape and classes of the data, if they are known before the data are read.
    pub fn spec(&self) -> Option<DataSpec> {
        self.experiment.data.spec()
    }

    /// Checks the model against the data that were read.
    ///
    /// # Errors
    ///
    /// If the model cannot read them or would have too many parameters.
    pub fn check_data(&self, data: &DataSpec) -> Result<(), ConfigError> {
        let checked = check_model(&self.experiment, data);
        checked.map_err(|problem| ConfigError::of(&self.origin, problem))?;
        self.check_pinned(data)
    }

    /// The same plan with another name and a changed config.
    pub(crate) fn with(
        &self,
        name: &str,
        change: impl FnOnce(&mut Value),
    ) -> Result<Self, ConfigError> {
        let mut config = self.config();
        change(&mut config);
        let experiment = serde_path_to_error::deserialize(config).map_err(|error| {
            let problem = Problem::new(key_of(error.path()), plain(&error.inner().to_string()));
            ConfigError::of(&self.origin, problem)
        })?;
        let origin = self.origin.clone();
        let plan = Self::checked(name.to_owned(), experiment, self.folder.clone(), origin)?;
        Ok(Self {
            is_as_expected: false,
            ..plan.named(name)?
        })
    }

    pub(crate) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The model's layers for data that passed [`check_data`](Self::check_data).
    pub fn layers(&self, data: &DataSpec) -> Vec<Layer> {
        self.experiment.model.layers(data)
    }

    /// An estimate of a training step's cost in floating-point operations; see [`Layer::step_flops`].
    pub fn step_flops(&self, data: &DataSpec) -> f64 {
        let layers = self.layers(data);
        let of_example: f64 = layers.iter().map(Layer::step_flops).sum();
        of_example * self.experiment.training.batch_size.get() as f64
    }

    /// The config's content.
    pub fn experiment(&self) -> &Experiment {
        &self.experiment
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_cannot_name_a_folder_elsewhere() {
        let file = "../../results/reference/mnist-l1/flex-seed0/result.json";
        let json = std::fs::read(file).unwrap();
        let mut record: Record = serde_json::from_slice(&json).unwrap();
        for name in ["mnist-l1", "a.b+training.epochs=1e-5+model.hidden=3_4"] {
            record.experiment = name.to_owned();
            assert_eq!(Plan::of(&record, PathBuf::new(), "r").unwrap().name(), name);
        }
        for name in [
            "",
            "..",
            "../x",
            "/x",
            "a b",
            "a\nb",
            ".hidden",
            "\u{1b}[2J",
        ] {
            record.experiment = name.to_owned();
            let error = Plan::of(&record, PathBuf::new(), "r")
                .unwrap_err()
                .to_string();
            assert_eq!(
                error,
                format!(
                    "r: experiment: {name:?} is not valid; use only letters, digits, '-', '_', \
                     '.', '+' and '='"
                )
            );
        }
    }
}
