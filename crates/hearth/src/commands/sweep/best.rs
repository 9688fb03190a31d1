use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use compare::statistics::{Candidate, MeanAndDeviation, Optimism, optimism};
use compare::{Comparison, Group, Options, Run};
use config::Sweep;
use present::{
    Column, Table, count, score, score_difference, score_unit, score_with_deviation, shown,
};
use record::{Metric, Quantity, Record};
use serde_json::json;
use spec::Split;

use super::SweepArguments;
use super::members::{MemberRuns, sort_by};
use crate::exit::{self, Failures, Usage};

/// Choose the best member of a sweep on validation, then show its test figures
#[derive(Debug, Args)]
#[command(
    after_help = "Example: hearth sweep best configs/sweeps/learning-rate.json --metric validation.loss"
)]
pub struct Arguments {
    #[command(flatten)]
    sweep: SweepArguments,
    /// Metric to choose by, of validation
    #[arg(long, default_value_t = ACCURACY, value_name = "METRIC", value_parser = on_validation)]
    metric: Metric,
    /// Compare the best with this experiment on the test set: a folder or a glob. The p-value counts for
    /// all members, since the best of many is good by chance, too
    #[arg(long, value_name = "EXPERIMENT")]
    against: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

const ACCURACY: Metric = Metric::of_kept(Split::Validation, Quantity::Accuracy);

fn on_validation(name: &str) -> Result<Metric, String> {
    let metric: Metric = name
        .parse()
        .map_err(|unknown: record::UnknownMetric| unknown.to_string())?;
    match metric.split {
        Split::Validation => Ok(metric),
        Split::Train | Split::Test => Err(
            "choose on validation: figures of the test set are for the member that was chosen, \
             those of the training set for none"
                .to_owned(),
        ),
    }
}

/// Prints the best member by validation, with its test figures.
pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let sweep = Sweep::load(&arguments.sweep.file)?;
    let metric = arguments.metric;
    let mut failures = Failures::default();
    let all = MemberRuns::all(&sweep, &arguments.sweep, &mut failures)?;
    let unfinished: usize = all.iter().map(|member| member.missing.len()).sum();
    let members = all.len();
    let mut candidates: Vec<MemberRuns> = all.into_iter().filter(is_candidate).collect();
    sort_by(&mut candidates, metric);
    let best = candidates
        .first()
        .and_then(|best| Some((best, best.mean(metric)?)));
    let Some((best, figures)) = best else {
        return Err(none(&candidates, metric, unfinished).into());
    };
    if unfinished > 0 {
        exit::say(&format!(
            "{} not done: the best so far",
            count(unfinished, "run is")
        ));
    }
    let luck = luck(&candidates, metric);
    let against = arguments.against.as_deref();
    let comparison = against
        .map(|baseline| compared(baseline, best, members))
        .transpose()?;
    let test = [Quantity::Accuracy, Quantity::Loss]
        .map(|quantity| Metric::of_kept(Split::Test, quantity))
        .map(|metric| (metric, best.mean(metric)));
    if arguments.json {
        let line = json!({
            "experiment": best.member.plan.name(),
            "values": best.values(&sweep),
            "runs": best.records.len(),
            "members": members,
            "metric": metric,
            "validation": figures,
            "test_accuracy": test[0].1,
            "test_loss": test[1].1,
            "optimism": luck.map(|luck| json!({ "validation": luck.chosen_by, "test": luck.test })),
            "against": comparison,
        });
        writeln!(out, "{line}")?;
        return Ok(failures.code());
    }
    let (chosen, seeds) = (metric.words(), count(best.records.len(), "seed"));
    writeln!(
        out,
        "best of {} by {chosen}, over {seeds}\n",
        count(members, "member")
    )?;
    let mut table = Table::new([
        Column::text("member"),
        Column::text(best.member.plan.name()),
    ]);
    for (key, value) in best.values(&sweep) {
        table.add([key, shown(&value)]);
    }
    table.add([chosen, with_deviation(metric, figures)]);
    for (metric, figures) in test {
        let figures = figures.map(|figures| with_deviation(metric, figures));
        table.add([Some(metric.words()), figures]);
    }
    write!(out, "{}", table.text())?;
    if let Some(second) = candidates.get(1)
        && let Some(figures) = second.mean(metric)
    {
        let (name, figures) = (second.member.plan.name(), with_deviation(metric, figures));
        writeln!(out, "\nsecond: {name}, {} {figures}", metric.words())?;
    }
    writeln!(out, "\n{}", lucky(luck, best, metric, candidates.len()))?;
    if let Some(comparison) = comparison {
        writeln!(out, "\n{}", comparison.text().trim_end())?;
    }
    Ok(failures.code())
}

