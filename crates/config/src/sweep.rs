//! A sweep: a base config, values to try for some of its keys, and every combination of them.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::check::seeds;
use crate::load::{parse, read, stem};
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
        Self::from_text(path, &read(path)?, read)
    }

    /// As [`load`](Self::load), of the text of the file that is called `path`; `read_base` reads the
    /// base.
    ///
    /// # Errors
    ///
    /// As for [`load`](Self::load).
    pub fn from_text(
        path: &Path,
        text: &str,
        read_base: impl FnOnce(&Path) -> Result<String, ConfigError>,
    ) -> Result<Self, ConfigError> {
        let name = stem(path)?;
        let origin = path.display().to_string();
        let config: SweepConfig = parse(text, &origin)?;
        let refuse = |key: &str, problem: String| ConfigError::Invalid {
            origin: origin.clone(),
            key: key.to_owned(),
            problem,
        };
        if let Some(Err((key, problem))) = config.seeds.as_deref().map(seeds) {
            return Err(refuse(&key, problem));
        }
        // A product of 64 bits may come round to a small number.
        let mut values = config.grid.values().map(Vec::len);
        let members = values.try_fold(1, usize::checked_mul);
        if config.grid.is_empty() || config.grid.values().any(Vec::is_empty) {
            return Err(refuse(
                "grid",
                "needs a key, and a value for each".to_owned(),
            ));
        }
        if members.is_none_or(|members| members > MOST_MEMBERS) {
            let members = members.map_or("countless".to_owned(), |members| members.to_string());
            return Err(refuse(
                "grid",
                format!("makes {members} members, over {MOST_MEMBERS}"),
            ));
        }
        let base = path.parent().unwrap_or(Path::new(".")).join(&config.base);
        let base_text = read_base(&base)?;
        let fixed: Vec<String> = config.set.iter().map(change).collect();
        let members = combinations(&config.grid)
            .into_iter()
            .map(|values| {
                let swept = config.grid.keys().zip(&values).map(change);
                let changes: Vec<String> = fixed.iter().cloned().chain(swept).collect();
                let overrides: Result<Vec<Override>, ConfigError> =
                    changes.iter().map(|change| change.parse()).collect();
                let plan = Plan::from_text(&base, &base_text, &overrides?)?;
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
        if let Some((one, other)) = of_one_name(&members) {
            let [one, other] = [one, other].map(|member| member.changes.join(" "));
            let problem =
                format!("`{one}` and `{other}` are runs of one name; leave one of them out");
            return Err(refuse("grid", problem));
        }
        Ok(Self {
            name,
            base,
            keys: config.grid.keys().cloned().collect(),
            members,
        })
    }
}

/// Two members whose runs would lie in the same folder and are not the same: a name has fewer
/// characters than a value.
fn of_one_name(members: &[Member]) -> Option<(&Member, &Member)> {
    let mut seen: HashMap<&str, &Member> = HashMap::new();
    members.iter().find_map(|member| {
        let before = seen.insert(member.plan.name(), member)?;
        let same = before.plan.signature() == member.plan.signature();
        (!same).then_some((before, member))
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = r#"{
        "data": { "synthetic_digits": {} },
        "model": { "hidden_mlp": { "hidden": [8] } },
        "optimizer": { "adam": {} },
        "training": { "epochs": 2 }
    }"#;

    fn sweep(rest: &str) -> Result<Sweep, String> {
        let text = format!(r#"{{ "base": "base.json", {rest} }}"#);
        let read_base = |_: &Path| Ok(BASE.to_owned());
        Sweep::from_text(Path::new("swept.json"), &text, read_base)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn its_seeds_are_checked_as_a_configs() {
        let swept = |seeds: &str| {
            sweep(&format!(
                r#""grid": {{ "training.epochs": [1] }}, "seeds": {seeds}"#
            ))
        };
        assert_eq!(swept("[3, 1]").unwrap().members[0].plan.seeds(), [3, 1]);
        for seeds in ["[]", "[1, 2, 1]"] {
            let error = swept(seeds).unwrap_err();
            assert!(error.starts_with("swept.json: seeds: "), "{error}");
        }
    }

    #[test]
    fn a_grid_beyond_64_bits_is_refused() {
        let keys = (0..64)
            .map(|key| format!(r#""{key}": [1, 2]"#))
            .collect::<Vec<_>>();
        let error = sweep(&format!(r#""grid": {{ {} }}"#, keys.join(", "))).unwrap_err();
        assert_eq!(
            error,
            "swept.json: grid: makes countless members, over 10000"
        );
        let error = sweep(r#""grid": { "training.epochs": [] }"#).unwrap_err();
        assert!(
            error.contains("needs a key, and a value for each"),
            "{error}"
        );
    }

    #[test]
    fn runs_that_differ_have_names_that_differ() {
        let swept = |values: &str| {
            sweep(&format!(
                r#""grid": {{ "training.initial_weights": [{values}] }}"#
            ))
        };
        assert_eq!(swept(r#""a/b", "a-b", "a/b""#).unwrap().members.len(), 3);
        let error = swept(r#""a/b", "c", "a b""#).unwrap_err();
        assert_eq!(
            error,
            "swept.json: grid: `training.initial_weights=\"a/b\"` and \
             `training.initial_weights=\"a b\"` are runs of one name; leave one of them out"
        );
    }
}
