use std::io::Write;
use std::num::NonZeroUsize;
use std::process::ExitCode;

use clap::Args;
use compare::statistics::MeanAndDeviation;
use config::{Plan, Seeds};
use present::{Column, Table, noticed};
use record::{Metric, Quantity, Record, Remark, RunFolder};
use runner::{Checkpointing, Outcome, Prepared, Results, Run, RunError};
use spec::Split;

use crate::arguments::{
    BackendArgument, ConfigArguments, DataDirArgument, OverrideArguments, ResultsArgument, seeds,
};
use crate::exit::{Failures, Usage};
use crate::progress::{RunProgress, downloads};
use crate::{exit, interrupt, threads};

/// Train and test models: one run per config and seed
#[derive(Debug, Args)]
#[command(after_help = "Example: hearth run configs/mnist-*.json --seeds 0..3 --backend flex")]
pub struct Arguments {
    #[command(flatten)]
    configs: ConfigArguments,
    #[command(flatten)]
    overrides: OverrideArguments,
    #[command(flatten)]
    backend: BackendArgument,
    /// Seeds instead of the config's: numbers and ranges, for example 0,1,2 or 0..5 (0 to 4)
    #[arg(long, value_name = "SEEDS", value_parser = seeds)]
    seeds: Option<Seeds>,
    /// Name of the experiment instead of the config's and the keys that were set
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    #[command(flatten)]
    data: DataDirArgument,
    #[command(flatten)]
    results: ResultsArgument,
    /// Number of threads, which does not change the results [default: as many as the model keeps busy,
    /// at most one per core]
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
    /// Rerun finished runs and discard unfinished ones
    #[arg(long)]
    overwrite: bool,
    /// Fail when an expectation of the config does not hold even though --set changes its numbers
    #[arg(long)]
    expect: bool,
    /// Epochs between checkpoints [default: 1, or more where writing them would take over 1 % of the
    /// time]
    #[arg(long, value_name = "EPOCHS")]
    checkpoint_every: Option<NonZeroUsize>,
    /// Save each run after this epoch and leave it; the same command without it goes on
    #[arg(long, value_name = "EPOCH")]
    until_epoch: Option<NonZeroUsize>,
    /// Stop, as after a signal, when standard input closes: the process that started this one has
    /// ended or asks it to stop
    #[arg(long, hide = true)]
    while_stdin_open: bool,
    /// Look for finished runs under their own names alone: the sweep that they are of has looked further
    #[arg(long, hide = true)]
    own_name: bool,
}

/// Runs every config with every seed and prints a table. A config or run that fails gets its error and
/// does not stop the others. Exits with the code of the first error, with 1 if a run diverges or does not
/// meet an expectation, with 75 if interrupted.
pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let mut failures = Failures::default();
    if let Some(wanted) = arguments.threads {
        threads::limited(wanted, "--threads")?;
    }
    // All configs are checked before the first is run.
    let plans = plans(arguments, &mut failures)?;
    threads::size_ndarrays_pool(arguments.threads, &plans)?;
    interrupt::listen();
    if arguments.while_stdin_open {
        interrupt::when_stdin_closes();
    }
    let texts = [Column::text("experiment")].into_iter();
    let numbers = ["seed", "test accuracy", "test loss", "examples/s"].map(Column::number);
    let columns = texts.chain(numbers).chain([Column::text("results")]);
    let mut report = Table::new(columns);
    let done = run_all(arguments, &plans, &mut report, &mut failures);
    // Finished runs are shown even when a later one failed.
    if !report.is_empty() {
        write!(out, "{}", report.text())?;
    }
    if let Err(error) = &done
        && let Some(RunError::Interrupted { .. }) = error.downcast_ref()
    {
        let command = interrupt::command();
        exit::say(&format!(
            "{error}; checkpoint written; to resume: {command}"
        ));
        return Ok(ExitCode::from(exit::INTERRUPTED));
    }
    done?;
    Ok(failures.code())
}

