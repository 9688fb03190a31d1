//! A sweep: a base config, values to try for some of its keys, and every combination of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::load::{parse, stem};
use crate::{ConfigError, Override, Plan};

/// A sweep's file: the cross product of its values over a base config.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SweepConfig {
    /// The JSON Schema that editors check this file with.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    schema: Option<String>,
    /// What the sweep is about, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    about: Option<String>,
    /// The experiment that is varied: a config file, as seen from this file's folder.
    base: PathBuf,
    /// Keys of the base with another value for all members.
    #[serde(default)]
    set: BTreeMap<String, Value>,
    /// Keys of the base and the values to try.
    #[schemars(length(min = 1))]
    grid: BTreeMap<String, Vec<Value>>,
    /// Each member is run with each of them; the base's where there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seeds: Option<Vec<u64>>,
}

/// The JSON Schema of sweep files.
pub fn sweep_schema() -> Value {
    schemars::schema_for!(SweepConfig).to_value()
}

/// A sweep that can be run.
#[derive(Clone, Debug)]
pub struct Sweep {
    pub name: String,
    /// The base config's file.
    pub base: PathBuf,
    /// The swept keys.
    pub keys: Vec<String>,
    pub members: Vec<Member>,
}

/// One combination of values.
#[derive(Clone, Debug)]
pub struct Member {
    pub plan: Plan,
    /// What makes the plan of the base: `key=value`, as `--set` takes it.
    pub changes: Vec<String>,
    /// The values of the swept keys, in their order.
    pub values: Vec<Value>,
}

/// More members than this are a slip of the finger.
const MOST_MEMBERS: usize = 10_000;

impl Sweep {
    /// Reads a sweep's file and checks every member.
    ///
    /// # Errors
    ///
    /// When the file or its base cannot be read, is not what it should be, or a member holds a
    /// value out of range.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let name = stem(path)?;
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Io {
            path: path.to_owned(),
            source,
        })?;
        let origin = path.display().to_string();
        let config: SweepConfig = parse(&text, &origin)?;
        let refuse = |key: &str, problem: String| ConfigError::Invalid {
            origin: origin.clone(),
            key: key.to_owned(),
            problem,
        };
        let members = config.grid.values().map(Vec::len).product::<usize>();
        if config.grid.is_empty() || members == 0 {
            return Err(refuse(
                "grid",
                "needs a key, and a value for each".to_owned(),
            ));
        }
        if members > MOST_MEMBERS {
            return Err(refuse(
                "grid",
                format!("makes {members} members, over {MOST_MEMBERS}"),
            ));
        }
        let base = path.parent().unwrap_or(Path::new(".")).join(&config.base);
        let fixed: Vec<String> = config.set.iter().map(change).collect();
        let members = combinations(&config.grid)
            .into_iter()
            .map(|values| {
                let swept = config.grid.keys().zip(&values).map(change);
                let changes: Vec<String> = fixed.iter().cloned().chain(swept).collect();
                let overrides: Result<Vec<Override>, ConfigError> =
                    changes.iter().map(|change| change.parse()).collect();
                let plan = Plan::load(&base, &overrides?)?;
                let plan = match &config.seeds {
                    Some(seeds) => plan.with_seeds(seeds.clone()),
                    None => plan,
                };
                Ok(Member {
                    plan,
                    changes,
                    values,
                })
            })
            .collect::<Result<Vec<Member>, ConfigError>>()?;
        Ok(Self {
            name,
            base,
            keys: config.grid.keys().cloned().collect(),
            members,
        })
    }
}

fn change((key, value): (&String, &Value)) -> String {
    format!("{key}={value}")
}

/// Every combination of a value for each key, the last key's values changing fastest.
fn combinations(grid: &BTreeMap<String, Vec<Value>>) -> Vec<Vec<Value>> {
    grid.values()
        .fold(vec![Vec::new()], |combinations, values| {
            let extended = combinations.iter().flat_map(|combination| {
                values.iter().map(move |value| {
                    let mut combination = combination.clone();
                    combination.push(value.clone());
                    combination
                })
            });
            extended.collect()
        })
}
