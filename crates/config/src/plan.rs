use datasets::Encoding;
use record::Record;
use serde_json::Value;

use super::load::is_name;
use super::{ConfigError, Experiment};

/// A checked experiment: no value in it is out of range, no default is missing.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    name: String,
    experiment: Experiment,
}

impl Plan {
    /// Only `check` makes plans.
    pub(super) fn new(name: String, experiment: Experiment) -> Self {
        Self { name, experiment }
    }

    /// The plan of a run, from what its record says; `origin` is the record's file.
    ///
    /// # Errors
    ///
    /// When the record's config is none of this version's, or no experiment can be called as it is.
    pub fn of(record: &Record, origin: &str) -> Result<Self, ConfigError> {
        // It becomes a folder's name, as a config's does.
        if !is_name(&record.experiment, "-_.+=") {
            return Err(ConfigError::Invalid {
                origin: origin.to_owned(),
                key: "experiment".to_owned(),
                problem: format!("{:?} is no experiment's name", record.experiment),
            });
        }
        let experiment: Experiment =
            serde_path_to_error::deserialize(&record.config).map_err(|error| {
                ConfigError::Invalid {
                    origin: origin.to_owned(),
                    key: format!("config.{}", error.path()),
                    problem: error.inner().to_string(),
                }
            })?;
        experiment.check(record.experiment.clone(), origin)
    }

    /// The config file's stem and the keys changed on the command line.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn about(&self) -> Option<&str> {
        self.experiment.about.as_deref()
    }

    pub fn seeds(&self) -> &[u64] {
        &self.experiment.seeds
    }

    /// The same for these seeds.
    #[must_use]
    pub fn with_seeds(mut self, seeds: Vec<u64>) -> Self {
        self.experiment.seeds = seeds;
        self
    }

    /// The config with every default filled in.
    pub fn config(&self) -> Value {
        self.experiment.to_value()
    }

    /// The hash of whatever decides the numbers of a run, the seed aside: two runs with the same
    /// signature and seed are the same run.
    pub fn signature(&self) -> String {
        record::sha256(self.experiment.decisive().to_string().as_bytes())
    }

    /// How texts become tokens.
    ///
    /// # Panics
    ///
    /// If the data are no texts. After the check a model that reads texts has texts.
    pub fn encoding(&self) -> Encoding {
        let encoding = self.experiment.data.encoding();
        encoding.expect("a model that reads texts has texts")
    }

    pub fn experiment(&self) -> &Experiment {
        &self.experiment
    }
}

impl Experiment {
    pub(super) fn to_value(&self) -> Value {
        serde_json::to_value(self).expect("a config came from JSON and is JSON again")
    }

    /// The config without what changes no number of a run: prose, expectations and the seeds.
    pub(super) fn decisive(&self) -> Value {
        let mut value = self.to_value();
        if let Value::Object(keys) = &mut value {
            for key in ["$schema", "about", "seeds", "expect"] {
                keys.remove(key);
            }
        }
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_names_no_folder_elsewhere() {
        let file = "../../results/reference/mnist-l1/flex-seed0/result.json";
        let json = std::fs::read(file).unwrap();
        let mut record: Record = serde_json::from_slice(&json).unwrap();
        for name in ["mnist-l1", "a.b+training.epochs=1e-5+model.hidden=3_4"] {
            record.experiment = name.to_owned();
            assert_eq!(Plan::of(&record, "r").unwrap().name(), name);
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
            let error = Plan::of(&record, "r").unwrap_err().to_string();
            assert_eq!(
                error,
                format!("r: experiment: {name:?} is no experiment's name")
            );
        }
    }
}
