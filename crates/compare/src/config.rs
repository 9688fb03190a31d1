use serde::Serialize;
use serde_json::{Map, Value};

use crate::Group;

/// Keys that decide no number, or are the runs' own: their seeds stand in the records.
const IGNORED: [&str; 4] = ["$schema", "about", "seeds", "expect"];

/// A key whose value is not the same in all groups.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ConfigDifference {
    /// As in `optimizer.adam.learning_rate`; of a choice among named variants also the choice's own,
    /// `optimizer`, whose values are the names.
    pub path: String,
    /// For each group the values found in it: several where experiments are mixed, none where the
    /// key is not there.
    pub values: Vec<Vec<Value>>,
}

/// A key's distinct values in a group, nothing standing for a config without the key.
type Values<'a> = Vec<Option<&'a Value>>;

pub(crate) fn differences(groups: &[Group]) -> Vec<ConfigDifference> {
    let configs = groups.iter().map(|group| {
        let configs = group.runs.iter().map(|run| Some(&run.record.config));
        distinct(configs)
    });
    let mut found = Vec::new();
    add_differences("", &configs.collect::<Vec<_>>(), &mut found);
    found
}

fn add_differences(path: &str, groups: &[Values], found: &mut Vec<ConfigDifference>) {
    if groups.iter().all(|values| same(values, &groups[0])) {
        return;
    }
    let all = || groups.iter().flatten().copied().flatten();
    let before = found.len();
    // What is switched off is null or not there: its keys are then on one side only.
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
            if path.is_empty() && IGNORED.contains(&key.as_str()) {
                continue;
            }
            let path = match path {
                "" => key.clone(),
                path => format!("{path}.{key}"),
            };
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
    // Something that has no keys, or none that differ: null beside {}.
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

/// The names where the values choose among variants, as `{"sgd": {}}` and `{"adam": {}}` do.
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

/// Whether two groups have the same values, in whatever order.
fn same(a: &Values, b: &Values) -> bool {
    a.len() == b.len() && a.iter().all(|value| b.contains(value))
}