/// The test metric of the same quantity.
fn on_test(metric: Metric) -> Metric {
    Metric::of_kept(Split::Test, metric.quantity)
}

/// How much too good the best looks, in the metric's unit; larger is better. `None` without two runs of a
/// member.
fn luck(candidates: &[MemberRuns], metric: Metric) -> Option<Optimism> {
    let sign = if metric.larger_is_better() { 1.0 } else { -1.0 };
    let of = |member: &MemberRuns| -> Candidate {
        let runs = member.records.iter();
        runs.filter_map(|run| Some((sign * metric.of(run)?, sign * on_test(metric).of(run)?)))
            .collect()
    };
    optimism(&candidates.iter().map(of).collect::<Vec<Candidate>>())
}

/// Says how much too good the best looks.
fn lucky(luck: Option<Optimism>, best: &MemberRuns, metric: Metric, candidates: usize) -> String {
    let Some(luck) = luck.filter(|_| candidates > 1) else {
        return "The best of several is good by chance, too; with more seeds, this says by how much."
            .to_owned();
    };
    let sign = if metric.larger_is_better() { -1.0 } else { 1.0 };
    let corrected = |metric: Metric, luck: f64| {
        let mean = best.mean(metric)?.mean;
        Some(format!(
            "{} by about {}{}, to {}",
            metric.words(),
            score_difference(metric.quantity, luck.abs()).trim_start_matches('+'),
            score_unit(metric.quantity),
            score(metric.quantity, mean + sign * luck)
        ))
    };
    let both = [
        corrected(metric, luck.chosen_by),
        corrected(on_test(metric), luck.test),
    ];
    let both: Vec<String> = both.into_iter().flatten().collect();
    format!(
        "The best of {candidates} is good by chance, too. Corrected for the choice (bootstrap over seeds): \
         {}.",
        both.join("; ")
    )
}

/// The best against a baseline, counted for all members.
fn compared(baseline: &Path, best: &MemberRuns, members: usize) -> anyhow::Result<Comparison> {
    let baseline = Group::read(baseline)?;
    let name = best.member.plan.name();
    let signature = &best.records[0].signature;
    if baseline
        .runs
        .iter()
        .any(|run| run.record.signature == *signature)
    {
        let problem = format!(
            "--against {}: it is the best member itself, so there is nothing to compare",
            baseline.argument
        );
        return Err(Usage::new(problem).into());
    }
    let runs = best.records.iter().map(|record| {
        let place = PathBuf::from(format!("{name} seed {}", record.seed));
        Run {
            path: place.clone(),
            place,
            record: record.clone(),
        }
    });
    let best = Group {
        name: name.to_owned(),
        argument: name.to_owned(),
        runs: runs.collect(),
        unfinished: Vec::new(),
    };
    let options = Options {
        chosen_from: members,
        ..Options::default()
    };
    Ok(Comparison::of(vec![baseline, best], &options)?)
}

/// Whether a member can be the best: its runs did not diverge and learnt something.
fn is_candidate(member: &MemberRuns) -> bool {
    let name = member.member.plan.name();
    let diverged = member.diverged();
    let idle = member
        .records
        .iter()
        .filter(|run| Record::learnt_nothing(run));
    let idle = idle.count();
    if diverged > 0 {
        exit::say(&format!(
            "{name}: left out, {} diverged",
            count(diverged, "run")
        ));
    } else if idle > 0 {
        exit::say(&format!(
            "{name}: left out, {} learnt nothing",
            count(idle, "run")
        ));
    }
    diverged + idle == 0
}

/// Why no member is the best.
fn none(candidates: &[MemberRuns], metric: Metric, unfinished: usize) -> Usage {
    let is_finished = |member: &MemberRuns| !member.records.is_empty();
    Usage::new(if candidates.iter().any(is_finished) {
        format!(
            "no {metric}: no examples are held out; set the data's validation_fraction in the base \
             config and run the sweep again"
        )
    } else if unfinished > 0 {
        "no member is finished; `hearth sweep run` runs them".to_owned()
    } else {
        "no member is left to choose from".to_owned()
    })
}

fn with_deviation(metric: Metric, figures: MeanAndDeviation) -> String {
    let MeanAndDeviation { mean, deviation } = figures;
    score_with_deviation(metric.quantity, mean, deviation)
}
