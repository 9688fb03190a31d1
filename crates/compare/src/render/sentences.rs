use present::{count, p_value, thousands};
use record::{Looks, Metric};

use super::figures::{difference, interval, margin, named};
use crate::statistics::{ALPHA, Failed, MOST_SEEDS, POWER, Permutation, TTest, Verdict};
use crate::{Comparison, Contrast, Failures, Rate, Shows, Test, Timing};

/// The heading: the groups and the verdict.
pub(super) fn title(contrast: &Contrast) -> String {
    let verdict = contrast.verdict.name();
    format!(
        "{} against {}: {verdict}",
        contrast.group, contrast.baseline
    )
}

/// One or two sentences each on the difference, the tests, the verdict, and the speed.
pub(super) fn about(contrast: &Contrast, comparison: &Comparison) -> Vec<String> {
    let metric = comparison.metric;
    let mut sentences = Vec::new();
    sentences.extend(seen(contrast, metric, comparison.tests()));
    sentences.extend(tests(contrast, metric));
    sentences.extend(corrected(contrast, comparison.tests()));
    sentences.extend(contrast.failures.map(|failures| failed(failures, contrast)));
    sentences.push(verdict(contrast, metric));
    sentences.push(timing(&contrast.timing));
    sentences
}

fn seen(contrast: &Contrast, metric: Metric, tests: usize) -> Option<String> {
    let seen = difference(metric, contrast.difference?);
    let around = match contrast.interval_95 {
        Some(around) => {
            let around = interval(metric, around);
            let corrected = if tests > 1 {
                ", with Holm's correction,"
            } else {
                ""
            };
            format!(" (95 % interval{corrected} {around})")
        }
        None => String::new(),
    };
    let over = match &contrast.test {
        Test::PairedSeeds {
            pairs, left_out: 0, ..
        } => format!(" over {pairs} seeds"),
        Test::PairedSeeds {
            pairs, left_out, ..
        } => {
            format!(" over {pairs} common seeds ({left_out} seeds are in one group only)")
        }
        Test::IndependentSeeds {
            because,
            baseline_runs,
            group_runs,
            ..
        } => {
            format!(" between {baseline_runs} and {group_runs} runs, unpaired because {because}")
        }
        Test::TrainedModels { discordant, .. } => {
            format!(" on the same {}", count(discordant.examples, "example"))
        }
        Test::SeedsAndExamples {
            pairs,
            baseline_runs,
            group_runs,
            examples,
            ..
        } => {
            let runs = match pairs {
                Some(pairs) => count(*pairs, "seed"),
                None => format!("{baseline_runs} and {group_runs} unpaired runs"),
            };
            format!(" over {runs} and {}", count(*examples, "test example"))
        }
        Test::Identical | Test::Untested { .. } => String::new(),
    };
    let name = named(metric);
    let name = name[..1].to_uppercase() + &name[1..];
    Some(format!("{name} differs by {seen}{around}{over}."))
}

fn tests(contrast: &Contrast, metric: Metric) -> Option<String> {
    let sentence = match &contrast.test {
        Test::PairedSeeds {
            pairs,
            t_test,
            permutation,
            cohen_d_z,
            superiority,
            ..
        } => format!(
            "{}; sign-flip test {}. {}Better in {:.0} % of pairs.",
            student("Paired t-test", t_test.as_ref()),
            permuted(permutation, &format!("{pairs} pairs")),
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
            "{}; permutation test {}. {}A run is better than one of the baseline with probability \
             {superiority:.2}.",
            student("Welch's t-test", t_test.as_ref()),
            match permutation {
                Some(permutation) =>
                    permuted(permutation, &format!("{} runs", baseline_runs + group_runs)),
                None => "skipped: too many permutations".to_owned(),
            },
            effect("Hedges' g", *hedges_g),
        ),
        Test::TrainedModels {
            discordant,
            baseline_seed,
            group_seed,
            ..
        } => format!(
            "Only the group's model is right on {}, only the baseline's on {}; McNemar's exact \
             test {}.{}",
            count(discordant.only_group_correct, "example"),
            thousands(discordant.only_baseline_correct),
            p_value(discordant.p()),
            if baseline_seed == group_seed {
                String::new()
            } else {
                format!(" Their seeds also differ: {group_seed} and {baseline_seed}.")
            }
        ),
        Test::SeedsAndExamples {
            t_test,
            of_examples,
            ..
        } => format!(
            "t-test with {:.1} degrees of freedom {}. With any number of seeds, the test examples alone \
             would leave {}.",
            t_test.degrees_of_freedom,
            p_value(t_test.p),
            margin(metric, 1.96 * of_examples),
        ),
        Test::Identical | Test::Untested { .. } => return None,
    };
    Some(sentence)
}

/// The p-value that counts, if it is not that of the test.
fn corrected(contrast: &Contrast, tests: usize) -> Option<String> {
    let p = p_value(contrast.p_holm?);
    let holm = (tests > 1).then(|| format!("Holm's correction for {tests} tests"));
    let looks = contrast.looks.as_ref().map(|looks| {
        format!(
            "looks planned after {} seeds, each at a level of {:.4}",
            listed(&looks.after),
            looks.level
        )
    });
    let chosen = (contrast.chosen_from > 1).then(|| {
        format!(
            "the choice among {}",
            count(contrast.chosen_from, "candidate")
        )
    });
    let reasons: Vec<String> = holm.into_iter().chain(looks).chain(chosen).collect();
    (!reasons.is_empty()).then(|| format!("With {}: {p}.", reasons.join(" and ")))
}