/// The plans of the configs that are valid.
fn plans(arguments: &Arguments, failures: &mut Failures) -> anyhow::Result<Vec<Plan>> {
    let mut plans: Vec<Plan> = Vec::new();
    for path in arguments.configs.files()? {
        let mut plan = match Plan::load(&path, &arguments.overrides.overrides) {
            Ok(plan) => plan,
            Err(error) => {
                failures.add(&error.into());
                continue;
            }
        };
        if let Some(seeds) = &arguments.seeds {
            plan = plan.with_seeds(seeds.clone());
        }
        if let Some(name) = &arguments.name {
            plan = plan.named(name)?;
        }
        let is_namesake = |other: &&Plan| other.name() == plan.name();
        let namesake = plans.iter().find(is_namesake);
        if namesake.is_some_and(|other| !other.is_same_config(&plan)) {
            let problem = format!(
                "{}: two different configs are named `{}`; rename one of them, or give each its \
                 own --name or --out",
                path.display(),
                plan.name()
            );
            return Err(Usage::new(problem).into());
        }
        plans.push(plan);
    }
    Ok(plans)
}

/// Runs every plan with every seed and adds a row for each to the report. Returns only an error that
/// ends everything.
fn run_all(
    arguments: &Arguments,
    plans: &[Plan],
    report: &mut Table,
    failures: &mut Failures,
) -> anyhow::Result<()> {
    let results = if arguments.overwrite {
        Results::overwriting(&arguments.results.folder)
    } else {
        Results::keeping(&arguments.results.folder)
    };
    let results = if arguments.own_name {
        results.under_own_names()
    } else {
        results
    };
    for plan in plans {
        match run_plan(arguments, &results, plan, report, failures) {
            Err(error) if is_of_one_config(&error) => failures.add(&error),
            done => done?,
        }
    }
    Ok(())
}

/// Runs a plan with every seed. Returns an error that concerns all seeds.
fn run_plan(
    arguments: &Arguments,
    results: &Results,
    plan: &Plan,
    report: &mut Table,
    failures: &mut Failures,
) -> anyhow::Result<()> {
    let pool = threads::pool(arguments.threads, plan)?;
    let location = arguments.data.location();
    let prepared = match Prepared::new(plan.clone(), &location, &mut downloads()) {
        Ok(prepared) => prepared,
        Err(error) => return show_finished(arguments, results, plan, error, report, failures),
    };
    for sentence in prepared.data().noticed.iter().flat_map(noticed::sentences) {
        exit::say(&format!("{}: {sentence}", plan.name()));
    }
    let run = Run {
        backend: arguments.backend.named,
        threads: pool.current_num_threads(),
        results,
        checkpointing: Some(match arguments.checkpoint_every {
            None => Checkpointing::Affordable,
            Some(epochs) => Checkpointing::Every(epochs),
        }),
    };
    let seeds = plan.seeds();
    results.check_siblings(&prepared, run.backend, seeds)?;
    let mut records = Vec::new();
    for &seed in seeds.iter() {
        // A thread of the pool hands work on sooner than one outside it.
        let until = arguments.until_epoch.map(NonZeroUsize::get);
        match pool.install(|| one(&run, &prepared, seed, until)) {
            Ok(None) => {}
            Ok(Some((record, folder))) => {
                tell(arguments, plan, &record, failures);
                report.add(row(plan, &record, &folder));
                records.push(record);
            }
            Err(error) if is_of_one_run(&error) => failures.add(&error),
            Err(error) => return Err(error),
        }
    }
    let expects = !plan.experiment().expect.is_empty() && !records.is_empty();
    if expects && records.iter().all(|record| plan.unmet(record).is_empty()) {
        exit::say(&format!("{}: all expectations met", plan.name()));
    }
    if let Some(row) = mean_row(plan, &records) {
        report.add(row);
    }
    Ok(())
}

/// Whether other configs can still be run.
fn is_of_one_config(error: &anyhow::Error) -> bool {
    let error = error.downcast_ref::<RunError>();
    error.is_some_and(|error| !matches!(error, RunError::Interrupted { .. } | RunError::Backend(_)))
}

/// Whether other seeds of the same config can still be run.
fn is_of_one_run(error: &anyhow::Error) -> bool {
    matches!(
        error.downcast_ref(),
        Some(RunError::Record(_) | RunError::Unreadable { .. } | RunError::OtherBuild { .. })
    )
}

