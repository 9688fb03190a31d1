use maud::{Markup, html};

use crate::Report;

pub(super) fn section(report: &Report) -> Option<Markup> {
    let left_out = [&report.unreadable[..], &report.duplicates].concat();
    if left_out.is_empty() && report.unfinished.is_empty() {
        return None;
    }
    Some(html! {
        @if !report.unfinished.is_empty() {
            p { "Not finished:" }
            ul { @for run in &report.unfinished { li { (run) } } }
        }
        @if !left_out.is_empty() {
            p { "Left out because unreadable or duplicate:" }
            ul.problems { @for problem in &left_out { li { (problem) } } }
        }
    })
}
