use std::cmp::Ordering;
use std::io::Write;
use std::process::ExitCode;
use std::str::FromStr;

use clap::Args;
use compare::TestSetUse;
use glob::Pattern;
use present::{Column, Table};
use rayon::prelude::*;
use record::{
    Evaluation, Metric, Quantity, Record, RecordError, Remark, RunFolder, Scores, Status,
    Unfinished,
};
use serde_json::json;
use spec::{Split, unknown};

use crate::arguments::ResultsArgument;
use crate::exit::{self, Failures};

/// List the runs in a results folder, those that are not finished too
#[derive(Debug, Args)]
#[command(
    after_help = "Example: hearth list --experiment 'mnist-*' --sort validation.accuracy --reverse"
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
    /// Only runs with this status: completed, diverged, running or interrupted
    #[arg(long, value_name = "STATUS", value_parser = STATUSES)]
    status: Option<String>,
    /// Only runs with this seed
    #[arg(long, value_name = "SEED")]
    seed: Option<u64>,
    /// Sort key, in ascending order: experiment, seed, epochs, started_at, total_s, or a metric such
    /// as validation.accuracy or test.loss; runs without a value come last
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

const STATUSES: [&str; 4] = ["completed", "diverged", "running", "interrupted"];

/// A run as it is listed.
enum Listed {
    Finished(Box<Record>, RunFolder),
    Unfinished(Unfinished, RunFolder),
}

impl Listed {
    fn experiment(&self) -> &str {
        match self {
            Self::Finished(record, _) => &record.experiment,
            Self::Unfinished(run, _) => &run.experiment,
        }
    }

    fn backend(&self) -> &str {
        match self {
            Self::Finished(record, _) => &record.run.backend,
            Self::Unfinished(run, _) => &run.backend,
        }
    }

    fn status(&self) -> &'static str {
        match self {
            Self::Finished(record, _) => match record.result.status {
                Status::Completed => "completed",
                Status::Diverged => "diverged",
            },
            Self::Unfinished(run, _) => run.status(),
        }
    }

    fn seed(&self) -> Option<u64> {
        match self {
            Self::Finished(record, _) => Some(record.seed),
            Self::Unfinished(run, _) => run.seed,
        }
    }

    fn epochs(&self) -> usize {
        match self {
            Self::Finished(record, _) => record.result.epochs.len(),
            Self::Unfinished(run, _) => run.done,
        }
    }

    fn record(&self) -> Option<&Record> {
        match self {
            Self::Finished(record, _) => Some(record),
            Self::Unfinished(..) => None,
        }
    }
}

/// Prints the runs that match. A record that cannot be read is an error, after the others are listed.
pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let folders = RunFolder::all(&arguments.results.folder).map_err(|error| {
        let remedy = "run an experiment first, or name the folder with --out";
        let said = format!("{error}; {remedy}");
        anyhow::Error::new(error).context(said)
    })?;
    if folders.is_empty() {
        exit::say(&format!(
            "{}: no runs; --out names a results folder, which has a folder for each experiment",
            arguments.results.folder.display()
        ));
    }
    // Parsing and hashing the records takes most of the time.
    let folders = folders.into_par_iter();
    let read: Vec<_> = folders.map(|folder| listed(folder?)).collect();
    let mut failures = Failures::default();
    let found = read.into_iter().filter_map(|run| failures.unless(run)?);
    let mut runs: Vec<Listed> = found.filter(|run| is_wanted(arguments, run)).collect();
    sort(arguments, &mut runs);
    let mut uses = Vec::new();
    if let SortKey::Metric(metric) = arguments.sort
        && metric.split == Split::Test
        && !arguments.json
    {
        uses = TestSetUse::among(runs.iter().filter_map(Listed::record));
    }
    runs.truncate(arguments.limit.unwrap_or(usize::MAX));
    if arguments.json {
        for run in &runs {
            let json = match run {
                Listed::Finished(record, folder) => finished(record, folder),
                Listed::Unfinished(run, folder) => unfinished(run, folder),
            };
            writeln!(out, "{json}")?;
        }
    } else {
        write!(out, "{}", as_table(arguments.sort, &runs))?;
    }
    // Among the messages, so that the table stays one.
    for usage in uses {
        exit::say(&usage.to_string());
    }
    Ok(failures.code())
}

fn listed(folder: RunFolder) -> Result<Option<Listed>, RecordError> {
    let record = folder.read()?;
    Ok(match record {
        Some(record) => Some(Listed::Finished(Box::new(record), folder)),
        None => folder
            .unfinished()
            .map(|run| Listed::Unfinished(run, folder)),
    })
}

fn is_wanted(arguments: &Arguments, run: &Listed) -> bool {
    let experiment = arguments.experiment.as_ref();
    let backend = arguments.backend.as_ref();
    let status = arguments.status.as_ref();
    experiment.is_none_or(|pattern| pattern.matches(run.experiment()))
        && backend.is_none_or(|backend| backend == run.backend())
        && status.is_none_or(|status| status == run.status())
        && arguments.seed.is_none_or(|seed| run.seed() == Some(seed))
}

