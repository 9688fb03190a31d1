//! Verdicts on a family of comparisons.

use serde::Serialize;

use crate::hypothesis::Tested;
use crate::samples::{Arranged, Sample};
use crate::statistics::{ALPHA, Evidence, Failed, Interval, MOST_SEEDS, Verdict, fisher, holm};

/// The runs of both groups that diverged or learnt nothing.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Failures {
    /// Of the baseline.
    pub baseline: Failed,
    /// Of the group.
    pub group: Failed,
    /// The two-sided p-value of Fisher's exact test that both fail equally often.
    pub p: f64,
    /// `p` with Holm's correction for all tests of the comparison.
    pub p_holm: f64,
}

/// About how many seeds each group needs if the true difference and spread are those observed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Seeds {
    /// The fewest with which the verdict is decided with a chance of
    /// [`POWER`](crate::statistics::POWER). Absent if there are more than
    /// [`MOST_SEEDS`](crate::statistics::MOST_SEEDS).
    pub seeds: Option<usize>,
    /// The verdict that this many seeds most probably show.
    pub shows: Shows,
    /// The chance of that verdict.
    pub chance: f64,
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

/// A comparison of two groups, before the correction for several.
pub(crate) struct Compared {
    pub tested: Tested,
    /// The equivalence margin, if known.
    pub margin: Option<f64>,
    /// The failed runs of the baseline and of the group, if there are any.
    pub failures: Option<[Failed; 2]>,
    /// How many times larger p-values count: [`ALPHA`] over the level of a look if the groups are looked
    /// at while they grow, times the number of candidates that the group was chosen from; otherwise 1.
    pub counted: f64,
}

/// A comparison with its verdict; see [`Contrast`](crate::Contrast).
pub(crate) struct Judged {
    pub compared: Compared,
    pub interval_95: Option<Interval>,
    pub interval_90: Option<Interval>,
    pub p_holm: Option<f64>,
    pub p_equivalence: Option<f64>,
    pub failures: Option<Failures>,
    pub verdict: Verdict,
    pub withheld: bool,
    /// What [`ALPHA`] is divided by for the strictest test in the family.
    divisor: f64,
}

impl Judged {
    /// How many seeds would decide what is undecided.
    pub fn seeds_to_decide(&self) -> Option<Seeds> {
        let Compared { tested, margin, .. } = &self.compared;
        let is_open = self.verdict == Verdict::Undecided && !self.withheld;
        is_open.then(|| Seeds::to_decide(tested, *margin, self.divisor))?
    }
}

/// Judges the comparisons as one family: over all of them, a wrong "better" or "worse" has a
/// probability of at most [`ALPHA`], and so has a wrong "equivalent".
pub(crate) fn judged(family: Vec<Compared>, larger_is_better: bool) -> Vec<Judged> {
    let times: Vec<f64> = family.iter().map(|compared| compared.counted).collect();
    let counted = |p: &[Option<f64>]| -> Vec<Option<f64>> {
        let each = p.iter().zip(&times);
        each.map(|(p, times)| p.map(|p| (p * times).min(1.0)))
            .collect()
    };
    let gains: Vec<Option<f64>> = family.iter().map(|compared| compared.tested.p).collect();
    let of_failures = family.iter().map(|compared| {
        let [baseline, group] = compared.failures?;
        Some(fisher(baseline, group))
    });
    let p_failed: Vec<Option<f64>> = of_failures.collect();
    let p = [counted(&gains), counted(&p_failed)].concat();
    let comparisons = p.iter().flatten().count().max(1);
    let mut corrected = corrected(&p);
    let corrected_failed = corrected.split_off(family.len());
    let equivalences = family
        .iter()
        .map(|compared| compared.tested.equivalence(compared.margin?));
    let p_equivalence = self::corrected(&counted(&equivalences.collect::<Vec<_>>()));
    family
        .into_iter()
        .enumerate()
        .map(|(index, compared)| {
            let failures = compared.failures.zip(p_failed[index]);
            let failures = failures.map(|([baseline, group], p)| Failures {
                baseline,
                group,
                p,
                p_holm: corrected_failed[index].unwrap_or(p),
            });
            let p = [corrected[index], p_equivalence[index]];
            let divisor = comparisons as f64 * compared.counted;
            compared.judged(larger_is_better, divisor, p, failures)
        })
        .collect()
}

