//! The sources of randomness in a run, and plans that vary one of them.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use spec::{DataSpec, Layer, LayerKind, Problem};

use crate::error::ConfigError;
use crate::experiment::Experiment;
use crate::name::with_changes;
use crate::plan::Plan;
use crate::seeds::Seeds;

/// Seeds of single sources of randomness, which replace the run's: all runs have that in common.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PinnedSeeds {
    /// The seed of the initial weights.
    #[serde(default)]
    pub init: Option<u64>,
    /// The seed of the order of the training examples.
    #[serde(default)]
    pub order: Option<u64>,
    /// The seed of the dropout masks.
    #[serde(default)]
    pub dropout: Option<u64>,
}

/// A source of randomness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// The initial weights.
    Init,
    /// The order of the training examples.
    Order,
    /// The dropout masks.
    Dropout,
    /// Which examples of a person's own data are held out.
    Split,
}

impl Source {
    /// All sources.
    pub const ALL: [Self; 4] = [Self::Init, Self::Order, Self::Dropout, Self::Split];

    /// The name on the command line and in experiments' names.
    pub fn name(self) -> &'static str {
        match self {
            Self::Init => "init",
            Self::Order => "order",
            Self::Dropout => "dropout",
            Self::Split => "split",
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Source {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut all = Self::ALL.into_iter();
        all.find(|source| source.name() == text).ok_or_else(|| {
            "use init, order, dropout, split or several, as in init,order".to_owned()
        })
    }
}

/// The seeds that a run takes its randomness from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunSeeds {
    /// Of the initial weights.
    pub init: u64,
    /// Of the order of the training examples.
    pub order: u64,
    /// Of the dropout masks.
    pub dropout: u64,
}

impl Experiment {
    /// The seeds of each source in the run with this seed.
    pub fn run_seeds(&self, seed: u64) -> RunSeeds {
        let pinned = self.pinned_seeds.clone().unwrap_or_default();
        RunSeeds {
            init: pinned.init.unwrap_or(seed),
            order: pinned.order.unwrap_or(seed),
            dropout: pinned.dropout.unwrap_or(seed),
        }
    }
}

/// Refuses pinned seeds that leave nothing to the run's seed, so that all runs would be the same one.
pub(crate) fn check_pinned(experiment: &Experiment, layers: &[Layer]) -> Result<(), Problem> {
    let Some(pinned) = &experiment.pinned_seeds else {
        return Ok(());
    };
    let has_dropout = layers.iter().any(|layer| layer.kind == LayerKind::Dropout);
    let training = &experiment.training;
    let varies = [
        pinned.init.is_none() && training.initial_weights.is_none(),
        pinned.order.is_none() && training.shuffle,
        pinned.dropout.is_none() && has_dropout,
    ];
    if varies.contains(&true) {
        return Ok(());
    }
    let mut why = Vec::new();
    if training.initial_weights.is_some() {
        why.push("initial_weights are given");
    }
    if !training.shuffle {
        why.push("shuffle is off");
    }
    if !has_dropout {
        why.push("the model has no dropout");
    }
    let why = match why.as_slice() {
        [] => String::new(),
        some => format!(" ({})", some.join(", ")),
    };
    let problem = format!("every run would be the same, as nothing is left to its seed{why}");
    Err(Problem::new("pinned_seeds", problem))
}

impl Plan {
    /// The plans whose runs differ in one source of randomness alone; the other sources keep the plan's
    /// first seed. For a split, there is a plan for each seed: it holds out other examples.
    ///
    /// # Errors
    ///
    /// If the data are not split by hearth.
    pub fn varying(&self, source: Source) -> Result<Vec<Self>, ConfigError> {
        let fixed = self.seeds()[0];
        let others = Some(fixed);
        let pinned = match source {
            Source::Init => PinnedSeeds {
                order: others,
                dropout: others,
                init: None,
            },
            Source::Order => PinnedSeeds {
                init: others,
                dropout: others,
                order: None,
            },
            Source::Dropout => PinnedSeeds {
                init: others,
                order: others,
                dropout: None,
            },
            Source::Split => {
                let seeds = self.seeds().iter();
                return seeds.map(|&seed| self.split_by(seed, fixed)).collect();
            }
        };
        let name = with_changes(self.name(), &[("vary".to_owned(), source.name().into())]);
        let plan = self.with(&name, |config| {
            config["pinned_seeds"] = serde_json::to_value(&pinned).expect("numbers");
        })?;
        Ok(vec![plan])
    }

    /// The plan with another split of the data, and one run.
    fn split_by(&self, split: u64, seed: u64) -> Result<Self, ConfigError> {
        let data = &self.experiment().data;
        let key = format!("data.{}.split_seed", data.name());
        let mut config = self.config();
        let Some(place) = record::value_at(&mut config, &key) else {
            let problem = format!(
                "{} has its own test set, so no split can vary; leave out split",
                data.name()
            );
            return Err(ConfigError::of(
                self.origin(),
                Problem::new("data", problem),
            ));
        };
        let is_same = place.as_u64() == Some(split);
        let name = if is_same {
            self.name().to_owned()
        } else {
            with_changes(self.name(), &[(key.clone(), split.into())])
        };
        let plan = self.with(&name, |config| {
            if let Some(place) = record::value_at(config, &key) {
                *place = split.into();
            }
        })?;
        Ok(plan.with_seeds(Seeds::try_from(vec![seed]).expect("one seed")))
    }

    /// Refuses data for which every run would be the same; see [`check_pinned`].
    pub(crate) fn check_pinned(&self, data: &DataSpec) -> Result<(), ConfigError> {
        let checked = check_pinned(self.experiment(), &self.layers(data));
        checked.map_err(|problem| ConfigError::of(self.origin(), problem))
    }
}
