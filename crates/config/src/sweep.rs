//! Sweeps: a base config and values to try for some of its keys: every combination of a grid, random draws, or
//! both.

mod halving;
mod random;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use record::join_key;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use self::halving::{Halving, Rung};
use crate::error::ConfigError;
use crate::load::{read, stem};
use crate::overrides::{Override, is_below};
use crate::parse::{Kind, parse};
use crate::plan::Plan;
use crate::seeds::Seeds;
use crate::sweep::halving::HalvingConfig;
use crate::sweep::random::Random;

/// A sweep: every combination of some keys' values over a base config.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SweepConfig {
    /// The JSON Schema that editors check this file with.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    schema: Option<String>,
    /// A note on the sweep for its readers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    about: Option<String>,
    /// The config file to vary, relative to this file's folder.
    base: PathBuf,
    /// Keys of the base and their new values in all members.
    #[serde(default)]
    set: BTreeMap<String, Value>,
    /// Keys of the base and the values to try for each.
    #[serde(default)]
    grid: BTreeMap<String, Vec<Value>>,
    /// Keys of the base whose values are drawn at random.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    random: Option<Random>,
    /// Give up the worse members after a few epochs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    halving: Option<HalvingConfig>,
    /// The seeds of every member's runs; by default those of the base.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seeds: Option<Seeds>,
}

/// A part of the file in a sentence.
fn called(place: &str) -> &str {
    match place {
        "grid" => "the grid",
        other => other,
    }
}

impl SweepConfig {
    /// The keys that members differ in, each with the part of the file that it is in: those of the grid, then
    /// those that are drawn.
    fn varied(&self) -> impl Iterator<Item = (&'static str, &String)> {
        let drawn = self.random.iter().flat_map(|random| random.values.keys());
        let grid = self.grid.keys().map(|key| ("grid", key));
        grid.chain(drawn.map(|key| ("random.values", key)))
    }
}

/// The JSON Schema of sweep files.
pub fn sweep_schema() -> Value {
    schemars::schema_for!(SweepConfig).to_value()
}

/// A sweep whose members are all checked.
#[derive(Clone, Debug)]
pub struct Sweep {
    /// The file's stem.
    pub name: String,
    /// The path of the base config.
    pub base: PathBuf,
    /// The swept keys: those of the grid, sorted, then those that are drawn, sorted.
    pub keys: Vec<String>,
    /// Every combination of the grid's values, the last key's values changing fastest, and for each the draws.
    pub members: Vec<Member>,
    /// When the worse members are given up; `None` if all are trained to their end.
    pub halving: Option<Halving>,
}

/// One combination of values in a sweep.
#[derive(Clone, Debug)]
pub struct Member {
    /// The plan to run.
    pub plan: Plan,
    /// The overrides that turn the base into this plan: `key=value` each, as `--set` takes them.
    pub changes: Vec<String>,
    /// The values of the sweep's keys, in the order of [`Sweep::keys`].
    pub values: Vec<Value>,
}

/// The most members. A larger number is probably a mistake.
const MOST_MEMBERS: usize = 10_000;

/// The most runs: members times seeds.
const MOST_RUNS: usize = 100_000;

/// The most bytes of all members' configs, each of the base's size.
const MOST_BYTES: usize = 128 << 20;

