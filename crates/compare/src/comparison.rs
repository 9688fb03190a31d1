use std::collections::HashMap;
use std::path::Path;

use record::{Looks, Metric, Quantity};
use serde::Serialize;
use spec::Split;

use crate::notes;
use crate::{CompareError, ConfigDifference, Contrast, Group, GroupSummary, Over};

/// What is compared, and how strictly.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// The metric to compare; `test.accuracy` by default.
    pub metric: Metric,
    /// The equivalence margin: absolute for accuracy (0.002 by default), relative to the baseline's
    /// mean for a loss (0.02 by default).
    pub margin: Option<f64>,
    /// The sources of error that the verdict allows for.
    pub over: Over,
    /// The looks planned for this comparison. Those planned for its runs, as their records say, count
    /// in any case.
    pub looks: Option<Looks>,
    /// The number of candidates that the compared group was chosen from by figures of the same runs; 1 if
    /// it was not chosen.
    pub chosen_from: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            metric: Metric::default(),
            margin: None,
            over: Over::default(),
            looks: None,
            chosen_from: 1,
        }
    }
}

impl Options {
    /// The margin.
    ///
    /// # Errors
    ///
    /// If it is negative or not finite, or the records do not hold what the options ask for.
    pub(crate) fn margin(&self) -> Result<f64, CompareError> {
        let has_answers = self.metric == Metric::of_kept(Split::Test, Quantity::Accuracy);
        if self.over == Over::SeedsAndExamples && !has_answers {
            return Err(CompareError::NoAnswers {
                metric: self.metric,
            });
        }
        let margin = self.margin.unwrap_or(match self.metric.quantity {
            Quantity::Accuracy => 0.002,
            Quantity::Loss | Quantity::PlainLoss => 0.02,
        });
        if margin.is_finite() && margin >= 0.0 {
            Ok(margin)
        } else {
            Err(CompareError::Margin { margin })
        }
    }
}

/// Groups of runs compared with the first of them, the baseline.
///
/// In JSON, numbers are unrounded and in the metric's unit, accuracies as fractions of one. Unknown
/// values are null.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// The metric compared.
    pub metric: Metric,
    /// The sources of error that the verdicts allow for.
    pub over: Over,
    /// Whether larger values are better.
    pub larger_is_better: bool,
    /// The config keys that differ.
    pub config: Vec<ConfigDifference>,
    /// The groups, the baseline first.
    pub groups: Vec<GroupSummary>,
    /// Every other group compared with the first.
    pub contrasts: Vec<Contrast>,
    /// Caveats that the numbers do not show, one sentence each.
    pub notes: Vec<String>,
}

/// Reads a group for each argument ([`Group::read`]) and compares them.
///
/// # Errors
///
/// If there are fewer than two arguments, an argument cannot be read, a run belongs to two of them,
/// or the margin is negative or not finite.
pub fn compare(
    arguments: &[impl AsRef<Path>],
    options: &Options,
) -> Result<Comparison, CompareError> {
    let count = arguments.len();
    if count < 2 {
        return Err(CompareError::TooFew { count });
    }
    let groups: Result<Vec<Group>, CompareError> = arguments.iter().map(Group::read).collect();
    Comparison::of(groups?, options)
}

impl Comparison {
    /// Compares groups that were already read.
    ///
    /// # Errors
    ///
    /// If there are fewer than two groups, a run belongs to two of them, or the margin is negative
    /// or not finite.
    pub fn of(mut groups: Vec<Group>, options: &Options) -> Result<Self, CompareError> {
        if groups.len() < 2 {
            return Err(CompareError::TooFew {
                count: groups.len(),
            });
        }
        let metric = options.metric;
        refuse_shared(&groups)?;
        tell_apart(&mut groups);
        Ok(Self {
            metric,
            over: options.over,
            larger_is_better: metric.larger_is_better(),
            config: ConfigDifference::among(&groups),
            groups: groups
                .iter()
                .map(|group| GroupSummary::of(group, metric))
                .collect(),
            contrasts: Contrast::with_first(&groups.iter().collect::<Vec<_>>(), options)?,
            notes: notes::notes(&groups, metric),
        })
    }

    /// The number of tests that the p-values are corrected for.
    pub(crate) fn tests(&self) -> usize {
        let of = |contrast: &Contrast| {
            usize::from(contrast.p.is_some()) + usize::from(contrast.failures.is_some())
        };
        self.contrasts.iter().map(of).sum()
    }
}

fn refuse_shared(groups: &[Group]) -> Result<(), CompareError> {
    let mut seen = HashMap::new();
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

/// Names groups of the same experiment, for example with different seeds, by their arguments.
fn tell_apart(groups: &mut [Group]) {
    let names: Vec<String> = groups.iter().map(|group| group.name.clone()).collect();
    for group in groups {
        if names.iter().filter(|name| **name == group.name).count() > 1 {
            group.name.clone_from(&group.argument);
        }
    }
}
