use compare::statistics::mean;
use compare::{Contrast, Test, TestSetUse, Verdict};
use maud::{Markup, html};
use present::{MISSING, count, p_value, rough, thousands};
use record::{Metric, Quantity};
use spec::Split;

use super::name::name;
use super::table::table;
use crate::Report;
use crate::experiment::Experiment;
use crate::means::{self, or_dash};
use crate::standing::{Standing, Standings, standings};

pub(super) fn section(report: &Report) -> Option<Markup> {
    if report.experiments.is_empty() {
        return None;
    }
    let all = standings(
        &report.experiments,
        &report.named,
        report.baseline.as_deref(),
    );
    let baseline = report.baseline.as_deref().unwrap_or("best");
    let rows_of_all = || all.iter().flat_map(|standings| &standings.rows);
    let shows = Shows {
        baseline: if report.baseline.is_some() {
            "baseline"
        } else {
            "best"
        },
        verdicts: rows_of_all().any(|standing| standing.contrast.is_some()),
        validation: all
            .iter()
            .any(|standings| standings.ranked_by.split == Split::Validation),
        diverged: report
            .experiments
            .iter()
            .any(|experiment| experiment.diverged().next().is_some()),
    };
    let columns = 7 + [shows.verdicts, shows.validation, shows.diverged]
        .map(usize::from)
        .iter()
        .sum::<usize>();
    let rows = html! {
        thead {
            tr {
                th scope="col" { "Experiment" }
                @if shows.validation { th.number scope="col" { "Validation accuracy, %" } }
                th.number scope="col" { "Test accuracy, %" }
                @if shows.verdicts { th scope="col" { "vs. " (baseline) } }
                th.number scope="col" { "Test loss" }
                th.number scope="col" { "Last validation loss" }
                th.number scope="col" { "Seeds" }
                @if shows.diverged { th.number scope="col" { "Diverged" } }
                th.number scope="col" { "Epochs" }
                th.number scope="col" { "Parameters" }
                th.number scope="col" { "Training examples/s" }
            }
        }
        @for standings in &all {
            tbody {
                tr { th.group colspan=(columns) scope="rowgroup" { (test_set(standings)) } }
                @for standing in &standings.rows {
                    (row(&report.experiments[standing.index], standing, &shows))
                }
            }
        }
    };
    let caption = "Mean ± sample standard deviation over seeds";
    Some(html! {
        (table("summary-table", caption, &rows))
        @for problem in all.iter().filter_map(|standings| standings.problem.as_ref()) {
            p.remark { "Not compared: " (problem) "." }
        }
        @for usage in TestSetUse::among(report.experiments.iter().flat_map(Experiment::runs)) {
            p.remark { (usage.to_string()) "." }
        }
        @if shows.verdicts {
            p.remark {
                "vs. " (baseline) ": the difference in test accuracy"
                @if report.baseline.is_some() {
                    ", in percentage points, with its 95 % interval and its p-value. Both have Holm's \
                     correction for all comparisons on a test set. "
                } @else {
                    " from the best of the experiments named in the command, in percentage points, with its \
                     95 % interval and its p-value. Both have Holm's correction for all pairs of them on a \
                     test set, so the choice of the best makes none of the others worse. "
                }
                "Equivalent: the difference is at most 0.2 points. Undecided: these seeds show neither. An \
                 experiment without a verdict was not named or has one seed."
            }
        } @else if report.experiments.len() > 1 {
            p.remark {
                "No verdicts: they are about the experiments that the command names, with several seeds \
                 each, so that no other one in the folder changes them: "
                code { "hearth report results/a results/b" } " or " code { "hearth report 'results/*'" } "."
            }
        }
        (remarks(&report.experiments))
        (noticed(&report.experiments))
    })
}

/// The columns that are shown only where they hold something.
struct Shows {
    /// What the experiment that the others are compared with is called.
    baseline: &'static str,
    verdicts: bool,
    validation: bool,
    diverged: bool,
}

/// The remarks on the runs of each experiment.
fn remarks(experiments: &[Experiment]) -> Markup {
    html! {
        @for experiment in experiments {
            @for (seeds, remark) in experiment.remarks() {
                p.remark { (name(experiment.name())) ", " (seeds) ": " (remark) "." }
            }
        }
    }
}

