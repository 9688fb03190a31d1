use maud::{Markup, html};
use present::count;
use record::Quantity;

use super::name::name;
use crate::Report;
use crate::curves::{curves, in_words, remarks};
use crate::experiment::Experiment;
use crate::plot::Mark;

pub(super) fn section(report: &Report) -> Option<Markup> {
    if report.experiments.is_empty() {
        return None;
    }
    Some(html! {
        @for (index, experiment) in report.experiments.iter().enumerate() {
            article aria-labelledby={ "experiment-" (index) } {
                h3 id={ "experiment-" (index) } { (name(experiment.name())) }
                @if let Some(about) = experiment.about() { p { (about) } }
                (figure(index, experiment))
            }
        }
    })
}

fn figure(index: usize, experiment: &Experiment) -> Markup {
    let plots: Vec<(String, _)> = [Quantity::Loss, Quantity::Accuracy]
        .into_iter()
        .filter_map(|quantity| Some((in_words(quantity), curves(experiment, quantity)?)))
        .collect();
    let validated = experiment.runs().any(|run| {
        let mut epochs = run.result.epochs.iter();
        epochs.any(|epoch| epoch.validation.is_some())
    });
    let completed = experiment.completed().count();
    html! {
        @if plots.is_empty() {
            p { "No completed epochs." }
        } @else {
            figure {
                div.pair {
                    @for (quantity, (plot, gist)) in &plots {
                        @let id = format!("curve-{index}-{quantity}");
                        @let title = format!("{}: {quantity} by epoch", experiment.name());
                        (plot.image(&id, &title, gist))
                    }
                }
                figcaption {
                    span.legend {
                        @if completed > 0 { (swatch(Mark::Train, "training")) }
                        @if completed > 0 && validated { (swatch(Mark::Validation, "validation")) }
                        @if completed < experiment.group.runs.len() {
                            (swatch(Mark::Diverged, "training of a diverged seed (× where it diverged)"))
                        }
                    }
                    @match completed {
                        0 => {},
                        1 => "One seed. ",
                        _ => { "Mean of " (count(completed, "seed")) "; the band spans the lowest to the highest. " },
                    }
                    @if !validated { "Nothing was held out for validation. " }
                }
            }
        }
        @let remarks = remarks(experiment);
        @if !remarks.is_empty() { p.remark { (remarks.join(" ")) } }
    }
}

/// A legend entry: a line sample and its meaning.
fn swatch(mark: Mark, meaning: &str) -> Markup {
    html! {
        span {
            svg viewBox="0 0 120 32" aria-hidden="true" {
                line class={ "line " (mark.class()) } x1="4" y1="16" x2="116" y2="16" {}
            }
            (meaning)
        }
    }
}
