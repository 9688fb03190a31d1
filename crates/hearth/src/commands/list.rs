use std::cmp::Ordering;
use std::io::Write;
use std::process::ExitCode;
use std::str::FromStr;

use anyhow::Context;
use clap::Args;
use glob::Pattern;
use present::{Column, Table};
use rayon::prelude::*;
use record::{Metric, Quantity, Record, RunFolder, Status};
use serde_json::json;
use spec::{Split, unknown};

use crate::arguments::ResultsArgument;
use crate::exit;

/// List the runs in a results folder
#[derive(Debug, Args)]
#[command(
    after_help = "Example: hearth list --experiment 'mnist-*' --sort test.accuracy --reverse"
)]
pub struct Arguments {
    #[command(flatten)]
    results: ResultsArgument,
    /// Only experiments whose name matches, for example 'mnist-*'
    #[arg(long, value_name = "PATTERN")]
    experiment: Option<Pattern>,
    /// Only runs on this backend
    #[arg(long, value_name = "BACKEND")]
    backend: Option<String>,
    /// Only runs with this status: completed or diverged
    #[arg(long, value_name = "STATUS", value_parser = status)]
    status: Option<Status>,
    /// Only runs with this seed
    #[arg(long, value_name = "SEED")]
    seed: Option<u64>,
    /// Sort key, in ascending order: experiment, seed, epochs, started_at, total_s, or a metric such
    /// as test.accuracy or validation.loss; runs without a value come last
    #[arg(long, default_value = "experiment", value_name = "KEY")]
    sort: SortKey,
    /// Sort in descending order
    #[arg(long)]
    reverse: bool,
    /// List at most N runs
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Print one JSON object per run, without the config and per-example results
    #[arg(long)]
    json: bool,
}

/// What runs can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SortKey {
    Experiment,
    Seed,
    Epochs,
    StartedAt,
    TotalS,
    Metric(Metric),
}

impl FromStr for SortKey {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let keys = [
            ("experiment", Self::Experiment),
            ("seed", Self::Seed),
            ("epochs", Self::Epochs),
            ("started_at", Self::StartedAt),
            ("total_s", Self::TotalS),
        ];
        if let Some((_, key)) = keys.iter().find(|(known, _)| *known == name) {
            return Ok(*key);
        }
        let known = keys.map(|(known, _)| known.to_owned()).into_iter();
        let metrics = Metric::ALL.iter().map(Metric::to_string);
        let known: Vec<String> = known.chain(metrics).collect();
        name.parse()
            .map(Self::Metric)
            .map_err(|_| unknown("key", name, &known))
    }
}

fn status(name: &str) -> Result<Status, String> {
    match name {
        "completed" => Ok(Status::Completed),
        "diverged" => Ok(Status::Diverged),
        _ => Err("choose completed or diverged".to_owned()),
    }
}

/// Prints the runs that match. A record that cannot be read is an error, after the others are listed.
pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let folders = RunFolder::all(&arguments.results.folder).map_err(|error| {
        let remedy = "run an experiment first, or name the folder with --out";
        let said = format!("{error}; {remedy}");
        anyhow::Error::new(error).context(said)
    })?;
    // Parsing and hashing the records takes most of the time.
    let read: Vec<_> = folders
        .into_par_iter()
        .map(|run| (run.read(), run))
        .collect();
    let mut unreadable = None;
    let mut runs = Vec::new();
    for (record, run) in read {
        match record {
            Ok(Some(record)) if is_wanted(arguments, &record) => runs.push((record, run)),
            Ok(_) => {}
            Err(error) => {
                exit::say(&error.to_string());
                unreadable = Some(error);
            }
        }
    }
    sort(arguments, &mut runs);
    runs.truncate(arguments.limit.unwrap_or(usize::MAX));
    if arguments.json {
        for (record, run) in &runs {
            writeln!(out, "{}", summarised(record, run))?;
        }
    } else {
        write!(out, "{}", as_table(arguments.sort, &runs))?;
    }
    match unreadable {
        None => Ok(ExitCode::SUCCESS),
        Some(error) => Err(error).context("runs that cannot be read are not listed"),
    }
}

