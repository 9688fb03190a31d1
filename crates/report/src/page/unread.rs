use maud::{Markup, html};

use crate::Report;
use crate::figures::count;

pub(super) fn section(report: &Report) -> Option<Markup> {
    if report.unreadable.is_empty() && report.unfinished == 0 {
        return None;
    }
    Some(html! {
        @if report.unfinished > 0 {
            p { (count(report.unfinished, "run")) " without a result: begun and not finished." }
        }
        @if !report.unreadable.is_empty() {
            p { "Left out, because it cannot be read or is there twice:" }
            ul.problems { @for problem in &report.unreadable { li { (problem) } } }
        }
    })
}