impl Sweep {
    /// Reads a sweep's file and checks every member.
    ///
    /// # Errors
    ///
    /// If the file or its base cannot be read or is not valid, if a member's config is not valid, or
    /// if different members get the same name.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        Self::from_text(path, &read(path)?, read)
    }

    /// Like [`load`](Self::load), but takes the text of the file at `path`; `read_base` reads the
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
        let config: SweepConfig = parse(text, &origin, Kind::Sweep)?;
        let refuse = |key: &str, problem: String| ConfigError::Invalid {
            origin: origin.clone(),
            key: key.to_owned(),
            problem,
        };
        if config.grid.values().any(Vec::is_empty)
            || config.grid.is_empty() && config.random.is_none()
        {
            let problem = "needs a key, and a value for each key";
            return Err(refuse("grid", problem.to_owned()));
        }
        // Checked, since the product may overflow.
        let mut values = config.grid.values().map(Vec::len);
        let samples = config.random.as_ref().map_or(1, Random::samples);
        let count = values.try_fold(samples, usize::checked_mul);
        let place = if config.grid.is_empty() {
            "random.samples"
        } else {
            "grid"
        };
        let Some(count) = count.filter(|&count| count <= MOST_MEMBERS) else {
            let count = count.map_or("countless".to_owned(), |count| count.to_string());
            let problem = format!("gives {count} members, over {MOST_MEMBERS}; remove values");
            return Err(refuse(place, problem));
        };
        for (place, key) in config.varied() {
            let at = join_key(place, key);
            if record::is_undeciding(key) {
                let place = called(place);
                let problem = match key.as_str() {
                    "seeds" => format!("is a key of the sweep itself; move it out of {place}"),
                    _ => format!("does not affect a run's numbers; remove it from {place}"),
                };
                return Err(refuse(&at, problem));
            }
            let mut fixed = config.set.keys();
            if let Some(lost) = fixed.find(|fixed| *fixed == key || is_below(fixed, key)) {
                let place = called(place);
                let problem = format!("replaced by `{key}` of {place}; remove one of them");
                return Err(refuse(&join_key("set", lost), problem));
            }
            let mut others = config.varied().filter(|(_, other)| *other != key);
            if place == "random.values"
                && (config.grid.contains_key(key) || others.any(|(_, other)| is_below(key, other)))
            {
                let problem =
                    "set by another key of grid or random.values, too; remove one of them";
                return Err(refuse(&at, problem.to_owned()));
            }
        }
        let drawn = match &config.random {
            Some(random) => random
                .draw()
                .map_err(|(key, problem)| refuse(&join_key("random", &key), problem))?,
            None => vec![Vec::new()],
        };
        let base = path.parent().unwrap_or(Path::new(".")).join(&config.base);
        let base_text = read_base(&base)?;
        if base_text.len().saturating_mul(count) > MOST_BYTES {
            let (bytes, most) = (base_text.len(), MOST_BYTES >> 20);
            let problem = format!(
                "gives {count} members of a base of {bytes} bytes, over {most} MiB; remove values"
            );
            return Err(refuse(place, problem));
        }
        let mut members = Vec::new();
        let mut runs = 0;
        let combined = combinations(&config.grid);
        let values = combined.iter().flat_map(|combination| {
            let drawn = drawn.iter();
            drawn.map(move |drawn| [combination.as_slice(), drawn].concat())
        });
        for values in values {
            let member = member(&config, &base, &base_text, values)?;
            runs += member.plan.seeds().len();
            members.push(member);
            if runs > MOST_RUNS {
                let problem = format!("give more than {MOST_RUNS} runs; remove values or seeds");
                return Err(refuse("seeds", problem));
            }
        }
        if let Some((one, other, likeness)) = alike(&members) {
            let [one, other] = [one, other].map(|member| member.changes.join(" "));
            let problem = format!("`{one}` and `{other}` {likeness}; remove one of them");
            return Err(refuse(place, problem));
        }
        let plans: Vec<&Plan> = members.iter().map(|member| &member.plan).collect();
        let halving = match &config.halving {
            Some(halving) => Some(
                halving
                    .of(&plans)
                    .map_err(|(key, problem)| refuse(&join_key("halving", key), problem))?,
            ),
            None => None,
        };
        Ok(Self {
            name,
            base,
            halving,
            keys: config.varied().map(|(_, key)| key.clone()).collect(),
            members,
        })
    }
}

impl Sweep {
    /// The SHA-256 of all runs in their order, names, configs and seeds, and of the halving. Notes, the way values are written and
    /// what does not affect a run's numbers do not change it.
    pub fn digest(&self) -> String {
        let mut parts: Vec<Value> = self.members.iter().map(identity).collect();
        if let Some(halving) = &self.halving {
            let rungs = halving
                .rungs
                .iter()
                .map(|rung| json!([rung.epochs, rung.members]));
            parts.push(json!([halving.metric, rungs.collect::<Vec<_>>()]));
        }
        record::digest_of(&parts).expect("configs are JSON")
    }
}

fn identity(member: &Member) -> Value {
    let plan = &member.plan;
    json!([
        plan.name(),
        record::deciding(&plan.config()),
        plan.seeds().to_vec()
    ])
}

/// The member with these values for the keys of the grid.
fn member(
    config: &SweepConfig,
    base: &Path,
    base_text: &str,
    values: Vec<Value>,
) -> Result<Member, ConfigError> {
    let fixed = config.set.iter().map(change);
    let swept = config.varied().map(|(_, key)| key).zip(&values).map(change);
    let changes: Vec<String> = fixed.chain(swept).collect();
    let mut overrides = Vec::new();
    for (index, change) in changes.iter().enumerate() {
        let change: Override = change.parse()?;
        // A member's name shows all swept values, whatever the base's are.
        overrides.push(if index < config.set.len() {
            change
        } else {
            change.always_named()
        });
    }
    let plan = Plan::from_text(base, base_text, &overrides)?;
    let plan = match &config.seeds {
        Some(seeds) => plan.with_seeds(seeds.clone()),
        None => plan,
    };
    Ok(Member {
        plan,
        changes,
        values,
    })
}

