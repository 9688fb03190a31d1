use record::{UNDECIDING_KEYS, join_key};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::Group;

/// A config key whose value is not the same in all groups.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ConfigDifference {
    /// The key's path, for example `optimizer.adam.learning_rate`. A choice among named variants,
    /// such as `optimizer`, counts as one difference, with the names as its values.
    pub path: String,
    /// The values in each group: several if the group mixes experiments, none if it lacks the key.
    pub values: Vec<Vec<Value>>,
}

/// A key's distinct values in a group; `None` stands for a config without the key.
type Values<'a> = Vec<Option<&'a Value>>;

impl ConfigDifference {
    /// The keys that differ between the groups, leaving out those that decide nothing.
    pub fn among(groups: &[Group]) -> Vec<Self> {
        differences(groups)
    }
}

fn differences(groups: &[Group]) -> Vec<ConfigDifference> {
    let configs = groups.iter().map(|group| {
        let configs = group.runs.iter().map(|run| Some(&run.record.config));
        distinct(configs)
    });
    let mut found = Vec::new();
    add_differences("", &configs.collect::<Vec<_>>(), &mut found);
    found
}

fn add_differences(path: &str, groups: &[Values], found: &mut Vec<ConfigDifference>) {
    let all = || groups.iter().flatten().copied().flatten();
    // An older record lacks the keys that were added since, which are off in it.
    if groups.iter().all(|values| same(values, &groups[0])) || all().all(Value::is_null) {
        return;
    }
    let before = found.len();
    // An option that is off is null or absent, so only one side has its keys.
    if all().all(|value| value.is_object() || value.is_null()) {
        if let Some(names) = variants(groups) {
            found.push(ConfigDifference {
                path: path.to_owned(),
                values: names,
            });
        }
        let objects = || all().filter_map(Value::as_object);
        let mut keys: Vec<&String> = objects().flat_map(Map::keys).collect();
        keys.sort();
        keys.dedup();
        for key in keys {
            if path.is_empty() && UNDECIDING_KEYS.contains(&key.as_str()) {
                continue;
            }
            let path = join_key(path, key);
            let below: Vec<Values> = groups
                .iter()
                .map(|values| {
                    distinct(
                        values
                            .iter()
                            .map(|value| value.and_then(|value| value.get(key))),
                    )
                })
                .collect();
            add_differences(&path, &below, found);
        }
    }
    // No differing key inside, for example null and {}.
    if found.len() == before && !path.is_empty() {
        let values = groups
            .iter()
            .map(|values| values.iter().copied().flatten().cloned().collect());
        found.push(ConfigDifference {
            path: path.to_owned(),
            values: values.collect(),
        });
    }
}

/// The variants' names if the values are variants, such as `{"sgd": {}}` and `{"adam": {}}`; `None`
/// if they are not or all have the same name.
fn variants(groups: &[Values]) -> Option<Vec<Vec<Value>>> {
    let mut names: Vec<Vec<Value>> = Vec::new();
    for values in groups {
        let mut here = Vec::new();
        for object in values
            .iter()
            .copied()
            .flatten()
            .filter_map(Value::as_object)
        {
            let (1, Some(name)) = (object.len(), object.keys().next()) else {
                return None;
            };
            let name = Value::from(name.as_str());
            if !here.contains(&name) {
                here.push(name);
            }
        }
        names.push(here);
    }
    let first = names.iter().flatten().next()?;
    names
        .iter()
        .flatten()
        .any(|name| name != first)
        .then_some(names)
}

fn distinct<'a>(values: impl Iterator<Item = Option<&'a Value>>) -> Values<'a> {
    let mut distinct = Vec::new();
    for value in values {
        if !distinct.contains(&value) {
            distinct.push(value);
        }
    }
    distinct
}

/// Whether two groups have the same values, in any order.
fn same(a: &Values, b: &Values) -> bool {
    a.len() == b.len() && a.iter().all(|value| b.contains(value))
}