/// What was noticed in the data, for each experiment on a person's own.
fn noticed(experiments: &[Experiment]) -> Markup {
    let sentences = experiments.iter().filter_map(|experiment| {
        let noticed = experiment.first().result.data.noticed.as_ref()?;
        let sentences = present::noticed::sentences(noticed);
        (!sentences.is_empty()).then(|| (experiment.name(), sentences.join("; ")))
    });
    html! {
        @for (experiment, sentences) in sentences {
            p.remark { "Data of " (name(experiment)) ": " (sentences) "." }
        }
    }
}

fn test_set(standings: &Standings) -> String {
    let ranked = match standings.ranked_by.split {
        Split::Validation => "best on validation first",
        Split::Train | Split::Test => {
            "best on the test set first, so that its own score is slightly optimistic"
        }
    };
    let (source, examples) = (&standings.source, count(standings.examples, "test example"));
    match standings.rows.len() {
        1 => format!("{source}, {examples}"),
        _ => format!("{source}, {examples}, {ranked}"),
    }
}

fn row(experiment: &Experiment, standing: &Standing, shows: &Shows) -> Markup {
    let validation = Metric::of_kept(Split::Validation, Quantity::Accuracy);
    let test = |quantity| experiment.mean(Metric::of_kept(Split::Test, quantity));
    let last_loss = Metric::of_last(Split::Validation, Quantity::Loss);
    let speeds = experiment
        .runs()
        .filter_map(|run| run.run.train_examples_per_s);
    let speeds: Vec<f64> = speeds.collect();
    let diverged = experiment.diverged().count();
    let (runs, idle) = (experiment.group.runs.len(), experiment.learnt_nothing());
    html! {
        tr {
            th scope="row" { a href={ "#experiment-" (standing.index) } { (name(experiment.name())) } }
            @if shows.validation {
                td.number { (means::accuracy(experiment.mean(validation))) }
            }
            td.number { (means::accuracy(test(Quantity::Accuracy))) }
            @if shows.verdicts {
                td.verdict {
                    @match &standing.contrast {
                        _ if idle == runs => strong { "learnt nothing" },
                        Some(contrast) => (against(contrast)),
                        None if standing.is_baseline => strong { (shows.baseline) },
                        None => (MISSING),
                    }
                }
            }
            td.number { (means::loss(test(Quantity::Loss))) }
            td.number { (means::loss(experiment.mean(last_loss))) }
            td.number {
                (runs)
                @if idle > 0 { small { (idle) " learnt nothing" } }
            }
            @if shows.diverged { td.number.diverged[diverged > 0] { (diverged) } }
            td.number { (epochs(experiment)) }
            td.number { (thousands(experiment.first().result.parameters)) }
            td.number { (or_dash(mean(&speeds).map(rough))) }
        }
    }
}

fn against(contrast: &Contrast) -> Markup {
    let verdict = match (contrast.verdict, &contrast.test) {
        (Verdict::Undecided, Test::Untested { .. }) => "not tested",
        (verdict, _) => verdict.name(),
    };
    html! {
        strong { (verdict) }
        @if let Some(difference) = contrast.difference {
            small {
                (points(difference))
                @if let Some(interval) = contrast.interval_95 {
                    " (" (points(interval.low)) " to " (points(interval.high)) ")"
                }
                @if let Some(p) = contrast.p_holm { ", " span.unbroken { (p_value(p)) } }
            }
        }
        @match &contrast.test {
            Test::Untested { because } => small { (because) },
            Test::TrainedModels { .. } => small { "these two trained models only, by McNemar's test" },
            Test::Identical
            | Test::PairedSeeds { .. }
            | Test::IndependentSeeds { .. }
            | Test::SeedsAndExamples { .. } => {},
        }
        @if contrast.withheld { small { "no verdict: runs failed" } }
    }
}

/// A difference of fractions in percentage points, with a typographic minus.
fn points(difference: f64) -> String {
    present::points(difference).replace('-', "−")
}

/// `50`, or `12 to 20` if early stopping or divergence ended some runs earlier.
fn epochs(experiment: &Experiment) -> String {
    let lengths = || experiment.runs().map(|run| run.result.epochs.len());
    let (least, most) = (lengths().min().unwrap_or(0), lengths().max().unwrap_or(0));
    if least == most {
        thousands(most)
    } else {
        format!("{least} to {most}")
    }
}
