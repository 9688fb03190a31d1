use compare::statistics::{deviation, mean};
use std::io::Write;
use std::process::ExitCode;

use config::{Member, Sweep};
use record::Record;
use serde_json::{Map, Value, json};

use super::Task;
use crate::arguments::SweepCollectArguments;
use crate::format::{lines, table};

pub fn collect(arguments: &SweepCollectArguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let sweep = Sweep::load(&arguments.sweep.file)?;
    let tasks = Task::all(&sweep, &arguments.sweep);
    let rows: Vec<Row> = sweep
        .members
        .iter()
        .map(|member| {
            let of_member = tasks
                .iter()
                .filter(|task| task.member.plan.name() == member.plan.name());
            Row::new(member, of_member.filter_map(Task::record).collect())
        })
        .collect();
    match (arguments.csv, arguments.json, arguments.md) {
        (true, ..) => write_csv(&sweep, &rows, out)?,
        (_, true, _) => {
            for row in &rows {
                writeln!(out, "{}", row.json(&sweep))?;
            }
        }
        (_, _, true) => write_md(&sweep, &rows, out)?,
        _ => {
            let header = header(&sweep);
            let header: Vec<&str> = header.iter().map(String::as_str).collect();
            let mut table = table(&header, sweep.keys.len());
            for row in &rows {
                table.add_row(row.cells());
            }
            write!(out, "{}", lines(&table))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A member over its seeds.
struct Row<'a> {
    member: &'a Member,
    /// Finished runs, diverged ones included.
    runs: usize,
    diverged: usize,
    accuracies: Vec<f64>,
    losses: Vec<f64>,
}

impl<'a> Row<'a> {
    fn new(member: &'a Member, records: Vec<Record>) -> Self {
        let tests: Vec<_> = records
            .iter()
            .filter_map(|record| record.result.test.as_ref())
            .collect();
        Self {
            member,
            runs: records.len(),
            diverged: records.len() - tests.len(),
            accuracies: tests.iter().map(|test| test.accuracy).collect(),
            losses: tests.iter().map(|test| test.loss).collect(),
        }
    }

    fn cells(&self) -> Vec<String> {
        let values = self.member.values.iter().map(shown);
        let figures = [
            self.runs.to_string(),
            self.diverged.to_string(),
            figure(&self.accuracies),
            figure(&self.losses),
        ];
        values.chain(figures).collect()
    }

    fn json(&self, sweep: &Sweep) -> Value {
        let values = sweep.keys.iter().cloned().zip(self.member.values.clone());
        let figures = |values: &[f64]| match mean(values) {
            None => Value::Null,
            Some(mean) => json!({ "mean": mean, "deviation": deviation(values) }),
        };
        json!({
            "experiment": self.member.plan.name(),
            "values": values.collect::<Map<String, Value>>(),
            "runs": self.runs,
            "diverged": self.diverged,
            "test_accuracy": figures(&self.accuracies),
            "test_loss": figures(&self.losses),
        })
    }
}

fn header(sweep: &Sweep) -> Vec<String> {
    let figures = ["runs", "diverged", "test accuracy", "test loss"];
    let keys = sweep.keys.iter().cloned();
    keys.chain(figures.map(str::to_owned)).collect()
}

/// A value as it stands in a table; of an object with one key, an optimizer for one, that key.
fn shown(value: &Value) -> String {
    match value {
        Value::Object(keys) if keys.len() == 1 => keys.keys().cloned().collect(),
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

fn figure(values: &[f64]) -> String {
    match (mean(values), deviation(values)) {
        (None, _) => "-".to_owned(),
        (Some(mean), None) => format!("{mean:.4}"),
        (Some(mean), Some(deviation)) => format!("{mean:.4} ± {deviation:.4}"),
    }
}

fn write_md(sweep: &Sweep, rows: &[Row], out: &mut dyn Write) -> std::io::Result<()> {
    let header = header(sweep);
    writeln!(out, "| {} |", header.join(" | "))?;
    writeln!(out, "|{}", "---|".repeat(header.len()))?;
    for row in rows {
        writeln!(out, "| {} |", row.cells().join(" | "))?;
    }
    Ok(())
}

fn write_csv(sweep: &Sweep, rows: &[Row], out: &mut dyn Write) -> std::io::Result<()> {
    let quoted = |text: &str| match text.contains([',', '"', '\n']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    };
    let keys: Vec<String> = sweep.keys.iter().map(|key| quoted(key)).collect();
    let figures = "runs,diverged,test_accuracy_mean,test_accuracy_sd,test_loss_mean,test_loss_sd";
    writeln!(out, "{},{figures}", keys.join(","))?;
    for row in rows {
        let values = row.member.values.iter().map(|value| quoted(&shown(value)));
        let numbers = |values: &[f64]| {
            let shown = |value: Option<f64>| value.map_or(String::new(), |value| value.to_string());
            format!("{},{}", shown(mean(values)), shown(deviation(values)))
        };
        writeln!(
            out,
            "{},{},{},{},{}",
            values.collect::<Vec<_>>().join(","),
            row.runs,
            row.diverged,
            numbers(&row.accuracies),
            numbers(&row.losses),
        )?;
    }
    Ok(())
}
