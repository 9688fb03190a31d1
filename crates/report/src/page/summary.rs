use compare::thousands;
use compare::{Contrast, Test, Verdict};
use maud::{Markup, html};

use super::name::name;
use super::table::table;
use crate::Report;
use crate::experiment::Experiment;
use crate::figure::Figure;
use crate::figures::{count, loss_figure, optional, percent_figure, rough};
use crate::standing::{Standing, Standings, standings};

const COLUMNS: usize = 10;

pub(super) fn section(report: &Report) -> Option<Markup> {
    if report.experiments.is_empty() {
        return None;
    }
    let rows = html! {
        thead {
            tr {
                th scope="col" { "Experiment" }
                th.number scope="col" { "Test accuracy, %" }
                th scope="col" { "Beside the best" }
                th.number scope="col" { "Test loss" }
                th.number scope="col" { "Validation loss, last" }
                th.number scope="col" { "Seeds" }
                th.number scope="col" { "Diverged" }
                th.number scope="col" { "Epochs" }
                th.number scope="col" { "Parameters" }
                th.number scope="col" { "Train examples/s" }
            }
        }
        @for standings in standings(&report.experiments) {
            tbody {
                tr { th.group colspan=(COLUMNS) scope="rowgroup" { (test_set(&standings)) } }
                @for standing in &standings.rows {
                    (row(&report.experiments[standing.index], standing, standings.rows.len() == 1))
                }
            }
        }
    };
    let caption = "Each experiment over its seeds, the most accurate first: mean ± the sample's standard deviation";
    Some(html! {
        (table("summary-table", caption, &rows))
        p.remark {
            "Beside the best: the difference in test accuracy, in percentage points, to the best experiment \
             on the same test set, with its 95 % interval and p, corrected by Holm for all comparisons on \
             that test set. Equivalent means by at most 0.2 points; undecided, that these seeds show neither. \
             The best was chosen by the same figures, and so looks a little better than it is; it is one \
             of several seeds, none diverged, where there is one."
        }
    })
}

fn test_set(standings: &Standings) -> String {
    format!(
        "{}, {}",
        standings.source,
        count(standings.examples, "test example")
    )
}

fn row(experiment: &Experiment, standing: &Standing, alone: bool) -> Markup {
    let validation = experiment
        .completed()
        .filter_map(|run| Some(run.result.epochs.last()?.validation?.loss));
    let validation: Vec<f64> = validation.collect();
    let speeds = experiment
        .runs()
        .filter_map(|run| run.run.train_examples_per_s);
    let speeds: Vec<f64> = speeds.collect();
    let diverged = experiment.diverged().count();
    html! {
        tr {
            th scope="row" { a href={ "#experiment-" (standing.index) } { (name(experiment.name())) } }
            td.number { (percent_figure(Figure::of(&experiment.accuracies()))) }
            td.verdict {
                @match &standing.contrast {
                    Some(contrast) => (beside(contrast)),
                    None if experiment.tests().next().is_none() => "–",
                    None if alone => "the only one",
                    None => strong { "the best" },
                }
            }
            td.number { (loss_figure(Figure::of(&experiment.losses()))) }
            td.number { (loss_figure(Figure::of(&validation))) }
            td.number { (experiment.group.runs.len()) }
            td.number.diverged[diverged > 0] { (diverged) }
            td.number { (epochs(experiment)) }
            td.number { (thousands(experiment.first().result.parameters)) }
            td.number { (optional(Figure::of(&speeds).map(|speed| speed.mean), rough)) }
        }
    }
}

fn beside(contrast: &Contrast) -> Markup {
    let verdict = match (contrast.verdict, &contrast.test) {
        (Verdict::Better, _) => "better",
        (Verdict::Worse, _) => "worse",
        (Verdict::Equivalent, _) => "equivalent",
        (Verdict::Undecided, Test::Untested { .. }) => "not tested",
        (Verdict::Undecided, _) => "undecided",
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
            Test::TrainedModels { .. } => small { "of these two trained models alone, by McNemar's test" },
            _ => {},
        }
        @if contrast.withheld { small { "no verdict: seeds diverged" } }
    }
}

/// A difference of fractions in percentage points, with its sign.
fn points(difference: f64) -> String {
    let text = format!("{:+.2}", 100.0 * difference);
    match text.as_str() {
        "+0.00" | "-0.00" => "0.00".to_owned(),
        text => text.replace('-', "−"),
    }
}

fn p_value(p: f64) -> String {
    match p {
        p if p < 0.0001 => "p < 0.0001".to_owned(),
        p if p < 0.1 => format!("p = {p:.4}"),
        p => format!("p = {p:.2}"),
    }
}

/// `50`, or `12 to 20` where early stopping or a divergence ended some earlier.
fn epochs(experiment: &Experiment) -> String {
    let lengths = || experiment.runs().map(|run| run.result.epochs.len());
    let (least, most) = (lengths().min().unwrap_or(0), lengths().max().unwrap_or(0));
    match least == most {
        true => thousands(most),
        false => format!("{least} to {most}"),
    }
}
