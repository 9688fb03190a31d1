use maud::{Markup, html};

use super::name::name;
use super::table::table;
use crate::Report;
use crate::means;
use crate::sweep::Sweep;

pub(super) fn section(report: &Report) -> Option<Markup> {
    if report.sweeps.is_empty() {
        return None;
    }
    Some(html! {
        @for (index, sweep) in report.sweeps.iter().enumerate() {
            article aria-labelledby={ "sweep-" (index) } {
                h3 id={ "sweep-" (index) } { (name(&sweep.key)) ", " (name(&sweep.name)) }
                div.pair.sweep {
                    @if let Some((plot, gist)) = sweep.plot() {
                        figure {
                            (plot.image(&format!("sweep-plot-{index}"), &sweep.plot_title(), &gist))
                            figcaption {
                                "Dots are means over seeds, bars ± one standard deviation."
                                @if sweep.points.iter().any(|point| point.diverged > 0) {
                                    " × marks values with seeds that diverged."
                                }
                            }
                        }
                    }
                    (values(index, sweep))
                }
            }
        }
    })
}

fn values(index: usize, sweep: &Sweep) -> Markup {
    let any_diverged = sweep.points.iter().any(|point| point.diverged > 0);
    let validated = sweep.is_validated();
    let rows = html! {
        thead {
            tr {
                th scope="col" { (name(&sweep.key)) }
                th.number scope="col" { "Seeds" }
                @if any_diverged { th.number scope="col" { "Diverged" } }
                @if validated { th.number scope="col" { "Validation accuracy, %" } }
                th.number scope="col" { "Test accuracy, %" }
                th.number scope="col" { "Test loss" }
            }
        }
        tbody {
            @for point in &sweep.points {
                tr {
                    th scope="row" { (point.label) }
                    td.number { (point.runs) }
                    @if any_diverged { td.number { (point.diverged) } }
                    @if validated { td.number { (means::accuracy(point.validation)) } }
                    td.number { (means::accuracy(point.accuracy)) }
                    td.number { (means::loss(point.loss)) }
                }
            }
        }
    };
    table(
        &format!("sweep-table-{index}"),
        "The values in the plot",
        &rows,
    )
}
