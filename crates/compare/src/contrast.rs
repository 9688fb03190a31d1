use serde::Serialize;

use crate::statistics::{ALPHA, Evidence, Interval, Verdict, holm, mean};
use crate::test::{Test, Tested, test};
use crate::{Group, Metric, Quantity, Timing};

/// A group beside the baseline, the first group.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Contrast {
    pub baseline: String,
    pub group: String,
    /// The group's figure minus the baseline's; absent where one of them has none, or they were
    /// measured on different examples.
    pub difference: Option<f64>,
    pub interval_95: Option<Interval>,
    /// The one that equivalence is judged by.
    pub interval_90: Option<Interval>,
    pub test: Test,
    /// Two-sided, of the test that the verdict rests on.
    pub p: Option<f64>,
    /// `p` with Holm's correction for all contrasts; the same where there is one.
    pub p_holm: Option<f64>,
    /// What counts as no difference, in the metric's unit; absent where the baseline has no figure
    /// that a loss's could be a part of.
    pub margin: Option<f64>,
    pub verdict: Verdict,
    /// Whether the verdict is undecided only because runs diverged; see [`Evidence::verdict`].
    pub withheld: bool,
    /// What would decide it; absent where the verdict is or no test was made.
    pub seeds_to_decide: Option<Seeds>,
    pub timing: Timing,
}

/// About how many seeds each group needs, if the difference is what was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Seeds {
    /// Absent where it is more than [`MOST_SEEDS`](crate::statistics::MOST_SEEDS).
    pub seeds: Option<usize>,
    pub shows: Shows,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Shows {
    Difference,
    Equivalence,
}

impl Contrast {
    /// All groups beside the first. The margin is in the unit of [`Options`](crate::Options).
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
                // Bonferroni's share is the least that Holm's correction leaves of the level.
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
            gain: match metric.larger_is_better() {
                true => difference,
                false => -difference,
            },
            identical: tested.identical,
            interval: tested.intervals.map(|(_, interval)| interval),
            p: p_holm,
            margin: margin.unwrap_or(0.0),
            baseline_diverged: baseline.diverged() > 0,
            group_diverged: group.diverged() > 0,
        };
        let verdict = evidence.verdict();
        let of_the_rest = Evidence {
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
            withheld: verdict != of_the_rest.verdict(),
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

/// Of accuracy as it is; of a loss the part of the baseline's mean.
fn margin_of(baseline: &Group, metric: Metric, margin: f64) -> Option<f64> {
    if metric.quantity == Quantity::Accuracy {
        return Some(margin);
    }
    Some(margin * mean(&baseline.figures(metric))?.abs())
}
