//! Runs plans seed by seed, and keeps what a command shows of them.

use std::io::Write;
use std::process::ExitCode;

use compare::statistics::MeanAndDeviation;
use config::Plan;
use present::{Column, Table, noticed};
use rayon::ThreadPool;
use record::{Looks, Metric, Quantity, Record, Remark, RunFolder};
use runner::{Checkpointing, Outcome, Prepared, Results, Run, RunError};
use spec::Split;

use crate::arguments::ComputeArguments;
use crate::exit::{self, Failures};
use crate::interrupt;
use crate::progress::{RunProgress, downloads};
use crate::threads;

/// A finished run, and where it is.
pub type Finished = (Record, RunFolder);

/// A plan whose data are loaded, with the threads to run it on.
pub struct Ready {
    prepared: Prepared,
    pool: ThreadPool,
}

impl Ready {
    /// Loads the data, and says what is noticed in them.
    pub fn new(plan: &Plan, compute: &ComputeArguments) -> anyhow::Result<Self> {
        let pool = threads::pool(compute.threads, plan)?;
        let location = compute.data.location();
        let prepared = Prepared::new(plan.clone(), &location, &mut downloads())?;
        for sentence in prepared.data().noticed.iter().flat_map(noticed::sentences) {
            exit::say(&format!("{}: {sentence}", plan.name()));
        }
        Ok(Self { prepared, pool })
    }
}

/// The training of a command's plans.
pub struct Training<'a> {
    compute: &'a ComputeArguments,
    results: Results<'a>,
    /// The epoch after which runs are saved and left.
    pub until_epoch: Option<usize>,
    /// Whether expectations hold for plans whose numbers were changed, too.
    pub requires_expectations: bool,
    /// The looks that were planned at these runs.
    pub looks: Option<Looks>,
    /// The errors after which the command goes on.
    pub failures: Failures,
    table: Table,
}

impl<'a> Training<'a> {
    /// Prepares the process for training the plans.
    pub fn new(
        compute: &'a ComputeArguments,
        results: Results<'a>,
        plans: &[Plan],
    ) -> anyhow::Result<Self> {
        threads::size_ndarrays_pool(compute.threads, plans)?;
        interrupt::listen();
        let texts = [Column::text("experiment")].into_iter();
        let numbers = ["seed", "test accuracy", "test loss", "examples/s"].map(Column::number);
        let columns = texts.chain(numbers).chain([Column::text("results")]);
        Ok(Self {
            compute,
            results,
            until_epoch: None,
            requires_expectations: false,
            looks: None,
            failures: Failures::default(),
            table: Table::new(columns),
        })
    }

    /// Runs a plan with every seed, and returns its finished runs. An error of the plan or of a run is
    /// noted; an error that ends everything is returned.
    pub fn run(&mut self, plan: &Plan) -> anyhow::Result<Vec<Finished>> {
        match self.run_plan(plan) {
            Err(error) if is_of_one_config(&error) => {
                self.failures.add(&error);
                Ok(Vec::new())
            }
            done => done,
        }
    }

    fn run_plan(&mut self, plan: &Plan) -> anyhow::Result<Vec<Finished>> {
        match Ready::new(plan, self.compute) {
            Ok(ready) => self.run_seeds(&ready, plan.seeds()),
            Err(error) => match error.downcast() {
                Ok(error) => self.finished_before(plan, error),
                Err(error) => Err(error),
            },
        }
    }

    /// Runs a plan whose data are loaded with these seeds; see [`run`](Self::run).
    pub fn run_seeds(&mut self, ready: &Ready, seeds: &[u64]) -> anyhow::Result<Vec<Finished>> {
        let Ready { prepared, pool } = ready;
        let (results, looks) = (self.results.clone(), self.looks.clone());
        let run = Run {
            backend: self.compute.backend.named,
            threads: pool.current_num_threads(),
            results: &results,
            checkpointing: Some(match self.compute.checkpoint_every {
                None => Checkpointing::Affordable,
                Some(epochs) => Checkpointing::Every(epochs),
            }),
            looks: looks.as_ref(),
            tensorboard: !self.compute.no_tensorboard,
        };
        results.check_siblings(prepared, run.backend, seeds)?;
        let mut all = Vec::new();
        for &seed in seeds {
            // A thread of the pool hands work on sooner than one outside it.
            match pool.install(|| one(&run, prepared, seed, self.until_epoch)) {
                Ok(None) => {}
                Ok(Some(finished)) => {
                    self.note(prepared.plan(), &finished);
                    all.push(finished);
                }
                Err(error) if is_of_one_run(&error) => self.failures.add(&error),
                Err(error) => return Err(error),
            }
        }
        Ok(all)
    }