/// `5, 10 and 20`.
fn listed(numbers: &[usize]) -> String {
    let texts: Vec<String> = numbers.iter().map(usize::to_string).collect();
    match texts.as_slice() {
        [before @ .., last] if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        few => few.concat(),
    }
}

fn student(name: &str, test: Option<&TTest>) -> String {
    match test {
        Some(test) => format!("{name} {}", p_value(test.p)),
        None => format!("{name} not possible: no spread"),
    }
}

fn permuted(permutation: &Permutation, sample: &str) -> String {
    let p = p_value(permutation.p);
    if !permutation.exact {
        return format!("{p} by a normal approximation");
    }
    if permutation.p <= permutation.smallest_p * (1.0 + 1e-9) {
        format!("{p}, the minimum for {sample}")
    } else {
        let smallest = p_value(permutation.smallest_p);
        format!("{p} (minimum for {sample}: {smallest})")
    }
}

fn effect(name: &str, size: Option<f64>) -> String {
    size.map_or(String::new(), |size| format!("{name} = {size:.2}. "))
}

/// How many runs failed.
fn failed(failures: Failures, contrast: &Contrast) -> String {
    let of =
        |name: &str, seen: Failed| format!("{} of the {} runs of {name}", seen.failed, seen.runs);
    format!(
        "Diverged or learnt nothing: {} and {}; Fisher's exact test {}.",
        of(&contrast.group, failures.group),
        of(&contrast.baseline, failures.baseline),
        p_value(failures.p),
    )
}

fn verdict(contrast: &Contrast, metric: Metric) -> String {
    let of_models = matches!(contrast.test, Test::TrainedModels { .. });
    let by_failures = contrast
        .failures
        .is_some_and(|failures| failures.p_holm < ALPHA);
    let conclusion = match contrast.verdict {
        Verdict::Better if by_failures => "Its runs fail less often.".to_owned(),
        Verdict::Worse if by_failures => "Its runs fail more often.".to_owned(),
        Verdict::Better | Verdict::Worse if of_models => {
            "The choice of test examples alone does not explain the difference.".to_owned()
        }
        Verdict::Better | Verdict::Worse
            if matches!(contrast.test, Test::SeedsAndExamples { .. }) =>
        {
            "Seeds and the choice of test examples do not explain the difference.".to_owned()
        }
        Verdict::Better | Verdict::Worse => "Seeds alone do not explain the difference.".to_owned(),
        Verdict::Equivalent => match contrast.p_equivalence {
            // A p-value may be too small for a number, too.
            Some(p) if p > 0.0 || contrast.difference != Some(0.0) => format!(
                "The difference lies within {}: two one-sided tests {}.",
                within(contrast, metric),
                p_value(p)
            ),
            Some(_) | None => "The results are identical.".to_owned(),
        },
        Verdict::Undecided => undecided(contrast, metric),
    };
    if of_models {
        conclusion
            + " This is about these two trained models on this test set, not about the experiments."
    } else {
        conclusion
    }
}

fn undecided(contrast: &Contrast, metric: Metric) -> String {
    if let Test::Untested { because } = &contrast.test {
        return format!("Not tested: {because}.");
    }
    if contrast.withheld {
        return "Runs failed, and the remaining runs do not represent their group.".to_owned();
    }
    let needed = match &contrast.looks {
        Some(looks) => looks_left(looks, &contrast.test),
        None => advised(contrast),
    };
    let within = within(contrast, metric);
    format!("These runs show neither a difference nor equivalence within {within}.{needed}")
}

/// When the verdict is asked for again.
fn looks_left(looks: &Looks, test: &Test) -> String {
    let seeds = match test {
        Test::PairedSeeds { pairs, .. } => *pairs,
        Test::IndependentSeeds {
            baseline_runs,
            group_runs,
            ..
        }
        | Test::SeedsAndExamples {
            baseline_runs,
            group_runs,
            ..
        } => *baseline_runs.min(group_runs),
        Test::Identical | Test::TrainedModels { .. } | Test::Untested { .. } => 1,
    };
    match looks.after.iter().find(|&&look| look > seeds) {
        Some(next) => format!(" The next planned look is after {next} seeds each."),
        None => " No planned look is left.".to_owned(),
    }
}

/// The number of seeds that would decide.
fn advised(contrast: &Contrast) -> String {
    contrast.seeds_to_decide.map_or(String::new(), |needed| {
        let shown = match needed.shows {
            Shows::Difference => "a difference",
            Shows::Equivalence => "equivalence",
        };
        match needed.seeds {
            Some(seeds) => format!(
                " If difference and spread are as seen, {seeds} seeds each decide with a chance of \
                 {:.0} %, most likely for {shown}. Judge them once: each look at the figures in \
                 between is another chance of a wrong verdict, unless `hearth run --until-decided` \
                 plans the looks.",
                100.0 * POWER
            ),
            None => format!(" More than {MOST_SEEDS} seeds each would be needed."),
        }
    })
}

fn within(contrast: &Contrast, metric: Metric) -> String {
    let within = contrast.margin;
    within.map_or(String::new(), |within| margin(metric, within))
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
            "Speed: {} against {} training examples per second, a ratio of {ratio:.2}.",
            rate(group),
            rate(baseline),
        ),
        Timing::NotComparable { not_comparable } => {
            format!("Speed: not comparable: {not_comparable}.")
        }
    }
}
