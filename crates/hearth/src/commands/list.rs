use std::io::Write;
use std::process::ExitCode;

use anyhow::Context;
use record::{Record, RunFolder, Status};
use serde_json::json;

use crate::arguments::ListArguments;
use crate::exit;
use crate::format::{lines, table};

pub fn list(arguments: &ListArguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let folder = &arguments.results.folder;
    let mut unreadable = None;
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
    let folders = RunFolder::all(folder).map_err(|error| {
        let remedy = "run an experiment first, or name the folder with --out";
        let said = format!("{error}; {remedy}");
        anyhow::Error::new(error).context(said)
    })?;
    for run in folders {
        let record = match run.read() {
            Ok(Some(record)) => record,
            Ok(None) => continue,
            Err(error) => {
                exit::say(&error.to_string());
                unreadable = Some(error);
                continue;
            }
        };
        match arguments.json {
            true => writeln!(out, "{}", summarised(&record, &run))?,
            false => {
                table.add_row(row(&record));
            }
        }
    }
    if !arguments.json {
        write!(out, "{}", lines(&table))?;
    }
    match unreadable {
        None => Ok(ExitCode::SUCCESS),
        Some(error) => Err(error).context("the list lacks what cannot be read"),
    }
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
        record.experiment.clone(),
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
        "folder": folder.path(),
    })
}
