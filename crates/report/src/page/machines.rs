use maud::{Markup, html};
use record::{PooledEmbedding, Provenance, Record};

use super::name::name;
use super::table::table;
use crate::Report;
use crate::experiment::Experiment;
use crate::figure::Figure;
use crate::figures::{optional, rough};

pub(super) fn section(report: &Report) -> Option<Markup> {
    if report.experiments.is_empty() {
        return None;
    }
    let mut machines: Vec<(Vec<String>, usize)> = Vec::new();
    let runs = report.experiments.iter().flat_map(Experiment::runs);
    for run in runs {
        let machine = described(&run.run);
        match machines.iter_mut().find(|(known, _)| *known == machine) {
            Some((_, runs)) => *runs += 1,
            None => machines.push((machine, 1)),
        }
    }
    Some(html! { (where_run(&machines)) (times(report)) })
}

const TRAITS: [&str; 13] = [
    "Backend",
    "Device",
    "Driver",
    "Same bits every time",
    "Pooled embedding",
    "Threads",
    "Processor",
    "Cores",
    "Memory",
    "System",
    "hearth",
    "Burn",
    "Compiler",
];

fn described(run: &Provenance) -> Vec<String> {
    let versions = &run.versions;
    let commit = match (&versions.commit, versions.dirty) {
        (Some(commit), dirty) => {
            let commit: String = commit.chars().take(10).collect();
            let changed = if dirty == Some(true) { ", changed" } else { "" };
            format!(" ({commit}{changed})")
        }
        _ => String::new(),
    };
    let embedding = match run.pooled_embedding {
        Some(PooledEmbedding::Fused) => "one operation",
        Some(PooledEmbedding::Composed) => "standard operations",
        None => "–",
    };
    vec![
        run.backend.clone(),
        run.device.clone(),
        run.driver.clone().unwrap_or_else(|| "–".to_owned()),
        format!(
            "{}: {}",
            if run.determinism.same_bits {
                "yes"
            } else {
                "no"
            },
            run.determinism.because
        ),
        embedding.to_owned(),
        run.threads.to_string(),
        run.host.cpu.clone(),
        run.host.cores.to_string(),
        gibibytes(run.host.memory_bytes as f64),
        run.host.os.clone(),
        format!("{}{commit}", versions.hearth),
        versions.burn.clone(),
        versions.rustc.clone(),
    ]
}

fn where_run(machines: &[(Vec<String>, usize)]) -> Markup {
    let rows = html! {
        thead {
            tr {
                td {}
                @for (_, runs) in machines {
                    th scope="col" { (crate::figures::count(*runs, "run")) }
                }
            }
        }
        tbody {
            @for (index, its_name) in TRAITS.iter().enumerate() {
                tr {
                    th scope="row" { (its_name) }
                    @for (machine, _) in machines { td { (machine[index]) } }
                }
            }
        }
    };
    table(
        "machines-table",
        "Where the runs were made, a column for each machine, backend and version",
        &rows,
    )
}

fn times(report: &Report) -> Markup {
    let rows = html! {
        thead {
            tr {
                th scope="col" { "Experiment" }
                th.number scope="col" { "Whole run, s" }
                th.number scope="col" { "Training per epoch, s" }
                th.number scope="col" { "Validation per epoch, s" }
                th.number scope="col" { "Examples/s" }
                th.number scope="col" { "Peak memory" }
                th scope="col" { "First started" }
            }
        }
        tbody {
            @for experiment in &report.experiments {
                tr {
                    th scope="row" { (name(experiment.name())) }
                    td.number { (mean(experiment, |run| Some(run.run.total_s))) }
                    td.number { (mean(experiment, |run| per_epoch(run, |epoch| epoch.train_s))) }
                    td.number { (mean(experiment, |run| per_epoch(run, |epoch| epoch.validation_s))) }
                    td.number { (mean(experiment, |run| run.run.train_examples_per_s)) }
                    td.number { (peak(experiment)) }
                    td.unbroken { (started(experiment)) }
                }
            }
        }
    };
    table("times-table", "How long it took, means over seeds", &rows)
}

fn mean(experiment: &Experiment, of: impl Fn(&Record) -> Option<f64>) -> String {
    let values: Vec<f64> = experiment.runs().filter_map(of).collect();
    optional(Figure::of(&values).map(|figure| figure.mean), rough)
}

fn per_epoch(run: &Record, of: impl Fn(&record::EpochTiming) -> f64) -> Option<f64> {
    let times: Vec<f64> = run.run.epochs.iter().map(of).collect();
    Figure::of(&times).map(|figure| figure.mean)
}

/// The largest of any run.
fn peak(experiment: &Experiment) -> String {
    let peaks = experiment
        .runs()
        .filter_map(|run| run.run.peak_memory_bytes);
    optional(peaks.max().map(|bytes| bytes as f64), gibibytes)
}

fn gibibytes(bytes: f64) -> String {
    format!("{} GiB", rough(bytes / f64::from(1 << 30)))
}

/// To the second.
fn started(experiment: &Experiment) -> String {
    let first = experiment
        .runs()
        .map(|run| run.run.started_at.as_str())
        .min();
    let first = first.unwrap_or_default();
    match first.split_once('.') {
        Some((second, _)) => second.replace('T', " ") + " UTC",
        None => first.to_owned(),
    }
}
