use std::cmp::Ordering;
use std::io::Write;
use std::process::ExitCode;

use anyhow::Context;
use rayon::prelude::*;
use record::{Record, RunFolder, Status};
use serde_json::json;

use crate::arguments::{ListArguments, ListKey};
use crate::exit;
use crate::format::{lines, table};

pub fn list(arguments: &ListArguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let folders = RunFolder::all(&arguments.results.folder).map_err(|error| {
        let remedy = "run an experiment first, or name the folder with --out";
        let said = format!("{error}; {remedy}");
        anyhow::Error::new(error).context(said)
    })?;
    // Each is parsed and hashed: that is what takes the time.
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
    match arguments.json {
        true => {
            for (record, run) in &runs {
                writeln!(out, "{}", summarised(record, run))?;
            }
        }
        false => write!(out, "{}", as_table(&runs))?,
    }
    match unreadable {
        None => Ok(ExitCode::SUCCESS),
        Some(error) => Err(error).context("the list lacks what cannot be read"),
    }
}

fn is_wanted(arguments: &ListArguments, record: &Record) -> bool {
    let experiment = arguments.experiment.as_ref();
    let backend = arguments.backend.as_ref();
    experiment.is_none_or(|pattern| pattern.matches(&record.experiment))
        && backend.is_none_or(|backend| *backend == record.run.backend)
        && arguments
            .status
            .is_none_or(|status| status == record.result.status)
        && arguments.seed.is_none_or(|seed| seed == record.seed)
}

/// Runs that are equal stay in the order of their folders.
fn sort(arguments: &ListArguments, runs: &mut [(Record, RunFolder)]) {
    let test = |record: &Record, figure: fn(&record::Evaluation) -> f64| {
        record.result.test.as_ref().map(figure)
    };
    let number = |record: &Record| match arguments.sort {
        ListKey::Seed => Some(record.seed as f64),
        ListKey::Epochs => Some(record.result.epochs.len() as f64),
        ListKey::TestAccuracy => test(record, |test| test.accuracy),
        ListKey::TestLoss => test(record, |test| test.loss),
        ListKey::TotalS => Some(record.run.total_s),
        ListKey::Experiment | ListKey::StartedAt => None,
    };
    let directed = |order: Ordering| match arguments.reverse {
        true => order.reverse(),
        false => order,
    };
    runs.sort_by(|(one, _), (other, _)| match arguments.sort {
        ListKey::Experiment => directed(one.experiment.cmp(&other.experiment)),
        ListKey::StartedAt => directed(one.run.started_at.cmp(&other.run.started_at)),
        _ => match (number(one), number(other)) {
            (Some(one), Some(other)) => directed(one.total_cmp(&other)),
            (one, other) => one.is_none().cmp(&other.is_none()),
        },
    });
}

fn as_table(runs: &[(Record, RunFolder)]) -> String {
    let mut table = table(
        &[
            "experiment",
            "backend",
            "status",
            "seed",
            "epochs",
            "test accuracy",
            "test loss",
        ],
        3,
    );
    for (record, _) in runs {
        table.add_row(row(record));
    }
    lines(&table)
}

fn row(record: &Record) -> [String; 7] {
    let result = &record.result;
    let status = match result.status {
        Status::Completed => "completed",
        Status::Diverged => "diverged",
    };
    let test = |figure: fn(&record::Evaluation) -> f64| {
        let figure = result.test.as_ref().map(figure);
        figure.map_or("-".to_owned(), |figure| format!("{figure:.4}"))
    };
    [
        record::printable(&record.experiment),
        record.run.backend.clone(),
        status.to_owned(),
        record.seed.to_string(),
        result.epochs.len().to_string(),
        test(|test| test.accuracy),
        test(|test| test.loss),
    ]
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