    /// The finished runs of a plan whose data cannot be read, if all its seeds are finished.
    fn finished_before(&mut self, plan: &Plan, error: RunError) -> anyhow::Result<Vec<Finished>> {
        if self.results.overwrites() || !matches!(error, RunError::Data(_)) {
            return Err(error.into());
        }
        let backend = self.compute.backend.named;
        let seeds = plan.seeds().iter();
        let finished: Option<Vec<Finished>> = seeds
            .map(|&seed| self.results.finished_on_its_data(plan, backend, seed))
            .collect();
        let Some(finished) = finished else {
            return Err(error.into());
        };
        let name = plan.name();
        exit::say(&format!(
            "{name}: already finished, skipped without checking the data: {error}"
        ));
        for each in &finished {
            self.note(plan, each);
        }
        Ok(finished)
    }

    /// Adds a run to the table, and tells what that does not show.
    fn note(&mut self, plan: &Plan, (record, folder): &Finished) {
        self.tell(plan, record);
        self.table.add(row(plan, record, folder));
    }

    /// Tells what the table does not show: that a run diverged or does not meet an expectation, which make
    /// the command fail, and what is remarkable about it.
    fn tell(&mut self, plan: &Plan, record: &Record) {
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
        let is_required = self.requires_expectations || plan.is_as_expected();
        let aside = if is_required {
            ""
        } else {
            " (not required, as --set changes the config; --expect requires it)"
        };
        for expectation in &unmet {
            exit::say(&format!("{name}: {expectation}{aside}"));
        }
        if record.result.diverged.is_some() || (!unmet.is_empty() && is_required) {
            self.failures.fail();
        }
    }

    /// Says whether all expectations of a plan were met, and adds the mean of its runs to the table.
    pub fn sum_up(&mut self, plan: &Plan, finished: &[Finished]) {
        let expects = !plan.experiment().expect.is_empty() && !finished.is_empty();
        let is_met = |(record, _): &Finished| plan.unmet(record).is_empty();
        if expects && finished.iter().all(is_met) {
            exit::say(&format!("{}: all expectations met", plan.name()));
        }
        if let Some(row) = mean_row(plan, finished) {
            self.table.add(row);
        }
    }

    /// Prints the table of the runs, if there are any.
    pub fn show(&self, out: &mut dyn Write) -> std::io::Result<()> {
        if self.table.is_empty() {
            return Ok(());
        }
        write!(out, "{}", self.table.text())
    }

    /// The exit code of a command whose training came to this. Tells how to resume what was interrupted.
    pub fn code(&self, done: anyhow::Result<()>) -> anyhow::Result<ExitCode> {
        match done {
            Ok(()) => Ok(self.failures.code()),
            Err(error) if is_interruption(&error) => {
                let command = interrupt::command();
                exit::say(&format!(
                    "{error}; checkpoint written; to resume: {command}"
                ));
                Ok(ExitCode::from(exit::INTERRUPTED))
            }
            Err(error) => Err(error),
        }
    }
}

fn is_interruption(error: &anyhow::Error) -> bool {
    let error = error.downcast_ref::<RunError>();
    error.is_some_and(|error| matches!(error, RunError::Interrupted { .. }))
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

/// Mean and standard deviation over the seeds that were tested; without those that learnt nothing, if any
/// learnt, as in a comparison.
fn mean_row(plan: &Plan, finished: &[Finished]) -> Option<[String; 6]> {
    let any_learnt = finished
        .iter()
        .any(|(record, _)| record.result.test.is_some() && !record.learnt_nothing());
    let counts = |record: &Record| !any_learnt || !record.learnt_nothing();
    let figures = |metric: Metric| {
        let records = finished.iter().map(|(record, _)| record);
        let values = records.filter(|record| counts(record));
        let values: Vec<f64> = values.filter_map(|record| metric.of(record)).collect();
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
