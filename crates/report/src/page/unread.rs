use maud::{Markup, html};
use present::count;

use crate::Report;

pub(super) fn section(report: &Report) -> Option<Markup> {
    if report.unreadable.is_empty() && report.unfinished == 0 {
        return None;
    }
    Some(html! {
        @if report.unfinished > 0 {
            p { (count(report.unfinished, "unfinished run")) " left out." }
        }
        @if !report.unreadable.is_empty() {
            p { "Left out because unreadable or duplicate:" }
            ul.problems { @for problem in &report.unreadable { li { (problem) } } }
        }
    })
}