/// Two members that cannot be told apart, and how they are alike. Runs of one config are the same runs,
/// however its values are written. Members of one name would share a folder: a name does not keep all
/// characters of a value.
fn alike(members: &[Member]) -> Option<(&Member, &Member, &'static str)> {
    let mut configs: HashMap<String, &Member> = HashMap::new();
    let mut names: HashMap<&str, &Member> = HashMap::new();
    members.iter().find_map(|member| {
        let config = record::deciding(&member.plan.config()).to_string();
        if let Some(before) = configs.insert(config, member) {
            return Some((before, member, "are the same config"));
        }
        let before = names.insert(member.plan.name(), member)?;
        Some((before, member, "would get the same name"))
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
    fn seeds_are_checked_as_in_a_config() {
        let swept = |seeds: &str| {
            sweep(&format!(
                r#""grid": {{ "training.epochs": [1] }}, "seeds": {seeds}"#
            ))
        };
        assert_eq!(swept("[3, 1]").unwrap().members[0].plan.seeds()[..], [3, 1]);
        for seeds in ["[]", "[1, 2, 1]"] {
            let error = swept(seeds).unwrap_err();
            assert!(
                error.contains(": seeds: ") && error.contains("each once"),
                "{error}"
            );
        }
    }

    #[test]
    fn a_config_and_a_sweep_are_told_apart() {
        let at = Path::new("x.json");
        let error = Sweep::from_text(at, BASE, |_| unreachable!()).unwrap_err();
        let said = "x.json: a config, not a sweep; run it with `hearth run`";
        assert_eq!(error.to_string(), said);
        let sweep = r#"{ "base": "base.json", "grid": {} }"#;
        let error = Plan::from_text(at, sweep, &[]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "x.json: a sweep; run it with `hearth sweep run`"
        );
    }

    #[test]
    fn the_digest_is_of_what_is_run() {
        let digest = |rest: &str| sweep(rest).unwrap().digest();
        let one = digest(r#""grid": { "training.epochs": [1, 2] }"#);
        let same = digest(r#""about": "x", "grid": { "training.epochs": [1, 2] }, "seeds": [0]"#);
        assert_eq!(one, same);
        for other in [
            r#""grid": { "training.epochs": [1, 3] }"#,
            r#""grid": { "training.epochs": [2, 1] }"#,
            r#""grid": { "training.epochs": [1, 2] }, "seeds": [0, 1]"#,
            r#""grid": { "training.epochs": [1, 2] }, "set": { "training.batch_size": 7 }"#,
        ] {
            assert_ne!(one, digest(other), "{other}");
        }
    }

    #[test]
    fn a_halving_has_rungs_up_to_the_last_epoch() {
        let halved = |epochs: usize, halving: &str| {
            let rates: Vec<String> = (1..=27).map(|rate| format!("0.{rate:02}")).collect();
            let rates = rates.join(", ");
            sweep(&format!(
                r#""set": {{ "training.epochs": {epochs} }},
                "grid": {{ "optimizer.adam.learning_rate": [{rates}] }}, "halving": {halving}"#
            ))
        };
        let by = r#""metric": "validation.accuracy""#;
        let rungs = |epochs, halving: &str| -> Vec<(usize, usize)> {
            let halving = halved(epochs, halving).unwrap().halving.unwrap();
            halving
                .rungs
                .iter()
                .map(|rung| (rung.epochs, rung.members))
                .collect()
        };
        let from_5 = format!(r#"{{ {by}, "from_epochs": 5 }}"#);
        assert_eq!(rungs(45, &from_5), [(5, 27), (15, 9), (45, 3)]);
        assert_eq!(rungs(50, &from_5), [(5, 27), (15, 9), (45, 3), (50, 1)]);
        assert_eq!(rungs(999, &from_5), [(5, 27), (15, 9), (45, 3), (999, 1)]);
        let by_ten = format!(r#"{{ {by}, "from_epochs": 1, "factor": 10 }}"#);
        assert_eq!(rungs(45, &by_ten), [(1, 27), (10, 2), (45, 1)]);
        for (halving, says) in [
            (
                format!(r#"{{ {by}, "from_epochs": 45 }}"#),
                "halving.from_epochs: 45 of 45",
            ),
            (
                format!(r#"{{ {by}, "from_epochs": 0 }}"#),
                "halving.from_epochs: ",
            ),
            (
                format!(r#"{{ {by}, "from_epochs": 5, "factor": 1 }}"#),
                "halving.factor: out of range: 1",
            ),
            (
                r#"{ "metric": "test.accuracy", "from_epochs": 5 }"#.to_owned(),
                "halving.metric: test.accuracy is",
            ),
        ] {
            let error = halved(45, &halving).unwrap_err();
            assert!(error.contains(says), "{error}");
        }
        let error = sweep(&format!(
            r#""grid": {{ "training.epochs": [6, 7] }}, "halving": {from_5}"#
        ));
        assert!(error.unwrap_err().contains("different numbers of epochs"));
    }

    #[test]
    fn a_grid_beyond_64_bits_is_refused() {
        let keys = (0..64)
            .map(|key| format!(r#""{key}": [1, 2]"#))
            .collect::<Vec<_>>();
        let error = sweep(&format!(r#""grid": {{ {} }}"#, keys.join(", "))).unwrap_err();
        assert_eq!(
            error,
            "swept.json: grid: gives countless members, over 10000; remove values"
        );
        let error = sweep(r#""grid": { "training.epochs": [] }"#).unwrap_err();
        assert!(
            error.contains("needs a key, and a value for each key"),
            "{error}"
        );
    }

    #[test]
    fn a_sweep_of_too_many_runs_is_refused() {
        let numbers = |count: u64| (1..=count).map(|n| n.to_string()).collect::<Vec<_>>();
        let (epochs, seeds) = (numbers(300).join(", "), numbers(400).join(", "));
        let grid = format!(r#""grid": {{ "training.epochs": [{epochs}] }}, "seeds": [{seeds}]"#);
        let said = "swept.json: seeds: give more than 100000 runs; remove values or seeds";
        assert_eq!(sweep(&grid).unwrap_err(), said);
    }

    #[test]
    fn different_runs_have_different_names() {
        let swept = |values: &str| {
            sweep(&format!(
                r#""grid": {{ "training.initial_weights": [{values}] }}"#
            ))
        };
        assert_eq!(swept(r#""a/b", "a-b""#).unwrap().members.len(), 2);
        let error = swept(r#""a/b", "c", "a b""#).unwrap_err();
        assert_eq!(
            error,
            "swept.json: grid: `training.initial_weights=\"a/b\"` and \
             `training.initial_weights=\"a b\"` would get the same name; remove one of them"
        );
    }

    #[test]
    fn every_member_is_another_config() {
        for (grid, said) in [
            (
                r#""optimizer.adam.learning_rate": [1e-3, 0.01, 0.001]"#,
                "grid: `optimizer.adam.learning_rate=0.001` and `optimizer.adam.learning_rate=0.001` \
                 are the same config; remove one of them",
            ),
            (
                r#""optimizer": ["adam", { "adam": {} }]"#,
                "are the same config; remove one of them",
            ),
            (
                r#""model.hidden_mlp.hidden": [[4], [8]], "model.hidden_mlp.hidden.0": [4]"#,
                "are the same config; remove one of them",
            ),
            (
                r#""seeds": [[0], [1]]"#,
                "grid.seeds: is a key of the sweep itself; move it out of the grid",
            ),
            (
                r#""expect.test.loss.at_most": [1, 2]"#,
                "grid.expect.test.loss.at_most: does not affect a run's numbers; remove it from the grid",
            ),
        ] {
            let error = sweep(&format!(r#""grid": {{ {grid} }}"#)).unwrap_err();
            assert!(error.ends_with(said), "{error}");
        }
    }

    #[test]
    fn a_value_that_the_grid_replaces_is_refused() {
        let error = sweep(
            r#""set": { "optimizer.adam.learning_rate": 0.1 }, "grid": { "optimizer": ["sgd"] }"#,
        )
        .unwrap_err();
        let said = "set.optimizer.adam.learning_rate: replaced by `optimizer` of the grid; \
                    remove one of them";
        assert!(error.ends_with(said), "{error}");
        let both = sweep(
            r#""set": { "optimizer": "sgd" }, "grid": { "optimizer.sgd.learning_rate": [0.1] }"#,
        );
        assert_eq!(both.unwrap().members.len(), 1);
    }
}
