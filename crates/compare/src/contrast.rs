use record::{Metric, Quantity};
use serde::Serialize;

use crate::hypothesis::{Test, Tested, test};
use crate::statistics::{ALPHA, Evidence, Interval, Verdict, holm, mean};
use crate::{Group, Timing};

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
    /// The 95 % confidence interval of the difference.
    pub interval_95: Option<Interval>,
    /// The 90 % interval, which decides on equivalence.
    pub interval_90: Option<Interval>,
    /// How the difference was tested.
    pub test: Test,
    /// The two-sided p-value behind the verdict.
    pub p: Option<f64>,
    /// `p` with Holm's correction for all contrasts; equal to `p` if there is only one.
    pub p_holm: Option<f64>,
    /// The equivalence margin in the metric's unit. Absent if it is relative to the baseline's mean
    /// and the baseline has no value.
    pub margin: Option<f64>,
    /// The verdict on the difference.
    pub verdict: Verdict,
    /// Whether the verdict is undecided only because runs diverged; see [`Evidence::verdict`].
    pub withheld: bool,
    /// How many seeds would decide. Absent if the verdict is decided or nothing was tested.
    pub seeds_to_decide: Option<Seeds>,
    /// The training speeds of both groups.
    pub timing: Timing,
}

/// About how many seeds each group needs if the true difference is the one observed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Seeds {
    /// Absent if there are more than [`MOST_SEEDS`](crate::statistics::MOST_SEEDS).
    pub seeds: Option<usize>,
    /// What this many seeds would show.
    pub shows: Shows,
}

/// What more seeds would show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Shows {
    /// That one group is better.
    Difference,
    /// That the groups differ by less than the margin.
    Equivalence,
}

impl Contrast {
    /// Compares all groups with the first. `margin` is as in [`Options`](crate::Options).
    pub(crate) fn all(groups: &[Group], metric: Metric, margin: f64) -> Vec<Self> {
        let Some((baseline, others)) = groups.split_first() else {
            return Vec::new();
        };
        let margin = margin_of(baseline, metric, margin);
        let tested = others.iter().map(|group| test(baseline, group, metric));
        let tested: Vec<Tested> = tested.collect();
        let p: Vec<f64> = tested.iter().filter_map(|tested| tested.p).collect();
        let mut corrected = holm(&p).into_iter();
        let mut contrasts = Vec::new();
        for (group, tested) in others.iter().zip(tested) {
            let p_holm = tested.p.and_then(|_| corrected.next());
            let mut contrast = Self::new(baseline, group, metric, &tested, p_holm, margin);
            if contrast.verdict == Verdict::Undecided && !contrast.withheld {
                // The Bonferroni level is the smallest that Holm's correction uses.
                let alpha = ALPHA / p.len() as f64;
                contrast.seeds_to_decide = Seeds::to_decide(&tested, margin, alpha);
            }
            contrasts.push(contrast);
        }
        contrasts
    }

    fn new(
        baseline: &Group,
        group: &Group,
        metric: Metric,
        tested: &Tested,
        p_holm: Option<f64>,
        margin: Option<f64>,
    ) -> Self {
        let difference = tested.difference.unwrap_or(0.0);
        let evidence = Evidence {
            gain: if metric.larger_is_better() {
                difference
            } else {
                -difference
            },
            identical: tested.identical,
            interval: tested.intervals.map(|(_, interval)| interval),
            p: p_holm,
            margin: margin.unwrap_or(0.0),
            baseline_diverged: baseline.diverged() > 0,
            group_diverged: group.diverged() > 0,
        };
        let verdict = evidence.verdict();
        let as_if_none_diverged = Evidence {
            baseline_diverged: false,
            group_diverged: false,
            ..evidence
        };
        Self {
            baseline: baseline.name.clone(),
            group: group.name.clone(),
            difference: tested.difference,
            interval_95: tested.intervals.map(|(interval, _)| interval),
            interval_90: tested.intervals.map(|(_, interval)| interval),
            test: tested.test.clone(),
            p: tested.p,
            p_holm,
            margin,
            verdict,
            withheld: verdict != as_if_none_diverged.verdict(),
            seeds_to_decide: None,
            timing: Timing::of(baseline, group),
        }
    }
}

impl Seeds {
    fn to_decide(tested: &Tested, margin: Option<f64>, alpha: f64) -> Option<Self> {
        let (spread, difference) = (tested.spread?, tested.difference?);
        let find = spread.seeds_to_find(difference, alpha);
        let equate = margin.and_then(|margin| spread.seeds_to_equate(difference, margin));
        Some(match (find, equate) {
            (find, Some(equate)) if find.is_none_or(|find| equate < find) => Self {
                seeds: Some(equate),
                shows: Shows::Equivalence,
            },
            (find, _) => Self {
                seeds: find,
                shows: Shows::Difference,
            },
        })
    }
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