/// The verdicts that groups get by their values and failed runs, as one family. For each, the baseline's
/// and the group's; larger values are better. `level` is that of each test, [`ALPHA`] unless the groups
/// are looked at while they grow or were chosen. A simulation asks this, to count wrong verdicts.
pub fn verdicts(family: &[[(Sample, Failed); 2]], margin: f64, level: f64) -> Vec<Verdict> {
    let compared = family.iter().map(|[(baseline, failed), (group, others)]| {
        let too_few = baseline.values.len().min(group.values.len()) < 2;
        Compared {
            tested: if too_few {
                Tested::untested(None)
            } else {
                Arranged::new(baseline, group).tested(baseline.resolution)
            },
            margin: Some(margin),
            failures: (failed.failed + others.failed > 0).then_some([*failed, *others]),
            counted: ALPHA / level,
        }
    });
    let judged = judged(compared.collect(), true);
    judged.into_iter().map(|judged| judged.verdict).collect()
}

/// The p-values with Holm's correction, each in the place of its own.
fn corrected(p: &[Option<f64>]) -> Vec<Option<f64>> {
    let present: Vec<f64> = p.iter().copied().flatten().collect();
    let mut corrected = holm(&present).into_iter();
    p.iter().map(|p| p.and_then(|_| corrected.next())).collect()
}

impl Compared {
    /// `p` are the corrected p-values of the difference and of equivalence.
    fn judged(
        self,
        larger_is_better: bool,
        divisor: f64,
        [p_holm, p_equivalence]: [Option<f64>; 2],
        failures: Option<Failures>,
    ) -> Judged {
        let difference = self.tested.difference.unwrap_or(0.0);
        let evidence = Evidence {
            gain: if larger_is_better {
                difference
            } else {
                -difference
            },
            p: p_holm,
            p_equivalence,
            failed: failures.map_or([0.0; 2], |failures| {
                [failures.baseline, failures.group].map(Failed::share)
            }),
            p_failed: failures.map(|failures| failures.p_holm),
        };
        let (verdict, withheld) = (evidence.verdict(), evidence.is_withheld());
        // An interval has the level that Holm's correction gives to its test, so that it excludes zero
        // exactly where the difference is significant.
        let level = |alpha: f64, p: Option<f64>, corrected: Option<f64>| {
            let times = match (p, corrected) {
                (Some(p), Some(corrected)) if p > 0.0 && corrected < 1.0 => corrected / p,
                _ => divisor,
            };
            1.0 - alpha / times
        };
        let equivalence = self
            .margin
            .and_then(|margin| self.tested.equivalence(margin));
        let of_difference = level(ALPHA, self.tested.p, p_holm);
        let of_equivalence = level(2.0 * ALPHA, equivalence, p_equivalence);
        Judged {
            interval_95: self.tested.interval(of_difference),
            interval_90: self.tested.interval(of_equivalence),
            p_holm,
            p_equivalence,
            failures,
            verdict,
            withheld,
            divisor,
            compared: self,
        }
    }
}

impl Seeds {
    fn to_decide(tested: &Tested, margin: Option<f64>, divisor: f64) -> Option<Self> {
        let (spread, difference) = (tested.spread?, tested.difference?);
        let margin = margin.unwrap_or(0.0);
        let seeds = spread.seeds_to_decide(difference, margin, divisor);
        let at = seeds.unwrap_or(MOST_SEEDS);
        let chances = spread.chances(at, difference, margin, divisor);
        let (shows, chance) = if chances.equivalence > chances.difference {
            (Shows::Equivalence, chances.equivalence)
        } else {
            (Shows::Difference, chances.difference)
        };
        Some(Self {
            seeds,
            shows,
            chance,
        })
    }
}
