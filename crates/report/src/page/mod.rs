//! The page, a file for each of its sections.

mod configs;
mod curves;
mod machines;
mod mistakes;
mod name;
mod summary;
mod sweeps;
mod table;
mod unread;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::Report;
use crate::experiment::Experiment;
use crate::figures::count;

/// An entry of the table of contents.
struct Section {
    id: &'static str,
    title: &'static str,
    content: Markup,
}

pub(crate) fn page(report: &Report) -> Markup {
    let sections = [
        ("summary", "Summary", summary::section(report)),
        ("curves", "Learning curves", curves::section(report)),
        ("sweeps", "Sweeps", sweeps::section(report)),
        ("mistakes", "Mistakes", mistakes::section(report)),
        ("configs", "Configurations", configs::section(report)),
        ("machines", "Machines and times", machines::section(report)),
        ("unread", "Not shown", unread::section(report)),
    ];
    let sections: Vec<Section> = sections
        .into_iter()
        .filter_map(|(id, title, content)| {
            Some(Section {
                id,
                title,
                content: content?,
            })
        })
        .collect();
    let title = title(report);
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                // An icon of its own, or browsers ask the server for one.
                link rel="icon" href="data:,";
                style { (PreEscaped(include_str!("../style.css"))) }
            }
            body {
                a.skip href="#content" { "Skip to the content" }
                header {
                    h1 { (title) }
                    p { (made_from(report)) }
                }
                nav aria-label="Contents" {
                    ol {
                        @for section in &sections {
                            li { a href={ "#" (section.id) } { (section.title) } }
                        }
                    }
                }
                main id="content" tabindex="-1" {
                    @for section in &sections {
                        section aria-labelledby=(section.id) {
                            h2 id=(section.id) { (section.title) }
                            (section.content)
                        }
                    }
                }
                footer {
                    p { "Made by hearth. Accuracies are fractions of the test set in per cent; ± is the standard deviation of the sample of seeds." }
                }
            }
        }
    }
}

fn title(report: &Report) -> String {
    match (report.experiments.as_slice(), report.sweeps.len()) {
        ([only], _) => format!("Report on {}", only.name()),
        ([], sweeps) => format!("Report on {}", count(sweeps, "sweep")),
        (experiments, _) => format!("Report on {}", count(experiments.len(), "experiment")),
    }
}

fn made_from(report: &Report) -> Markup {
    let runs: usize = report
        .experiments
        .iter()
        .map(|experiment| experiment.group.runs.len())
        .sum();
    let dates = report.experiments.iter().flat_map(Experiment::runs);
    let dates: Vec<&str> = dates
        .filter_map(|run| run.run.started_at.get(..10))
        .collect();
    let (first, last) = (dates.iter().min(), dates.iter().max());
    html! {
        (count(runs, "run")) " of " (count(report.experiments.len(), "experiment"))
        @if !report.sweeps.is_empty() { ", " (count(report.sweeps.len(), "sweep")) }
        ", from "
        @for (index, path) in report.named.iter().enumerate() {
            @if index > 0 { ", " }
            code { (path.display()) }
        }
        @if let (Some(first), Some(last)) = (first, last) {
            ". Trained on " (first)
            @if first != last { " to " (last) }
        }
        "."
    }
}
