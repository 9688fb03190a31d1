use compare::statistics::mean;
use maud::{Markup, html};
use present::{MISSING, bytes, count, rough};
use record::{PooledEmbedding, Provenance, Record};

use super::name::name;
use super::table::table;
use crate::Report;
use crate::experiment::Experiment;
use crate::means::or_dash;

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
    "Bit-reproducible",
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
            let modified = if dirty == Some(true) {
                ", modified"
            } else {
                ""
            };
            format!(" ({commit}{modified})")
        }
        _ => String::new(),
    };
    let embedding = match run.pooled_embedding {
        Some(PooledEmbedding::Fused) => "fused",
        Some(PooledEmbedding::Composed) => "not fused",
        None => MISSING,
    };
    vec![
        run.backend.clone(),
        run.device.clone(),
        or_dash(run.driver.clone()),
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
        bytes(run.host.memory_bytes),
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
                    th scope="col" { (count(*runs, "run")) }
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
        "Environments, one column for each combination of machine, backend and version",
        &rows,
    )
}

fn times(report: &Report) -> Markup {
    let rows = html! {
        thead {
            tr {
                th scope="col" { "Experiment" }
                th.number scope="col" { "Total, s" }
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
                    td.number { (rough_mean(experiment, |run| Some(run.run.total_s))) }
                    td.number { (rough_mean(experiment, |run| per_epoch(run, |epoch| epoch.train_s))) }
                    td.number { (rough_mean(experiment, |run| per_epoch(run, |epoch| epoch.validation_s))) }
                    td.number { (rough_mean(experiment, |run| run.run.train_examples_per_s)) }
                    td.number { (peak(experiment)) }
                    td.unbroken { (started(experiment)) }
                }
            }
        }
    };
    table(
        "times-table",
        "Mean times and maximum peak memory over seeds",
        &rows,
    )
}

fn rough_mean(experiment: &Experiment, of: impl Fn(&Record) -> Option<f64>) -> String {
    let values: Vec<f64> = experiment.runs().filter_map(of).collect();
    or_dash(mean(&values).map(rough))
}

fn per_epoch(run: &Record, of: impl Fn(&record::EpochTiming) -> f64) -> Option<f64> {
    let times: Vec<f64> = run.run.epochs.iter().map(of).collect();
    mean(&times)
}

/// The largest peak memory of the runs.
fn peak(experiment: &Experiment) -> String {
    let peaks = experiment
        .runs()
        .filter_map(|run| run.run.peak_memory_bytes);
    or_dash(peaks.max().map(bytes))
}

/// The start time of the first run, to the second.
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