fn is_wanted(arguments: &Arguments, record: &Record) -> bool {
    let experiment = arguments.experiment.as_ref();
    let backend = arguments.backend.as_ref();
    experiment.is_none_or(|pattern| pattern.matches(&record.experiment))
        && backend.is_none_or(|backend| *backend == record.run.backend)
        && arguments
            .status
            .is_none_or(|status| status == record.result.status)
        && arguments.seed.is_none_or(|seed| seed == record.seed)
}

/// Runs with equal keys stay in the order of their folders.
fn sort(arguments: &Arguments, runs: &mut [(Record, RunFolder)]) {
    let number = |record: &Record| match arguments.sort {
        SortKey::Seed => Some(record.seed as f64),
        SortKey::Epochs => Some(record.result.epochs.len() as f64),
        SortKey::Metric(metric) => metric.of(record),
        SortKey::TotalS => Some(record.run.total_s),
        SortKey::Experiment | SortKey::StartedAt => None,
    };
    let directed = |order: Ordering| {
        if arguments.reverse {
            order.reverse()
        } else {
            order
        }
    };
    runs.sort_by(|(one, _), (other, _)| match arguments.sort {
        SortKey::Experiment => directed(one.experiment.cmp(&other.experiment)),
        SortKey::StartedAt => directed(one.run.started_at.cmp(&other.run.started_at)),
        SortKey::Seed | SortKey::Epochs | SortKey::Metric(_) | SortKey::TotalS => {
            match (number(one), number(other)) {
                (Some(one), Some(other)) => directed(one.total_cmp(&other)),
                (one, other) => one.is_none().cmp(&other.is_none()),
            }
        }
    });
}

/// The metrics to show: the test's, and the one that runs are sorted by.
fn shown(sort: SortKey) -> Vec<Metric> {
    let mut shown = vec![
        Metric::of_kept(Split::Test, Quantity::Accuracy),
        Metric::of_kept(Split::Test, Quantity::Loss),
    ];
    if let SortKey::Metric(metric) = sort
        && !shown.contains(&metric)
    {
        shown.push(metric);
    }
    shown
}

fn as_table(sort: SortKey, runs: &[(Record, RunFolder)]) -> String {
    let metrics = shown(sort);
    let texts = ["experiment", "backend", "status"].map(Column::text);
    let numbers = ["seed", "epochs"].map(Column::number);
    let figures = metrics.iter().map(|metric| Column::number(metric.words()));
    let mut table = Table::new(texts.into_iter().chain(numbers).chain(figures));
    for (record, _) in runs {
        let result = &record.result;
        let status = match result.status {
            Status::Completed => "completed",
            Status::Diverged => "diverged",
        };
        let known = [
            record.experiment.clone(),
            record.run.backend.clone(),
            status.to_owned(),
            record.seed.to_string(),
            result.epochs.len().to_string(),
        ];
        let figures = metrics.iter().map(|metric| {
            let figure = metric.of(record);
            figure.map(|figure| format!("{figure:.4}"))
        });
        table.add(known.into_iter().map(Some).chain(figures));
    }
    table.text()
}

fn summarised(record: &Record, folder: &RunFolder) -> serde_json::Value {
    let test = record.result.test.as_ref();
    json!({
        "experiment": record.experiment,
        "backend": record.run.backend,
        "seed": record.seed,
        "status": record.result.status,
        "epochs": record.result.epochs.len(),
        "test": test.map(|test| json!({ "loss": test.loss, "accuracy": test.accuracy })),
        "digest": record.digest,
        "started_at": record.run.started_at,
        "total_s": record.run.total_s,
        "folder": folder.path(),
    })
}
