use compare::statistics::{deviation, mean};
use std::io::Write;
use std::process::ExitCode;

use comfy_table::Table;
use config::Plan;
use datasets::Location;
use record::Record;
use runner::{Checkpointing, Outcome, Run, RunError, unmet_expectations};

use crate::arguments::RunArguments;
use crate::format::{lines, table};
use crate::progress::RunProgress;
use crate::{exit, interrupt, threads};

pub fn run(arguments: &RunArguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    // All configs are checked before the first is run.
    let mut plans = Vec::new();
    for path in &arguments.configs {
        let plan = Plan::load(path, &arguments.overrides.overrides)?;
        plans.push(match &arguments.seeds {
            Some(seeds) => plan.with_seeds(seeds.0.clone()),
            None => plan,
        });
    }
    threads::size_ndarrays_pool(arguments.threads, &plans)?;
    interrupt::listen();
    if arguments.while_stdin_open {
        interrupt::when_stdin_closes();
    }
    let location = arguments.data.location();

    let mut report = table(
        &[
            "experiment",
            "seed",
            "test accuracy",
            "test loss",
            "examples/s",
            "results",
        ],
        1,
    );
    let done = run_all(arguments, &location, &plans, &mut report);
    // What is finished is shown even when a later run failed.
    if !report.is_empty() {
        write!(out, "{}", lines(&report))?;
    }
    if let Err(error) = &done
        && let Some(RunError::Interrupted { .. }) = error.downcast_ref()
    {
        let command = interrupt::command();
        exit::say(&format!(
            "{error}; a checkpoint is written; to go on: {command}"
        ));
        return Ok(ExitCode::from(exit::INTERRUPTED));
    }
    Ok(match done? {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(exit::FAILED),
    })
}

/// Runs every plan with every seed, a row each in the report, and tells whether all is well.
fn run_all(
    arguments: &RunArguments,
    location: &Location,
    plans: &[Plan],
    report: &mut Table,
) -> anyhow::Result<bool> {
    let mut all_well = true;
    for plan in plans {
        let pool = threads::pool(arguments.threads, plan)?;
        let run = Run {
            backend: arguments.backend.named,
            threads: pool.current_num_threads(),
            data: location,
            results: &arguments.results.folder,
            overwrite: arguments.overwrite,
            checkpointing: Some(match arguments.checkpoint_every {
                None => Checkpointing::Affordable,
                Some(epochs) => Checkpointing::Every(epochs),
            }),
        };
        let mut records = Vec::new();
        for &seed in plan.seeds() {
            // On a thread of the pool, which hands work on sooner than one outside can.
            let record = pool.install(|| one(&run, plan, seed))?;
            all_well &= is_well(plan, &record);
            report.add_row(row(&run, plan, &record));
            records.push(record);
        }
        if let Some(row) = mean_row(plan, &records) {
            report.add_row(row);
        }
    }
    Ok(all_well)
}

fn one(run: &Run, plan: &Plan, seed: u64) -> anyhow::Result<Record> {
    let name = format!("{} seed {seed}", plan.name());
    let mut progress = RunProgress::new(name.clone());
    let outcome = run.run(plan, seed, &mut progress);
    progress.finish();
    match outcome? {
        Outcome::Finished(record) => Ok(*record),
        Outcome::AlreadyThere(record) => {
            let folder = run.folder(plan, seed);
            exit::say(&format!(
                "{name}: is there already in {}, not run again",
                folder.path().display()
            ));
            Ok(*record)
        }
    }
}

/// Says what is wrong with a run: it diverged, or an expectation does not hold.
fn is_well(plan: &Plan, record: &Record) -> bool {
    let name = format!("{} seed {}", plan.name(), record.seed);
    if let Some(place) = record.result.diverged {
        exit::say(&format!(
            "{name}: diverged in epoch {}, step {}: the loss is not finite; try a smaller learning rate",
            place.epoch, place.step
        ));
    }
    let unmet = unmet_expectations(plan, record);
    for expectation in &unmet {
        exit::say(&format!("{name}: {expectation}"));
    }
    record.result.diverged.is_none() && unmet.is_empty()
}

fn row(run: &Run, plan: &Plan, record: &Record) -> [String; 6] {
    let test = record.result.test.as_ref();
    let speed = record.run.train_examples_per_s;
    [
        plan.name().to_owned(),
        record.seed.to_string(),
        test.map_or("diverged".to_owned(), |test| {
            format!("{:.4}", test.accuracy)
        }),
        test.map_or("-".to_owned(), |test| format!("{:.4}", test.loss)),
        speed.map_or("-".to_owned(), |speed| format!("{speed:.0}")),
        run.folder(plan, record.seed).path().display().to_string(),
    ]
}

/// Mean and standard deviation over the seeds that came to a test.
fn mean_row(plan: &Plan, records: &[Record]) -> Option<[String; 6]> {
    let tests: Vec<_> = records
        .iter()
        .filter_map(|record| record.result.test.as_ref())
        .collect();
    let figures = |figure: fn(&record::Evaluation) -> f64| {
        let values: Vec<f64> = tests.iter().map(|test| figure(test)).collect();
        let figures = mean(&values).zip(deviation(&values));
        figures.map(|(mean, deviation)| format!("{mean:.4} ± {deviation:.4}"))
    };
    Some([
        plan.name().to_owned(),
        format!("mean of {}", tests.len()),
        figures(|test| test.accuracy)?,
        figures(|test| test.loss)?,
        String::new(),
        String::new(),
    ])
}
