//! Seeds that are added to two configs until the verdict is decided.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use compare::statistics::{level_of_looks, planned_looks};
use compare::{Comparison, Group, Options, Source, Verdict};
use config::Plan;
use present::{score_difference, score_unit};
use record::Looks;

use super::Arguments;
use crate::arguments::ComputeArguments;
use crate::exit::{self, Usage};
use crate::training::{Finished, Ready, Training};

/// The number of seeds after which to stop.
const MOST_SEEDS: u16 = 30;

/// Runs both plans with the seeds up to each look, and stops at the first that decides. Prints the runs
/// and the comparison.
pub(super) fn execute(
    arguments: &Arguments,
    plans: &[Plan],
    mut training: Training,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let [first, second] = plans else {
        let problem = format!(
            "--until-decided compares two configs, but {} can be run; name two",
            plans.len()
        );
        return Err(Usage::new(problem).into());
    };
    if first.is_same_config(second) {
        let problem = format!(
            "--until-decided: {} and {} are the same experiment; name two that differ",
            first.name(),
            second.name()
        );
        return Err(Usage::new(problem).into());
    }
    let after = planned_looks(usize::from(arguments.max_seeds.unwrap_or(MOST_SEEDS)));
    let looks = Looks {
        level: level_of_looks(&after),
        after,
    };
    let options = Options {
        looks: Some(looks.clone()),
        ..arguments.verdict.options()
    };
    training.looks = Some(looks);
    let mut finished: [Vec<Finished>; 2] = Default::default();
    let done = decide(
        &[first, second],
        &options,
        &arguments.compute,
        &mut training,
        &mut finished,
    );
    for (plan, finished) in [first, second].into_iter().zip(&finished) {
        training.sum_up(plan, finished);
    }
    training.show(out)?;
    match done {
        Ok(Some(comparison)) => {
            writeln!(out, "\n{}", comparison.text().trim_end())?;
            training.code(Ok(()))
        }
        Ok(None) => training.code(Ok(())),
        Err(error) => training.code(Err(error)),
    }
}

/// The comparison of the look that decided, or of the last. `None` if runs are missing: their errors were
/// said.
fn decide(
    plans: &[&Plan; 2],
    options: &Options,
    compute: &ComputeArguments,
    training: &mut Training,
    finished: &mut [Vec<Finished>; 2],
) -> anyhow::Result<Option<Comparison>> {
    let looks = options.looks.iter().flat_map(|looks| &looks.after);
    let ready = [
        Ready::new(plans[0], compute)?,
        Ready::new(plans[1], compute)?,
    ];
    let (mut last, mut begun) = (None, 0);
    for &look in looks {
        // A seed of both, then the next: what an interruption leaves is balanced.
        for seed in begun..look {
            for (ready, finished) in ready.iter().zip(&mut *finished) {
                finished.extend(training.run_seeds(ready, &[seed as u64])?);
            }
        }
        begun = look;
        if finished.iter().any(|finished| finished.len() < look) {
            return Ok(None);
        }
        check_rules(options, finished)?;
        let [baseline, group] = [0, 1].map(|side| {
            let folders = finished[side].iter().map(|(_, folder)| folder.path());
            let source = Source {
                finished: folders.map(PathBuf::from).collect(),
                ..Source::default()
            };
            Group::of(plans[side].name(), source)
        });
        let (mut baseline, mut group) = (baseline?, group?);
        // A finished run may be another experiment's.
        plans[0].name().clone_into(&mut baseline.name);
        plans[1].name().clone_into(&mut group.name);
        let comparison = Comparison::of(vec![baseline, group], options)?;
        let verdict = comparison.contrasts[0].verdict;
        exit::say(&said(look, &comparison));
        last = Some(comparison);
        if verdict != Verdict::Undecided {
            break;
        }
    }
    Ok(last)
}

/// One line about a look.
fn said(look: usize, comparison: &Comparison) -> String {
    let contrast = &comparison.contrasts[0];
    let quantity = comparison.metric.quantity;
    let seen = contrast.difference.map_or(String::new(), |seen| {
        let (seen, unit) = (score_difference(quantity, seen), score_unit(quantity));
        format!(", {} {seen}{unit}", comparison.metric.words())
    });
    format!(
        "after {look} seeds each: {} against {}: {}{seen}",
        contrast.group,
        contrast.baseline,
        contrast.verdict.name()
    )
}

/// Refuses to go on under another rule than that of the runs that are there: the earlier looks would
/// not count.
fn check_rules(options: &Options, finished: &[Vec<Finished>; 2]) -> anyhow::Result<()> {
    let Some(planned) = &options.looks else {
        return Ok(());
    };
    let other = |runs: &Vec<Finished>| -> Option<(Vec<usize>, String)> {
        runs.iter().find_map(|(record, folder)| {
            let looks = record.run.looks.as_ref()?;
            let is_other = looks.after != planned.after;
            is_other.then(|| (looks.after.clone(), folder.result().display().to_string()))
        })
    };
    match (other(&finished[0]), other(&finished[1])) {
        (Some((after, path)), Some(_)) => {
            let most = after.last().copied().unwrap_or_default();
            let problem = format!(
                "{path}: was run under another rule, with at most {most} seeds; give --max-seeds \
                 {most}, or another --out to begin anew"
            );
            Err(Usage::new(problem).into())
        }
        _ => Ok(()),
    }
}
