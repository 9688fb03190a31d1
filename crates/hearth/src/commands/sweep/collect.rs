use std::collections::BTreeMap;
use std::io::Write;
use std::process::ExitCode;

use clap::Args;
use compare::statistics::MeanAndDeviation;
use config::Sweep;
use present::{Column, Table, count, shown_apart};
use record::{Metric, Quantity, digest_of, printable};
use serde_json::{Map, Value, json};
use spec::Split;

use super::SweepArguments;
use super::members::{MemberRuns, Missing, Why, sort_by};
use crate::exit::{self, Failures};

/// Collect the results of a sweep, one row per member
#[derive(Debug, Args)]
#[command(
    after_help = "Example: hearth sweep collect configs/sweeps/learning-rate.json --sort validation.accuracy"
)]
pub struct Arguments {
    #[command(flatten)]
    sweep: SweepArguments,
    /// Sort by a metric, the best first, for example validation.accuracy [default: the order of the
    /// grid]
    #[arg(long, value_name = "METRIC")]
    sort: Option<Metric>,
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

/// What is collected: of the kept weights, validation first, since that is what to choose by.
const METRICS: [Metric; 4] = [
    Metric::of_kept(Split::Validation, Quantity::Accuracy),
    Metric::of_kept(Split::Validation, Quantity::Loss),
    Metric::of_kept(Split::Test, Quantity::Accuracy),
    Metric::of_kept(Split::Test, Quantity::Loss),
];

/// Prints a row per member.
pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let sweep = Sweep::load(&arguments.sweep.file)?;
    let mut failures = Failures::default();
    let mut members = MemberRuns::all(&sweep, &arguments.sweep, &mut failures)?;
    if let Some(metric) = arguments.sort {
        sort_by(&mut members, metric);
    }
    if arguments.json {
        for member in &members {
            writeln!(out, "{}", json(member, &sweep))?;
        }
        return Ok(failures.code());
    }
    let text = if arguments.csv {
        sheet(&sweep, &members).csv()
    } else if arguments.md {
        table(&sweep, &members).markdown()
    } else {
        table(&sweep, &members).text()
    };
    write!(out, "{text}")?;
    let missing = members
        .iter()
        .flat_map(|member| &member.missing)
        .map(not_done);
    if arguments.csv || arguments.md {
        missing.for_each(|line| exit::say(&line));
    } else {
        for (place, line) in given_up(&members).into_iter().chain(missing).enumerate() {
            let space = if place == 0 { "\n" } else { "" };
            writeln!(out, "{space}{}", printable(&line))?;
        }
    }
    Ok(failures.code())
}

/// How many members were given up, by epoch.
fn given_up(members: &[MemberRuns]) -> Vec<String> {
    let mut by_epoch = BTreeMap::new();
    for epoch in members.iter().filter_map(|member| member.given_up) {
        *by_epoch.entry(epoch).or_insert(0) += 1;
    }
    let lines = by_epoch.into_iter();
    lines
        .map(|(epoch, members)| {
            format!(
                "{} given up after epoch {epoch}",
                count(members, "member is")
            )
        })
        .collect()
}

/// `index 7, small+training.epochs=1 seed 0: failed: none.safetensors: no such file`.
fn not_done(missing: &Missing) -> String {
    let Missing { index, run, why } = missing;
    let state = match why {
        Why::NotDone => "not done".to_owned(),
        Why::Failed(failure) => format!("failed: {}", failure.error),
        Why::Damaged(problem) => format!("damaged: {problem}"),
    };
    format!("index {index}, {run}: {state}")
}

/// A line of a collected sweep. Its seal, the hash of the rest, shows damage.
fn json(member: &MemberRuns, sweep: &Sweep) -> Value {
    let mut row = Map::new();
    row.insert("experiment".to_owned(), member.member.plan.name().into());
    row.insert("values".to_owned(), member.values(sweep).into());
    row.insert("runs".to_owned(), member.records.len().into());
    row.insert("diverged".to_owned(), member.diverged().into());
    for metric in METRICS {
        row.insert(key(metric), json!(member.mean(metric)));
    }
    let is_damaged = |missing: &&Missing| matches!(missing.why, Why::Damaged(_));
    let (damaged, missing): (Vec<&Missing>, Vec<&Missing>) =
        member.missing.iter().partition(is_damaged);
    for (key, runs) in [("missing", missing), ("damaged", damaged)] {
        if !runs.is_empty() {
            let indexes = runs.iter().map(|missing| missing.index);
            row.insert(key.to_owned(), indexes.collect::<Vec<_>>().into());
        }
    }
    if let Some(epochs) = member.given_up {
        row.insert("given_up_after".to_owned(), epochs.into());
    }
    let seal = digest_of(&row).expect("a row is JSON");
    row.insert("seal".to_owned(), seal.into());
    row.into()
}

/// `test_accuracy`.
fn key(metric: Metric) -> String {
    metric.words().replace(' ', "_")
}

/// The columns that every table begins with, and a row of them for each member.
fn beginnings(sweep: &Sweep, members: &[MemberRuns]) -> (Vec<Column>, Vec<Vec<Option<String>>>) {
    let mut columns: Vec<Column> = sweep.keys.iter().map(Column::text).collect();
    columns.extend(["runs", "diverged"].map(Column::number));
    let mut rows = vec![Vec::new(); members.len()];
    for index in 0..sweep.keys.len() {
        let values = members.iter().map(|member| &member.member.values[index]);
        for (row, value) in rows.iter_mut().zip(shown_apart(values)) {
            row.push(Some(value));
        }
    }
    for (row, member) in rows.iter_mut().zip(members) {
        let counts = [member.records.len(), member.diverged()];
        row.extend(counts.map(|count| Some(count.to_string())));
    }
    (columns, rows)
}

/// For people: a mean with its standard deviation to a cell.
fn table(sweep: &Sweep, members: &[MemberRuns]) -> Table {
    let is_measured = |metric: &Metric| {
        let mut means = members.iter().map(|member| member.mean(*metric));
        metric.split == Split::Test || means.any(|mean| mean.is_some())
    };
    let metrics: Vec<Metric> = METRICS.into_iter().filter(is_measured).collect();
    let (mut columns, rows) = beginnings(sweep, members);
    columns.extend(metrics.iter().map(|metric| Column::number(metric.words())));
    let mut table = Table::new(columns);
    for (member, row) in members.iter().zip(rows) {
        let figures = metrics.iter().map(|&metric| {
            let MeanAndDeviation { mean, deviation } = member.mean(metric)?;
            let deviation = deviation.map(|deviation| format!(" ± {deviation:.4}"));
            Some(format!("{mean:.4}{}", deviation.unwrap_or_default()))
        });
        table.add(row.into_iter().chain(figures));
    }
    table
}

/// For spreadsheets: unrounded, a number to a cell.
fn sheet(sweep: &Sweep, members: &[MemberRuns]) -> Table {
    let (mut columns, rows) = beginnings(sweep, members);
    for metric in METRICS {
        columns
            .extend(["mean", "sd"].map(|what| Column::number(format!("{}_{what}", key(metric)))));
    }
    let mut table = Table::new(columns);
    for (member, row) in members.iter().zip(rows) {
        let numbers = METRICS.into_iter().flat_map(|metric| {
            let figures = member.mean(metric);
            let deviation = figures.and_then(|figures| figures.deviation);
            [figures.map(|figures| figures.mean), deviation]
        });
        let numbers = numbers.map(|number| number.map(|number| number.to_string()));
        table.add(row.into_iter().chain(numbers));
    }
    table
}
