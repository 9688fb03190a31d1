use serde::Serialize;

use crate::config::differences;
use crate::{CompareError, ConfigDifference, Contrast, Group, GroupSummary, Metric, Quantity};

/// What to compare by.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Options {
    pub metric: Metric,
    /// What counts as no difference: of accuracy a fraction of one, 0.002 unless it is said; of a
    /// loss a fraction of the baseline's mean, 0.02 unless it is said.
    pub margin: Option<f64>,
}

/// Groups of runs against each other, the first of them the baseline.
///
/// As JSON its fields by their names; figures in the metric's unit, accuracies as fractions of one,
/// unrounded; what is not known is null.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    pub metric: Metric,
    pub larger_is_better: bool,
    pub config: Vec<ConfigDifference>,
    pub groups: Vec<GroupSummary>,
    /// Every other group beside the first.
    pub contrasts: Vec<Contrast>,
    /// Sentences on what the figures do not show.
    pub notes: Vec<String>,
}

/// Reads a group for each argument ([`Group::read`]) and compares them.
///
/// # Errors
///
/// When there are fewer than two arguments, one cannot be read, a run stands on two sides, or the
/// margin is no margin.
pub fn compare(arguments: &[String], options: &Options) -> Result<Comparison, CompareError> {
    let count = arguments.len();
    if count < 2 {
        return Err(CompareError::TooFew { count });
    }
    let groups: Result<Vec<Group>, CompareError> = arguments
        .iter()
        .map(|argument| Group::read(argument))
        .collect();
    Comparison::of(groups?, options)
}

impl Comparison {
    /// Compares groups that were read.
    ///
    /// # Errors
    ///
    /// When there are fewer than two groups, a run stands on two sides, or the margin is no margin.
    pub fn of(mut groups: Vec<Group>, options: &Options) -> Result<Self, CompareError> {
        if groups.len() < 2 {
            return Err(CompareError::TooFew {
                count: groups.len(),
            });
        }
        let metric = options.metric;
        let margin = options.margin.unwrap_or(match metric.quantity {
            Quantity::Accuracy => 0.002,
            _ => 0.02,
        });
        if !margin.is_finite() || margin < 0.0 {
            return Err(CompareError::Margin { margin });
        }
        refuse_shared(&groups)?;
        tell_apart(&mut groups);
        Ok(Self {
            metric,
            larger_is_better: metric.larger_is_better(),
            config: differences(&groups),
            groups: groups
                .iter()
                .map(|group| GroupSummary::of(group, metric))
                .collect(),
            contrasts: Contrast::all(&groups, metric, margin),
            notes: notes(&groups, metric),
        })
    }
}

fn refuse_shared(groups: &[Group]) -> Result<(), CompareError> {
    let mut seen = std::collections::HashMap::new();
    for group in groups {
        for run in &group.runs {
            if let Some(first) = seen.insert(&run.place, &group.argument) {
                return Err(CompareError::Shared {
                    path: run.path.clone(),
                    first: first.clone(),
                    second: group.argument.clone(),
                });
            }
        }
    }
    Ok(())
}

/// Groups of one experiment, by seeds or backends for one, are called what they were asked for as.
fn tell_apart(groups: &mut [Group]) {
    let names: Vec<String> = groups.iter().map(|group| group.name.clone()).collect();
    for group in groups {
        if names.iter().filter(|name| **name == group.name).count() > 1 {
            group.name.clone_from(&group.argument);
        }
    }
}

fn notes(groups: &[Group], metric: Metric) -> Vec<String> {
    let mut notes = Vec::new();
    for group in groups {
        let (name, runs) = (&group.name, group.runs.len());
        match group.unfinished {
            0 => {}
            1 => notes.push(format!("{name}: one run is not finished and left out")),
            several => notes.push(format!(
                "{name}: {several} runs are not finished and left out"
            )),
        }
        match group.diverged() {
            0 => {}
            diverged => notes.push(format!("{name}: {diverged} of {runs} diverged")),
        }
    }
    let penalised = groups.iter().flat_map(|group| &group.runs).any(|run| {
        let epochs = &run.record.result.epochs;
        epochs.iter().any(|epoch| epoch.train.plain_loss.is_some())
    });
    if penalised && metric.quantity == Quantity::Loss {
        let split = metric.split;
        notes.push(format!(
            "the losses include penalties on weights; {split}.plain_loss leaves them out"
        ));
    }
    notes
}
