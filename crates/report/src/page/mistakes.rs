use compare::Flips;
use maud::{Markup, html};
use present::{count, percent, thousands};
use record::Confusion;

use super::table::table;
use crate::Report;
use crate::confusion::{mistakes, over_seeds, shade};
use crate::experiment::Experiment;
use crate::hardest::{HardExample, hardest};
use crate::means::or_dash;

/// The most classes for which the matrix is shown; larger ones would fill the page.
const MOST_CLASSES: usize = 30;
/// The number of hard examples shown.
const MOST_HARD: usize = 12;

pub(super) fn section(report: &Report) -> Option<Markup> {
    let tested = report.experiments.iter().enumerate();
    let tested: Vec<_> = tested
        .filter_map(|(index, experiment)| Some((index, experiment, over_seeds(experiment)?)))
        .collect();
    if tested.is_empty() {
        return None;
    }
    let only = tested.len() == 1;
    Some(html! {
        p { "Confusion matrix on the test set, summed over seeds, and the examples whose true class got the lowest probability." }
        @for (index, experiment, confusion) in &tested {
            details open[only] {
                summary {
                    h3 { (experiment.name()) }
                    (gist(experiment, confusion))
                }
                @if confusion.classes() <= MOST_CLASSES {
                    (matrix(*index, experiment, confusion))
                } @else {
                    p { "The matrix of " (count(confusion.classes(), "class")) " is too large to show." }
                }
                (gallery(report, experiment))
            }
        }
    })
}

fn gist(experiment: &Experiment, confusion: &Confusion) -> Markup {
    let Some(&(class, answer, times)) = mistakes(confusion).first() else {
        return html! { span { "no mistakes" } };
    };
    html! {
        span {
            "most often " (experiment.class(class)) " mistaken for " (experiment.class(answer))
            ", " (count(times, "time"))
        }
    }
}

fn matrix(index: usize, experiment: &Experiment, confusion: &Confusion) -> Markup {
    let classes = 0..confusion.classes();
    let tests = experiment.tests().count();
    let rows = html! {
        thead {
            tr {
                th scope="col" { "Class \\ answer" }
                @for answer in classes.clone() {
                    th.number scope="col" { (experiment.class(answer)) }
                }
                th.number scope="col" { "Recall, %" }
            }
        }
        tbody {
            @for class in classes.clone() {
                tr {
                    th scope="row" { (experiment.class(class)) }
                    @for answer in classes.clone() {
                        @let kind = if class == answer { "right" } else { "wrong" };
                        td class={ "number " (kind) " shade-" (shade(confusion, class, answer)) } {
                            (thousands(confusion.counts()[class][answer]))
                        }
                    }
                    td.number { (or_dash(confusion.recall(class).map(percent))) }
                }
            }
        }
        tfoot {
            tr {
                th scope="row" { "Precision, %" }
                @for answer in classes {
                    td.number { (or_dash(confusion.precision(answer).map(percent))) }
                }
                td {}
            }
        }
    };
    let caption = format!(
        "Confusion matrix of {}, summed over {}",
        experiment.name(),
        count(tests, "seed")
    );
    html! {
        div.matrix { (table(&format!("matrix-{index}"), &caption, &rows)) }
    }
}

fn gallery(report: &Report, experiment: &Experiment) -> Markup {
    let hard = hardest(experiment, MOST_HARD);
    let first = experiment.first();
    html! {
        (flips(report, experiment))
        @if !hard.is_empty() {
            h4 { "Hardest examples" }
            @if let Some(why) = report.pictures.missing(first) { p { (why) } }
            ul.gallery {
                @for example in &hard {
                    li {
                        @if let Some(picture) = report.pictures.of(first, example.example) {
                            img src=(picture.uri) width=(picture.width) height=(picture.height) alt={ "Test example " (example.example) };
                        }
                        (described(experiment, example))
                    }
                }
            }
        }
    }
}

/// The examples that some seeds get right and others wrong.
fn flips(report: &Report, experiment: &Experiment) -> Markup {
    let Ok(flips) = Flips::of(&experiment.group) else {
        return html! {};
    };
    let first = experiment.first();
    let share = flips.flipping as f64 / flips.right.len().max(1) as f64;
    let divided = flips.most_divided(MOST_HARD);
    html! {
        h4 { "Examples that flip with the seed" }
        p {
            (count(flips.flipping, "example")) " of " (thousands(flips.right.len())) " (" (percent(share))
            " %) are right with some of the " (count(flips.runs, "seed"))
            " and wrong with others. Of two seeds, one is right and the other wrong on "
            (percent(flips.disagreement)) " % of the examples."
        }
        @if report.pictures.missing(first).is_none() && !divided.is_empty() {
            ul.gallery {
                @for example in divided {
                    li {
                        @if let Some(picture) = report.pictures.of(first, example) {
                            img src=(picture.uri) width=(picture.width) height=(picture.height) alt={ "Test example " (example) };
                        }
                        p {
                            @if let Some(label) = report.pictures.label(first, example) {
                                b { (experiment.class(label)) }
                                br;
                            }
                            "No. " (example) ", right with " (flips.right[example]) " of " (count(flips.runs, "seed"))
                        }
                    }
                }
            }
        }
    }
}

fn described(experiment: &Experiment, example: &HardExample) -> Markup {
    let tests = experiment.tests().count();
    html! {
        p {
            b { (experiment.class(example.label)) " classified as "
                @for (index, (answer, _)) in example.answers.iter().enumerate() {
                    @if index > 0 { " or " }
                    (experiment.class(*answer))
                }
            }
            br;
            "No. " (example.example) ", hard for " (example.seeds) " of " (count(tests, "seed"))
            br;
            "probability of " (experiment.class(example.label)) ": " (probability(example.probability))
        }
    }
}

fn probability(probability: f64) -> String {
    if (0.0..0.0001).contains(&probability) {
        "below 0.01 %".to_owned()
    } else {
        percent(probability) + " %"
    }
}
