//! The networks as pictures.

use catalog::Model;
use maud::{Markup, html};
use present::diagram::{Row, diagram};
use present::thousands;
use serde::Deserialize;

use super::name::name;
use crate::Report;
use crate::experiment::Experiment;

/// Networks that are drawn; a sweep may have hundreds.
const MOST: usize = 12;

/// A network and the experiments that train it.
struct Drawn<'a> {
    rows: Vec<Row>,
    parameters: usize,
    experiments: Vec<&'a Experiment>,
}

pub(super) fn section(report: &Report) -> Option<Markup> {
    let mut networks: Vec<Drawn> = Vec::new();
    for experiment in &report.experiments {
        let Some((rows, parameters)) = network(experiment) else {
            continue;
        };
        let known = networks.iter_mut().find(|known| known.rows == rows);
        match known {
            Some(known) => known.experiments.push(experiment),
            None => networks.push(Drawn {
                rows,
                parameters,
                experiments: vec![experiment],
            }),
        }
    }
    let more = networks.len().saturating_sub(MOST);
    (!networks.is_empty()).then(|| {
        html! {
            p { "From top to bottom. Filled circles are layers with parameters. The layers of a residual branch off; its input is added to what they give." }
            div.networks { @for network in networks.iter().take(MOST) { (figure(network)) } }
            @if more > 0 {
                p.remark { (thousands(more)) " more; " code { "hearth summary CONFIG --diagram" } " draws them." }
            }
        }
    })
}

/// The rows and the parameters of an experiment's network; `None` if this hearth does not know its model.
fn network(experiment: &Experiment) -> Option<(Vec<Row>, usize)> {
    let record = experiment.first();
    let model = Model::deserialize(record.config.get("model")?).ok()?;
    let layers = model.layers(&record.spec);
    let parameters = layers.iter().map(spec::Layer::parameters).sum();
    Some((diagram(&record.spec.input, &layers), parameters))
}

fn figure(network: &Drawn) -> Markup {
    html! {
        figure.network {
            figcaption {
                @for (index, experiment) in network.experiments.iter().enumerate() {
                    @if index > 0 { ", " }
                    (name(experiment.name()))
                }
                ": " (thousands(network.parameters)) " parameters"
            }
            div.layers {
                (lines(&network.rows))
                @for row in &network.rows {
                    @match row {
                        Row::Node { label, shape, .. } => {
                            span { (label) }
                            span.shape { (shape.as_deref().unwrap_or_default()) }
                        }
                        Row::Fork { .. } => { span.shape { "residual" } span {} }
                        Row::Add { .. } => { span.shape { "add" } span {} }
                    }
                }
            }
        }
    }
}

/// The height of a row and the distance between lines, in pixels; the height is also in the style sheet.
const ROW: usize = 22;
const STEP: usize = 16;

/// The lines through the layers, left of their names.
fn lines(rows: &[Row]) -> Markup {
    let depth = |row: &Row| match row {
        Row::Node { depth, .. } => *depth,
        Row::Fork { depth } | Row::Add { depth } => *depth + 1,
    };
    let deepest = rows.iter().map(depth).max().unwrap_or(0);
    let (width, height) = ((deepest + 1) * STEP, rows.len() * ROW);
    let x = |depth: usize| depth * STEP + STEP / 2;
    html! {
        svg width=(width) height=(height) viewBox={ "0 0 " (width) " " (height) } aria-hidden="true"
            style={ "grid-row: 1 / span " (rows.len()) } {
            @for (index, row) in rows.iter().enumerate() {
                @let (top, middle, bottom) = (index * ROW, index * ROW + ROW / 2, (index + 1) * ROW);
                // The main line ends at the first and the last layer.
                @let top = if index == 0 { middle } else { top };
                @let end = if index + 1 == rows.len() { middle } else { bottom };
                @match row {
                    Row::Node { depth, has_parameters, .. } => {
                        @for line in 0..=*depth { path d={ "M" (x(line)) " " (top) "V" (end) } {} }
                        circle.filled[*has_parameters] cx=(x(*depth)) cy=(middle) r="4" {}
                    }
                    Row::Fork { depth } => {
                        @for line in 0..=*depth { path d={ "M" (x(line)) " " (top) "V" (bottom) } {} }
                        path d={ "M" (x(*depth)) " " (top) "Q" (x(*depth)) " " (middle) " " (x(*depth) + STEP / 2) " " (middle) "T" (x(depth + 1)) " " (bottom) } {}
                    }
                    Row::Add { depth } => {
                        @for line in 0..=*depth { path d={ "M" (x(line)) " " (top) "V" (end) } {} }
                        path d={ "M" (x(depth + 1)) " " (top) "Q" (x(depth + 1)) " " (middle) " " (x(*depth)) " " (middle) } {}
                        circle cx=(x(*depth)) cy=(middle) r="5" {}
                        path d={ "M" (x(*depth) - 3) " " (middle) "h6m-3 -3v6" } {}
                    }
                }
            }
        }
    }
}
