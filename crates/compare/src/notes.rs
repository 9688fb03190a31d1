//! What the figures of a comparison do not show.

use std::collections::BTreeSet;

use present::count;
use record::{Metric, Quantity, Record, Weights};
use serde_json::Value;
use spec::Split;

use crate::Group;

/// Whether early stopping chose the kept epoch of a run by a figure of the validation set.
pub(crate) fn is_chosen_on_validation(group: &Group) -> bool {
    let mut runs = group.runs.iter();
    runs.any(|run| keeps_best_on_validation(&run.record))
}

fn keeps_best_on_validation(record: &Record) -> bool {
    let watched = record.config.pointer("/training/early_stopping/metric");
    let watched: Option<Metric> = watched
        .and_then(Value::as_str)
        .and_then(|metric| metric.parse().ok());
    record.result.best_epoch.is_some()
        && watched.is_none_or(|metric| metric.split == Split::Validation)
}

/// Caveats, one sentence each.
pub(crate) fn notes(groups: &[Group], metric: Metric) -> Vec<String> {
    let mut notes = Vec::new();
    for group in groups {
        notes.extend(left_out(group));
    }
    notes.extend(provenance(groups));
    if metric.split == Split::Validation && metric.weights == Weights::Kept {
        for group in groups {
            if is_chosen_on_validation(group) {
                notes.push(format!(
                    "{}: early stopping chose its weights on validation, so its {metric} is \
                     optimistic; test.{} is not",
                    group.name,
                    metric.quantity.name()
                ));
            }
        }
    }
    for group in groups {
        let mut configs = group.runs.iter().map(|run| &run.record.config);
        if configs.any(|config| !config["pinned_seeds"].is_null()) {
            notes.push(format!(
                "{}: pinned_seeds holds some of the randomness fixed, so other seeds of it may give \
                 another verdict",
                group.name
            ));
        }
    }
    let penalised = groups.iter().flat_map(|group| &group.runs).any(|run| {
        let epochs = &run.record.result.epochs;
        epochs.iter().any(|epoch| epoch.train.plain_loss.is_some())
    });
    if penalised && metric.quantity == Quantity::Loss {
        let split = metric.split;
        notes.push(format!(
            "the losses include weight penalties; {split}.plain_loss leaves them out"
        ));
    }
    notes
}

/// What does not count in the group's figures.
fn left_out(group: &Group) -> Vec<String> {
    let mut notes = Vec::new();
    let (name, runs) = (&group.name, group.runs.len());
    for run in &group.unfinished {
        let state = run.unfinished().map(|run| run.to_string());
        notes.push(format!(
            "{name}: left out {}, {}",
            run.path().display(),
            state.as_deref().unwrap_or("not finished")
        ));
    }
    let diverged = group.diverged();
    if diverged > 0 {
        notes.push(format!("{name}: {diverged} of {runs} diverged"));
    }
    let idle = group.learnt_nothing();
    if idle > 0 && group.any_learnt() {
        notes.push(format!(
            "{name}: {idle} of {runs} learnt nothing; the means leave {} out",
            if idle == 1 { "it" } else { "them" }
        ));
    } else if idle > 0 {
        notes.push(format!("{name}: {idle} of {runs} learnt nothing"));
    }
    notes
}

/// What differs between the runs besides their configs, and may explain a difference.
fn provenance(groups: &[Group]) -> Vec<String> {
    type Trait = (&'static str, fn(&Record) -> String);
    const TRAITS: [Trait; 7] = [
        ("training data", |record| {
            short(&record.result.data.train.digest).to_owned()
        }),
        ("validation data", |record| {
            let validation = record.result.data.validation.as_ref();
            validation
                .map_or("none", |split| short(&split.digest))
                .to_owned()
        }),
        ("version of hearth", |record| {
            let versions = &record.run.versions;
            match &versions.commit {
                Some(commit) => format!("{} at {}", versions.hearth, short(commit)),
                None => versions.hearth.clone(),
            }
        }),
        ("version of Burn", |record| record.run.versions.burn.clone()),
        ("compiler", |record| record.run.versions.rustc.clone()),
        ("backend", |record| record.run.backend.clone()),
        ("device", |record| record.run.device.clone()),
    ];
    let found = TRAITS.iter().filter_map(|(what, of)| {
        let seen: Vec<BTreeSet<String>> = groups
            .iter()
            .map(|group| group.runs.iter().map(|run| of(&run.record)).collect())
            .collect();
        let differs = seen
            .iter()
            .any(|values| *values != seen[0] || values.len() > 1);
        differs.then(|| {
            let each: Vec<String> = groups
                .iter()
                .zip(&seen)
                .map(|(group, values)| {
                    let values: Vec<&str> = values.iter().map(String::as_str).collect();
                    format!("{} in {}", values.join(" and "), group.name)
                })
                .collect();
            match each.as_slice() {
                few @ ([_, _] | [_, _, _]) => {
                    format!("the {what} is not the same: {}", few.join(", "))
                }
                many => format!(
                    "the {what} is not the same in all {}",
                    count(many.len(), "group")
                ),
            }
        })
    });
    found.collect()
}

/// The beginning of a hash.
fn short(hash: &str) -> &str {
    let digits = hash.strip_prefix("sha256:").unwrap_or(hash);
    digits.get(..8).unwrap_or(digits)
}
