use std::io::Write;
use std::process::ExitCode;

use clap::Args;
use compare::statistics::MeanAndDeviation;
use config::{Member, Sweep};
use present::{Column, Table, shown};
use record::{Metric, Quantity, Record};
use serde_json::{Map, Value, json};
use spec::Split;

use super::{SweepArguments, Task};
use crate::exit;

/// Collect the results of a sweep, one row per member
#[derive(Debug, Args)]
#[command(after_help = "Example: hearth sweep collect configs/sweeps/learning-rate.json --md")]
pub struct Arguments {
    #[command(flatten)]
    sweep: SweepArguments,
    /// Print CSV
    #[arg(long, conflicts_with_all = ["json", "md"])]
    csv: bool,
    /// Print one JSON object per member
    #[arg(long, conflicts_with = "md")]
    json: bool,
    /// Print Markdown
    #[arg(long)]
    md: bool,
}

/// Prints a row per member.
pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let sweep = Sweep::load(&arguments.sweep.file)?;
    let tasks = Task::all(&sweep, &arguments.sweep)?;
    let rows: Vec<Row> = sweep
        .members
        .iter()
        .map(|member| {
            let of_member = tasks
                .iter()
                .filter(|task| task.member.plan.name() == member.plan.name());
            Row::new(member, on_one_data_set(of_member.filter_map(Task::record)))
        })
        .collect();
    if arguments.json {
        for row in &rows {
            writeln!(out, "{}", row.json(&sweep))?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let text = if arguments.csv {
        sheet(&sweep, &rows).csv()
    } else if arguments.md {
        table(&sweep, &rows).markdown()
    } else {
        table(&sweep, &rows).text()
    };
    write!(out, "{text}")?;
    Ok(ExitCode::SUCCESS)
}

/// The runs that were made on the same data as the first: a mean over several data sets is none.
fn on_one_data_set(records: impl Iterator<Item = Record>) -> Vec<Record> {
    let mut kept: Vec<Record> = Vec::new();
    for record in records {
        match kept.first() {
            Some(first) if first.signature != record.signature => exit::say(&format!(
                "{} seed {}: different data from seed {}; skipped",
                record.experiment, record.seed, first.seed
            )),
            _ => kept.push(record),
        }
    }
    kept
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
        let figures = |quantity| -> Vec<f64> {
            let metric = Metric::of_kept(Split::Test, quantity);
            records
                .iter()
                .filter_map(|record| metric.of(record))
                .collect()
        };
        let (accuracies, losses) = (figures(Quantity::Accuracy), figures(Quantity::Loss));
        Self {
            member,
            runs: records.len(),
            diverged: records.len() - accuracies.len(),
            accuracies,
            losses,
        }
    }

    /// What a row of every form begins with.
    fn beginning(&self) -> Vec<Option<String>> {
        let values = self.member.values.iter().map(shown);
        let counts = [self.runs, self.diverged].map(|count| count.to_string());
        values.chain(counts).map(Some).collect()
    }

    fn json(&self, sweep: &Sweep) -> Value {
        let values = sweep.keys.iter().cloned().zip(self.member.values.clone());
        json!({
            "experiment": self.member.plan.name(),
            "values": values.collect::<Map<String, Value>>(),
            "runs": self.runs,
            "diverged": self.diverged,
            "test_accuracy": MeanAndDeviation::of(&self.accuracies),
            "test_loss": MeanAndDeviation::of(&self.losses),
        })
    }
}

/// What the columns of every form begin with, and then these.
fn columns(sweep: &Sweep, figures: &[&str]) -> Vec<Column> {
    let keys = sweep.keys.iter().map(Column::text);
    let numbers = ["runs", "diverged"].iter().chain(figures);
    keys.chain(numbers.map(Column::number)).collect()
}

/// For people: a mean with its standard deviation to a cell.
fn table(sweep: &Sweep, rows: &[Row]) -> Table {
    let mut table = Table::new(columns(sweep, &["test accuracy", "test loss"]));
    for row in rows {
        let figures = [&row.accuracies, &row.losses].map(|values| {
            let MeanAndDeviation { mean, deviation } = MeanAndDeviation::of(values)?;
            let deviation = deviation.map(|deviation| format!(" ± {deviation:.4}"));
            Some(format!("{mean:.4}{}", deviation.unwrap_or_default()))
        });
        table.add(row.beginning().into_iter().chain(figures));
    }
    table
}

/// For spreadsheets: unrounded, a number to a cell.
fn sheet(sweep: &Sweep, rows: &[Row]) -> Table {
    let figures = [
        "test_accuracy_mean",
        "test_accuracy_sd",
        "test_loss_mean",
        "test_loss_sd",
    ];
    let mut table = Table::new(columns(sweep, &figures));
    for row in rows {
        let numbers = [&row.accuracies, &row.losses].map(|values| {
            let figures = MeanAndDeviation::of(values);
            let deviation = figures.and_then(|figures| figures.deviation);
            [figures.map(|figures| figures.mean), deviation]
        });
        let numbers = numbers.into_iter().flatten();
        let numbers = numbers.map(|number| number.map(|number| number.to_string()));
        table.add(row.beginning().into_iter().chain(numbers));
    }
    table
}
