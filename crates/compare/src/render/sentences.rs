use crate::statistics::{MOST_SEEDS, Permutation, TTest, Verdict};
use crate::{Comparison, Contrast, Metric, Rate, Shows, Test, Timing};

use super::figures::{difference, interval, margin, named, p_value, thousands};

/// The groups and the verdict.
pub(super) fn title(contrast: &Contrast) -> String {
    let verdict = match contrast.verdict {
        Verdict::Better => "better",
        Verdict::Worse => "worse",
        Verdict::Equivalent => "equivalent",
        Verdict::Undecided => "undecided",
    };
    format!(
        "{} against {}: {verdict}",
        contrast.group, contrast.baseline
    )
}

/// The difference, the tests, what follows, and the speed: a sentence or two each.
pub(super) fn about(contrast: &Contrast, comparison: &Comparison) -> Vec<String> {
    let metric = comparison.metric;
    let mut sentences = Vec::new();
    sentences.extend(seen(contrast, metric));
    sentences.extend(tests(contrast));
    let tested = comparison
        .contrasts
        .iter()
        .filter(|contrast| contrast.p.is_some());
    if let (Some(p), several @ 2..) = (contrast.p_holm, tested.count()) {
        let p = p_value(p);
        sentences.push(format!(
            "With Holm's correction for {several} comparisons: {p}."
        ));
    }
    sentences.push(verdict(contrast, metric));
    sentences.push(timing(&contrast.timing));
    sentences
}

fn seen(contrast: &Contrast, metric: Metric) -> Option<String> {
    let seen = difference(metric, contrast.difference?);
    let around = match contrast.interval_95 {
        Some(around) => format!(" (95 % interval {})", interval(metric, around)),
        None => String::new(),
    };
    let over = match &contrast.test {
        Test::PairedSeeds {
            pairs, left_out: 0, ..
        } => format!(" over {pairs} seeds"),
        Test::PairedSeeds {
            pairs, left_out, ..
        } => {
            format!(" over the {pairs} seeds in both; {left_out} more are in one only")
        }
        Test::IndependentSeeds {
            because,
            baseline_runs,
            group_runs,
            ..
        } => {
            format!(" between {baseline_runs} runs and {group_runs}, not paired: {because}")
        }
        Test::TrainedModels { discordant, .. } => {
            format!(" on the same {} examples", thousands(discordant.examples))
        }
        Test::Identical | Test::Untested { .. } => String::new(),
    };
    let name = named(metric);
    let name = name[..1].to_uppercase() + &name[1..];
    Some(format!("{name} differs by {seen}{around}{over}."))
}

fn tests(contrast: &Contrast) -> Option<String> {
    let sentence = match &contrast.test {
        Test::PairedSeeds {
            pairs,
            t_test,
            permutation,
            cohen_d_z,
            superiority,
            ..
        } => format!(
            "{}; sign flips {}. {}Ahead in {:.0} % of pairs.",
            student("Paired t-test", t_test.as_ref()),
            counted(permutation, &format!("{pairs} pairs")),
            effect("d_z", *cohen_d_z),
            100.0 * superiority,
        ),
        Test::IndependentSeeds {
            baseline_runs,
            group_runs,
            t_test,
            permutation,
            hedges_g,
            superiority,
            ..
        } => format!(
            "{}; labels exchanged {}. {}A run is ahead of a baseline's with probability \
             {superiority:.2}.",
            student("Welch's t-test", t_test.as_ref()),
            match permutation {
                Some(permutation) =>
                    counted(permutation, &format!("{} runs", baseline_runs + group_runs)),
                None => "too many ways to count".to_owned(),
            },
            effect("Hedges' g", *hedges_g),
        ),
        Test::TrainedModels {
            discordant,
            baseline_seed,
            group_seed,
            ..
        } => format!(
            "Right alone on {}, the baseline alone on {}; McNemar's exact test {}.{}",
            discordant.only_group_correct,
            discordant.only_baseline_correct,
            p_value(discordant.p()),
            match baseline_seed == group_seed {
                true => String::new(),
                false => format!(" Their seeds differ, too: {group_seed} and {baseline_seed}."),
            }
        ),
        Test::Identical | Test::Untested { .. } => return None,
    };
    Some(sentence)
}

fn student(name: &str, test: Option<&TTest>) -> String {
    match test {
        Some(test) => format!("{name} {}", p_value(test.p)),
        None => format!("{name} not possible without a spread"),
    }
}

fn counted(permutation: &Permutation, of: &str) -> String {
    let p = p_value(permutation.p);
    if !permutation.exact {
        return format!("{p} by a normal approximation");
    }
    match permutation.p <= permutation.smallest_p * (1.0 + 1e-9) {
        true => format!("{p}, the least that {of} can give"),
        false => format!(
            "{p}, where {of} give {} at the least",
            p_value(permutation.smallest_p)
        ),
    }
}

fn effect(name: &str, size: Option<f64>) -> String {
    size.map_or(String::new(), |size| format!("{name} = {size:.2}. "))
}

fn verdict(contrast: &Contrast, metric: Metric) -> String {
    let within = contrast
        .margin
        .map_or(String::new(), |within| margin(metric, within));
    let scope = match contrast.test {
        Test::TrainedModels { .. } => {
            " This is about these two trained models on this test set, not about the experiments."
        }
        _ => "",
    };
    let held = match (contrast.verdict, &contrast.test) {
        (Verdict::Better | Verdict::Worse, Test::TrainedModels { .. }) => {
            "The choice of test examples alone does not explain the difference.".to_owned()
        }
        (Verdict::Better | Verdict::Worse, _) => {
            "Seeds alone do not explain the difference.".to_owned()
        }
        (Verdict::Equivalent, _) => match contrast.interval_90 {
            Some(inner) => format!(
                "The 90 % interval, {}, lies within {within}.",
                interval(metric, inner)
            ),
            None => "The results are identical.".to_owned(),
        },
        (Verdict::Undecided, Test::Untested { because }) => format!("Not tested: {because}."),
        (Verdict::Undecided, _) if contrast.withheld => {
            "Runs diverged: what is left of a group with such runs is no fair sample of it."
                .to_owned()
        }
        (Verdict::Undecided, _) => {
            let needed = contrast.seeds_to_decide.map_or(String::new(), |needed| {
                let shown = match needed.shows {
                    Shows::Difference => "a difference of this size",
                    Shows::Equivalence => "equivalence",
                };
                match needed.seeds {
                    Some(seeds) => format!(" About {seeds} seeds each would show {shown}."),
                    None => format!(" More than {MOST_SEEDS} seeds each would be needed."),
                }
            });
            format!("Neither a difference nor equivalence within {within} is shown.{needed}")
        }
    };
    held + scope
}

fn timing(timing: &Timing) -> String {
    let rate = |rate: &Rate| match rate.standard_deviation {
        Some(deviation) => format!("{} ± {}", thousands(rate.mean), thousands(deviation)),
        None => thousands(rate.mean),
    };
    match timing {
        Timing::Measured {
            baseline,
            group,
            ratio,
        } => format!(
            "Speed: {} against {} training examples per second, {ratio:.2} times.",
            rate(group),
            rate(baseline),
        ),
        Timing::NotComparable { not_comparable } => {
            format!("Speed: not comparable: {not_comparable}.")
        }
    }
}
