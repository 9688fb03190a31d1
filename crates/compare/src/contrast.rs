use rayon::prelude::*;
use record::{Looks, Metric, Quantity};
use serde::Serialize;

use crate::family::{Compared, Failures, Judged, Seeds, judged};
use crate::hypothesis::{Test, test};
use crate::statistics::{ALPHA, Failed, Interval, Verdict, mean};
use crate::{CompareError, Group, Options, Timing, copies};

/// A group compared with the baseline, the first group.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Contrast {
    /// The baseline's name.
    pub baseline: String,
    /// The group's name.
    pub group: String,
    /// The group's mean minus the baseline's, in the metric's unit. Absent if one of them has no
    /// value, or if they were measured on different examples.
    pub difference: Option<f64>,
    /// The 95 % confidence interval of the difference, at the level that Holm's correction gives to the
    /// test: it excludes zero exactly where the difference is significant.
    pub interval_95: Option<Interval>,
    /// The 90 % interval, corrected likewise: it lies within the margin exactly where equivalence is
    /// shown.
    pub interval_90: Option<Interval>,
    /// How the difference was tested.
    pub test: Test,
    /// The two-sided p-value behind the verdict.
    pub p: Option<f64>,
    /// The rule by which runs were added until the verdict was decided; null if there was none.
    pub looks: Option<Looks>,
    /// The number of candidates that the group was chosen from; 1 if it was not chosen.
    pub chosen_from: usize,
    /// `p` with Holm's correction for all contrasts, counted for all planned looks and all candidates;
    /// equal to `p` if there is one of each.
    pub p_holm: Option<f64>,
    /// The equivalence margin in the metric's unit. Absent if it is relative to the baseline's mean
    /// and the baseline has no value.
    pub margin: Option<f64>,
    /// The p-value of the equivalence within the margin, with Holm's correction.
    pub p_equivalence: Option<f64>,
    /// The runs that failed; absent if none did on either side.
    pub failures: Option<Failures>,
    /// The verdict on the difference.
    pub verdict: Verdict,
    /// Whether the verdict is undecided only because runs failed; see [`Evidence::verdict`].
    pub withheld: bool,
    /// How many seeds would decide. Absent if the verdict is decided or nothing was tested.
    pub seeds_to_decide: Option<Seeds>,
    /// The training speeds of both groups.
    pub timing: Timing,
}

impl Contrast {
    /// Whether runs of the group diverged or learnt nothing.
    pub fn has_failed_runs(&self) -> bool {
        self.failures
            .is_some_and(|failures| failures.group.failed > 0)
    }

    /// Whether the groups could be compared.
    pub fn is_tested(&self) -> bool {
        !matches!(self.test, Test::Untested { .. })
    }

    /// Compares all groups with the first, as one family.
    ///
    /// # Errors
    ///
    /// As for [`all_pairs`](Self::all_pairs).
    pub fn with_first(groups: &[&Group], options: &Options) -> Result<Vec<Self>, CompareError> {
        let Some((baseline, others)) = groups.split_first() else {
            return Ok(Vec::new());
        };
        copies::refuse(groups.iter().copied())?;
        let pairs: Vec<(&Group, &Group)> = others.iter().map(|group| (*baseline, *group)).collect();
        Self::family(&pairs, options)
    }

    /// Compares each group with each before it, as one family: that one of them is the best by the same
    /// figures makes no verdict on the others more likely.
    ///
    /// # Errors
    ///
    /// If two runs have the same result under different seeds, or the margin is negative or not finite.
    pub fn all_pairs(groups: &[&Group], options: &Options) -> Result<Vec<Self>, CompareError> {
        copies::refuse(groups.iter().copied())?;
        let pairs = groups.iter().enumerate();
        let pairs: Vec<(&Group, &Group)> = pairs
            .flat_map(|(index, baseline)| {
                let later = groups[index + 1..].iter();
                later.map(move |group| (*baseline, *group))
            })
            .collect();
        Self::family(&pairs, options)
    }

    /// Compares the second group of each pair with the first, as one [family](judged).
    fn family(pairs: &[(&Group, &Group)], options: &Options) -> Result<Vec<Self>, CompareError> {
        let (metric, margin) = (options.metric, options.margin()?);
        let looks = |baseline: &Group, group: &Group| {
            let planned = options.looks.iter();
            strictest(planned.chain(looks(baseline)).chain(looks(group))).cloned()
        };
        let all = pairs.par_iter().map(|(baseline, group)| {
            let (test, tested) = test(baseline, group, metric, options.over);
            let compared = Compared {
                tested,
                margin: margin_of(baseline, metric, margin),
                failures: failures(baseline, group),
                counted: options.chosen_from as f64
                    * looks(baseline, group).map_or(1.0, |looks| (ALPHA / looks.level).max(1.0)),
            };
            (test, compared)
        });
        let (tests, compared): (Vec<Test>, Vec<Compared>) = all.unzip();
        let judged = judged(compared, metric.larger_is_better());
        let found: Vec<(Test, Judged)> = tests.into_iter().zip(judged).collect();
        let contrasts = pairs.par_iter().zip(found);
        let contrasts = contrasts.map(|(&(baseline, group), (test, judged))| Self {
            looks: looks(baseline, group),
            chosen_from: options.chosen_from,
            ..Self::new(baseline, group, test, judged)
        });
        Ok(contrasts.collect())
    }

    fn new(baseline: &Group, group: &Group, test: Test, judged: Judged) -> Self {
        let seeds_to_decide = judged.seeds_to_decide();
        let Compared { tested, margin, .. } = judged.compared;
        Self {
            baseline: baseline.name.clone(),
            group: group.name.clone(),
            difference: tested.difference,
            interval_95: judged.interval_95,
            interval_90: judged.interval_90,
            p: tested.p,
            test,
            looks: None,
            chosen_from: 1,
            p_holm: judged.p_holm,
            margin,
            p_equivalence: judged.p_equivalence,
            failures: judged.failures,
            verdict: judged.verdict,
            withheld: judged.withheld,
            seeds_to_decide,
            timing: Timing::of(baseline, group),
        }
    }
}

/// The rules by which the group's runs were added.
fn looks(group: &Group) -> impl Iterator<Item = &Looks> {
    let runs = group.runs.iter();
    runs.filter_map(|run| run.record.run.looks.as_ref())
}

fn strictest<'a>(looks: impl Iterator<Item = &'a Looks>) -> Option<&'a Looks> {
    looks.min_by(|one, other| one.level.total_cmp(&other.level))
}

/// The failed runs of both groups, if there are any. Where no run of either group learnt anything, only
/// diverged runs count: the task is hard, and no group is an exception.
fn failures(baseline: &Group, group: &Group) -> Option<[Failed; 2]> {
    let any_learnt = baseline.any_learnt() || group.any_learnt();
    let both = [baseline, group].map(|group| Failed {
        failed: group.diverged()
            + if any_learnt {
                group.learnt_nothing()
            } else {
                0
            },
        runs: group.runs.len(),
    });
    both.iter().any(|of| of.failed > 0).then_some(both)
}

/// The margin in the metric's unit: absolute for accuracy, relative to the baseline's mean for a
/// loss.
fn margin_of(baseline: &Group, metric: Metric, margin: f64) -> Option<f64> {
    match metric.quantity {
        Quantity::Accuracy => Some(margin),
        Quantity::Loss | Quantity::PlainLoss => {
            Some(margin * mean(&baseline.figures(metric))?.abs())
        }
    }
}
