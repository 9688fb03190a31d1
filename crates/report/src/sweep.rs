//! Sweeps: experiments whose configs differ in only one key, and the output of `hearth sweep
//! collect`.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use compare::statistics::MeanAndDeviation;
use present::{shown, shown_apart};
use record::{Metric, Quantity};
use serde_json::{Number, Value};
use spec::Split;

use crate::collected::{Collected, Row};
use crate::config;
use crate::experiment::Experiment;

/// A key's values, at least two, and the results for each.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sweep {
    /// The name of the base experiment, or of the file with the collected results.
    pub name: String,
    pub key: String,
    pub points: Vec<Point>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Point {
    pub value: Value,
    /// The value in readable form, which differs from that of every other value.
    pub label: String,
    pub runs: usize,
    pub diverged: usize,
    /// Accuracy on the validation set; absent if no examples are held out.
    pub validation: Option<MeanAndDeviation>,
    /// On the test set; absent if no run was tested.
    pub accuracy: Option<MeanAndDeviation>,
    /// On the test set; absent if no run was tested.
    pub loss: Option<MeanAndDeviation>,
}

/// The base and the keys of a name `<base>+<key>=<value>+...`.
fn parts(name: &str) -> Option<(&str, Vec<&str>)> {
    let (base, changes) = name.split_once('+')?;
    let keys = changes
        .split('+')
        .map(|change| Some(change.split_once('=')?.0));
    Some((base, keys.collect::<Option<_>>()?))
}

/// The name without the part for a key.
fn without(name: &str, key: &str) -> String {
    let changes = name.split('+').filter(|part| {
        let change = part.strip_prefix(key);
        !change.is_some_and(|rest| rest.starts_with('='))
    });
    changes.collect::<Vec<_>>().join("+")
}

/// An experiment and its value of a key.
type Member<'a> = (&'a Experiment, Value);

/// Finds the sweeps among experiments: those with the same base whose configs differ in only one
/// key, which at least one of their names contains.
pub(crate) fn among(experiments: &[Experiment]) -> Vec<Sweep> {
    let names = experiments
        .iter()
        .map(|experiment| experiment.first().experiment.as_str());
    let changes = names.filter_map(|name| {
        let (base, keys) = parts(name)?;
        Some(keys.into_iter().map(move |key| (base, key)))
    });
    let changes: BTreeSet<(&str, &str)> = changes.flatten().collect();
    let mut sweeps = Vec::new();
    for (base, key) in changes {
        let families = families(experiments, base, key).into_iter();
        sweeps.extend(families.filter_map(|family| Sweep::of(&family, key)));
    }
    sweeps
}

/// The experiments of a base, grouped so that within a group only the key differs.
fn families<'a>(experiments: &'a [Experiment], base: &str, key: &str) -> Vec<Vec<Member<'a>>> {
    let mut families: BTreeMap<(&Path, &str, String), Vec<Member>> = BTreeMap::new();
    for experiment in experiments {
        let record = experiment.first();
        let name = record.experiment.as_str();
        let (its_base, changed) = parts(name).unwrap_or((name, Vec::new()));
        // A change to a nested key belongs to the sweep of that key.
        let is_within = |changed: &&str| {
            changed
                .strip_prefix(key)
                .is_some_and(|rest| rest.starts_with('.'))
        };
        if its_base != base || changed.iter().any(is_within) {
            continue;
        }
        if let Some((value, rest)) = config::split(&record.config, key) {
            let family = (
                experiment.folder(),
                record.run.backend.as_str(),
                rest.to_string(),
            );
            families
                .entry(family)
                .or_default()
                .push((experiment, value));
        }
    }
    families.into_values().collect()
}

impl Sweep {
    /// Whether members were measured on validation, which is what to choose by.
    pub fn is_validated(&self) -> bool {
        let tested = || self.points.iter().filter(|point| point.accuracy.is_some());
        tested().next().is_some() && tested().all(|point| point.validation.is_some())
    }