/// Shows the finished runs of a plan whose data cannot be read, if all its seeds are finished.
fn show_finished(
    arguments: &Arguments,
    results: &Results,
    plan: &Plan,
    error: RunError,
    report: &mut Table,
    failures: &mut Failures,
) -> anyhow::Result<()> {
    let is_about_data = matches!(error, RunError::Data(_));
    if arguments.overwrite || !is_about_data {
        return Err(error.into());
    }
    let backend = arguments.backend.named;
    let seeds = plan.seeds().iter();
    let finished: Option<Vec<(Record, RunFolder)>> = seeds
        .map(|&seed| results.finished_on_its_data(plan, backend, seed))
        .collect();
    let Some(finished) = finished else {
        return Err(error.into());
    };
    let name = plan.name();
    exit::say(&format!(
        "{name}: already finished, skipped without checking the data: {error}"
    ));
    for (record, folder) in &finished {
        tell(arguments, plan, record, failures);
        report.add(row(plan, record, folder));
    }
    Ok(())
}

/// `None` if the run was saved and left after epoch `until`.
fn one(
    run: &Run,
    prepared: &Prepared,
    seed: u64,
    until: Option<usize>,
) -> anyhow::Result<Option<(Record, RunFolder)>> {
    let plan = prepared.plan();
    let name = format!("{} seed {seed}", plan.name());
    let mut progress = RunProgress::new(name.clone(), until);
    let _saving = interrupt::saving();
    let outcome = run.run(prepared, seed, &mut progress);
    progress.finish();
    Ok(match outcome {
        Ok(Outcome::Finished(record)) => {
            Some((*record, run.results.folder(plan, run.backend, seed)))
        }
        Ok(Outcome::AlreadyThere(record, folder)) => {
            exit::say(&format!(
                "{name}: already finished in {}, skipped (--overwrite to rerun)",
                folder.path().display()
            ));
            Some((*record, folder))
        }
        Err(RunError::Interrupted { epoch, .. }) if progress.is_there() => {
            exit::say(&format!("{name}: saved after epoch {}", epoch - 1));
            None
        }
        Err(error) => return Err(error.into()),
    })
}

/// Tells what the table does not show: that a run diverged or does not meet an expectation, which make
/// the command fail, and what is remarkable about it.
fn tell(arguments: &Arguments, plan: &Plan, record: &Record, failures: &mut Failures) {
    let name = format!("{} seed {}", plan.name(), record.seed);
    if let Some(place) = record.result.diverged {
        exit::say(&format!(
            "{name}: diverged in epoch {}, step {}: the loss is not finite; try a smaller learning rate",
            place.epoch, place.step
        ));
    }
    for remark in Remark::of(record) {
        exit::say(&format!("{name}: {remark}"));
    }
    let unmet = plan.unmet(record);
    let is_required = arguments.expect || plan.is_as_expected();
    let aside = if is_required {
        ""
    } else {
        " (not required, as --set changes the config; --expect requires it)"
    };
    for expectation in &unmet {
        exit::say(&format!("{name}: {expectation}{aside}"));
    }
    if record.result.diverged.is_some() || (!unmet.is_empty() && is_required) {
        failures.fail();
    }
}

const ACCURACY: Metric = Metric::of_kept(Split::Test, Quantity::Accuracy);
const LOSS: Metric = Metric::of_kept(Split::Test, Quantity::Loss);

fn row(plan: &Plan, record: &Record, folder: &RunFolder) -> [Option<String>; 6] {
    let speed = record.run.train_examples_per_s;
    let accuracy = ACCURACY.of(record).map(|value| format!("{value:.4}"));
    [
        Some(plan.name().to_owned()),
        Some(record.seed.to_string()),
        Some(accuracy.unwrap_or_else(|| "diverged".to_owned())),
        LOSS.of(record).map(|value| format!("{value:.4}")),
        speed.map(|speed| format!("{speed:.0}")),
        Some(folder.path().display().to_string()),
    ]
}

/// Mean and standard deviation over the seeds that were tested.
fn mean_row(plan: &Plan, records: &[Record]) -> Option<[String; 6]> {
    let figures = |metric: Metric| {
        let values = records.iter().filter_map(|record| metric.of(record));
        let values: Vec<f64> = values.collect();
        let MeanAndDeviation { mean, deviation } = MeanAndDeviation::of(&values)?;
        Some((values.len(), format!("{mean:.4} ± {:.4}", deviation?)))
    };
    let (tested, accuracy) = figures(ACCURACY)?;
    let (_, loss) = figures(LOSS)?;
    let name = plan.name().to_owned();
    let nothing = String::new;
    Some([
        name,
        format!("mean of {tested}"),
        accuracy,
        loss,
        nothing(),
        nothing(),
    ])
}
