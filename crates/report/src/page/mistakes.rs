use compare::thousands;
use maud::{Markup, html};

use super::table::table;
use crate::Report;
use crate::confusion::{Confusions, HardExample, hardest};
use crate::experiment::Experiment;
use crate::figures::{count, optional, percent};

/// Larger matrices are not shown: they would be the page.
const MOST_CLASSES: usize = 30;
/// Examples shown of those that were hard.
const MOST_HARD: usize = 12;

pub(super) fn section(report: &Report) -> Option<Markup> {
    let tested = report.experiments.iter().enumerate();
    let tested: Vec<_> = tested
        .filter_map(|(index, experiment)| Some((index, experiment, Confusions::of(experiment)?)))
        .collect();
    if tested.is_empty() {
        return None;
    }
    let only = tested.len() == 1;
    Some(html! {
        p { "Which classes were taken for which on the test set, over all seeds, and the examples whose own class was held for the least likely." }
        @for (index, experiment, confusions) in &tested {
            details open[only] {
                summary {
                    h3 { (experiment.name()) }
                    (gist(experiment, confusions))
                }
                @if confusions.classes() <= MOST_CLASSES {
                    (matrix(*index, experiment, confusions))
                } @else {
                    p { "The matrix of " (count(confusions.classes(), "class")) " is not shown." }
                }
                (gallery(report, experiment))
            }
        }
    })
}

fn gist(experiment: &Experiment, confusions: &Confusions) -> Markup {
    let Some((class, answer, times)) = confusions.mistakes().next() else {
        return html! { span { "no mistakes" } };
    };
    html! {
        span {
            "most often " (experiment.class(class)) " taken for " (experiment.class(answer))
            ", " (count(times, "time"))
        }
    }
}

fn matrix(index: usize, experiment: &Experiment, confusions: &Confusions) -> Markup {
    let classes = 0..confusions.classes();
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
                        td class={ "number " (kind) " shade-" (confusions.shade(class, answer)) } {
                            (thousands(confusions.count(class, answer)))
                        }
                    }
                    td.number { (optional(confusions.recall(class), percent)) }
                }
            }
        }
        tfoot {
            tr {
                th scope="row" { "Precision, %" }
                @for answer in classes {
                    td.number { (optional(confusions.precision(answer), percent)) }
                }
                td {}
            }
        }
    };
    let caption = format!(
        "Confusion matrix of {}: answers by class, summed over {}",
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
        @if !hard.is_empty() {
            h4 { "Hardest examples" }
            @if let Some(why) = report.pictures.missing(first) { p { (why) } }
            ul.gallery {
                @for example in &hard {
                    li {
                        @if let Some(picture) = report.pictures.of(first, example.example) {
                            img src=(picture) width="56" height="56" alt={ "Test example " (example.example) };
                        }
                        (described(experiment, example))
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
            b { (experiment.class(example.label)) " taken for "
                @for (index, (answer, _)) in example.answers.iter().enumerate() {
                    @if index > 0 { " or " }
                    (experiment.class(*answer))
                }
            }
            br;
            "No. " (example.example) ", by " (example.seeds) " of " (count(tests, "seed"))
            br;
            "given " (likelihood(example.probability)) " for " (experiment.class(example.label))
        }
    }
}

fn likelihood(probability: f64) -> String {
    match probability {
        p if (0.0..0.0001).contains(&p) => "under 0.01 %".to_owned(),
        p => percent(p) + " %",
    }
}