    fn new(name: String, key: &str, mut points: Vec<Point>) -> Self {
        let labels = shown_apart(points.iter().map(|point| &point.value));
        for (point, label) in points.iter_mut().zip(labels) {
            point.label = label;
        }
        let key = key.to_owned();
        Self { name, key, points }
    }

    fn of(family: &[Member], key: &str) -> Option<Self> {
        let changed = family
            .iter()
            .map(|(experiment, _)| experiment.first().experiment.as_str());
        let changed =
            changed.filter(|name| parts(name).is_some_and(|(_, keys)| keys.contains(&key)));
        let name = without(changed.min()?, key);
        let points = family.iter().map(|(experiment, value)| Point {
            value: value.clone(),
            label: String::new(),
            runs: experiment.group.runs.len(),
            diverged: experiment.diverged().count(),
            validation: experiment.mean(Metric::of_kept(Split::Validation, Quantity::Accuracy)),
            accuracy: experiment.mean(Metric::of_kept(Split::Test, Quantity::Accuracy)),
            loss: experiment.mean(Metric::of_kept(Split::Test, Quantity::Loss)),
        });
        let mut points: Vec<Point> = points.collect();
        points.sort_by(|one, other| order(&one.value, &other.value));
        (points.len() > 1).then(|| Self::new(name, key, points))
    }
}

/// The sweeps of single keys in a collected sweep, each with fixed values for all other keys.
pub(crate) fn collected(collected: &Collected) -> Vec<Sweep> {
    let keys: BTreeSet<&String> = collected
        .rows
        .iter()
        .flat_map(|row| row.values.keys())
        .collect();
    let labels = |key: &str| {
        let values = collected.rows.iter().map(|row| row.values.get(key));
        shown_apart(values.map(|value| value.unwrap_or(&Value::Null)))
    };
    let labels: BTreeMap<&String, Vec<String>> =
        keys.iter().map(|&key| (key, labels(key))).collect();
    let mut sweeps = Vec::new();
    for &key in &keys {
        let mut families: BTreeMap<String, Vec<&Row>> = BTreeMap::new();
        for (index, row) in collected.rows.iter().enumerate() {
            if !row.values.contains_key(key) {
                continue;
            }
            let others = labels.iter().filter(|(other, _)| **other != key);
            let others = others.map(|(key, labels)| format!("{key}={}", labels[index]));
            let others = others.collect::<Vec<_>>().join(", ");
            families.entry(others).or_default().push(row);
        }
        for (others, rows) in families.into_iter().filter(|(_, rows)| rows.len() > 1) {
            let points = rows.into_iter().map(|row| Point {
                value: row.values[key].clone(),
                label: String::new(),
                runs: row.runs,
                diverged: row.diverged,
                validation: row.validation_accuracy,
                accuracy: row.test_accuracy,
                loss: row.test_loss,
            });
            let mut points: Vec<Point> = points.collect();
            // Other values keep the order of the file.
            if points.iter().all(|point| point.value.is_number()) {
                points.sort_by(|one, other| order(&one.value, &other.value));
            }
            let name = if others.is_empty() {
                collected.name.clone()
            } else {
                format!("{}: {others}", collected.name)
            };
            sweeps.push(Sweep::new(name, key, points));
        }
    }
    sweeps
}

/// Orders numbers by size, then lists item by item, then other values by their text.
fn order(one: &Value, other: &Value) -> Ordering {
    let kind = |value: &Value| match value {
        Value::Number(_) => 0,
        Value::Array(_) => 1,
        Value::Null | Value::Bool(_) | Value::String(_) | Value::Object(_) => 2,
    };
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            let size = |number: &Number| number.as_f64().unwrap_or(f64::MAX);
            size(one).total_cmp(&size(other))
        }
        (Value::Array(one), Value::Array(other)) => {
            let pairs = one.iter().zip(other);
            let differing = pairs
                .map(|(one, other)| order(one, other))
                .find(|order| order.is_ne());
            differing.unwrap_or_else(|| one.len().cmp(&other.len()))
        }
        _ => kind(one)
            .cmp(&kind(other))
            .then_with(|| shown(one).cmp(&shown(other))),
    }
}