/// Runs with equal keys stay in the order of their folders.
fn sort(arguments: &Arguments, runs: &mut [Listed]) {
    let number = |run: &Listed| match arguments.sort {
        SortKey::Seed => Some(run.seed()? as f64),
        SortKey::Epochs => Some(run.epochs() as f64),
        SortKey::Metric(metric) => metric.of(run.record()?),
        SortKey::TotalS => Some(run.record()?.run.total_s),
        SortKey::Experiment | SortKey::StartedAt => None,
    };
    let text = |run: &Listed| match arguments.sort {
        SortKey::Experiment => Some(run.experiment().to_owned()),
        SortKey::StartedAt => Some(run.record()?.run.started_at.clone()),
        SortKey::Seed | SortKey::Epochs | SortKey::Metric(_) | SortKey::TotalS => None,
    };
    let directed = |order: Ordering| {
        if arguments.reverse {
            order.reverse()
        } else {
            order
        }
    };
    runs.sort_by(|one, other| {
        let numbers = last_without(number(one), number(other), |one, other| {
            directed(one.total_cmp(other))
        });
        numbers.then_with(|| {
            last_without(text(one), text(other), |one, other| {
                directed(one.cmp(other))
            })
        })
    });
}

/// Orders two values; a missing one comes last.
fn last_without<T>(
    one: Option<T>,
    other: Option<T>,
    order: impl FnOnce(&T, &T) -> Ordering,
) -> Ordering {
    match (&one, &other) {
        (Some(one), Some(other)) => order(one, other),
        (one, other) => one.is_none().cmp(&other.is_none()),
    }
}

/// The metrics to show: accuracy on validation where any run has it, the test's, and the one that
/// runs are sorted by.
fn shown(sort: SortKey, runs: &[Listed]) -> Vec<Metric> {
    let validation = Metric::of_kept(Split::Validation, Quantity::Accuracy);
    let mut records = runs.iter().filter_map(Listed::record);
    let mut shown = Vec::new();
    if records.any(|record| validation.of(record).is_some()) {
        shown.push(validation);
    }
    shown.push(Metric::of_kept(Split::Test, Quantity::Accuracy));
    shown.push(Metric::of_kept(Split::Test, Quantity::Loss));
    if let SortKey::Metric(metric) = sort
        && !shown.contains(&metric)
    {
        shown.push(metric);
    }
    shown
}

fn as_table(sort: SortKey, runs: &[Listed]) -> String {
    let metrics = shown(sort, runs);
    let remarks: Vec<String> = runs.iter().map(labels).collect();
    let is_remarkable = remarks.iter().any(|labels| !labels.is_empty());
    let texts = ["experiment", "backend", "status"].map(Column::text);
    let numbers = ["seed", "epochs"].map(Column::number);
    let figures = metrics.iter().map(|metric| Column::number(metric.words()));
    let last = is_remarkable.then(|| Column::text("remarks"));
    let mut table = Table::new(texts.into_iter().chain(numbers).chain(figures).chain(last));
    for (run, remarks) in runs.iter().zip(remarks) {
        let known = [
            Some(run.experiment().to_owned()),
            Some(run.backend().to_owned()),
            Some(run.status().to_owned()),
            run.seed().map(|seed| seed.to_string()),
            Some(match run {
                Listed::Finished(..) => run.epochs().to_string(),
                Listed::Unfinished(run, _) => run.epochs(),
            }),
        ];
        let figures = metrics.iter().map(|metric| {
            let figure = metric.of(run.record()?);
            figure.map(|figure| format!("{figure:.4}"))
        });
        let remarks = is_remarkable.then_some(Some(remarks));
        table.add(known.into_iter().chain(figures).chain(remarks));
    }
    table.text()
}

/// The remarks on a run, a few words each.
fn labels(run: &Listed) -> String {
    let remarks = run.record().map(Remark::of).unwrap_or_default();
    let labels: Vec<&str> = remarks.iter().map(Remark::label).collect();
    labels.join(", ")
}

fn finished(record: &Record, folder: &RunFolder) -> serde_json::Value {
    let scores = |scores: Scores| json!({ "loss": scores.loss, "accuracy": scores.accuracy });
    let test = record.result.test.as_ref().map(Evaluation::scores);
    let kept = record.result.kept_epoch();
    let remarks = Remark::of(record);
    json!({
        "experiment": record.experiment,
        "backend": record.run.backend,
        "seed": record.seed,
        "status": record.result.status,
        "epochs": record.result.epochs.len(),
        "validation": kept.and_then(|epoch| epoch.validation).map(scores),
        "test": test.map(scores),
        "remarks": remarks.iter().map(Remark::to_string).collect::<Vec<_>>(),
        "digest": record.digest,
        "started_at": record.run.started_at,
        "total_s": record.run.total_s,
        // JSON has no other texts. What is not Unicode is replaced.
        "folder": folder.path().to_string_lossy(),
    })
}

fn unfinished(run: &Unfinished, folder: &RunFolder) -> serde_json::Value {
    json!({
        "experiment": run.experiment,
        "backend": run.backend,
        "seed": run.seed,
        "status": run.status(),
        "epochs": run.done,
        "of_epochs": run.epochs,
        "held_by": run.holder,
        "folder": folder.path().to_string_lossy(),
    })
}
