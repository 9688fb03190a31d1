mod best;
mod collect;
mod members;
mod plan;
mod run;
mod status;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use config::{Member, Plan, Sweep};
use record::{Record, RecordError, RunFolder, RunLock};
use runner::{Prepared, RunError, is_of_config};
use serde_json::Value;

use crate::arguments::{BackendArgument, DataDirArgument, ResultsArgument};
use crate::exit;
use crate::progress::downloads;

commands! {
    Plan: plan,
    Run: run,
    Status: status,
    Collect: collect,
    Best: best,
}

/// Run a config with every combination of some values, and compare
#[derive(Debug, Args)]
#[command(after_help = "Example: hearth sweep run configs/sweeps/learning-rate.json -j 2")]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

/// Executes the subcommand.
pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    arguments.command.execute(out)
}

// What all subcommands take. No doc comment: clap would show it in place of theirs.
#[derive(Debug, Args)]
struct SweepArguments {
    /// Sweep file
    #[arg(value_name = "SWEEP")]
    file: PathBuf,
    #[command(flatten)]
    backend: BackendArgument,
    #[command(flatten)]
    results: ResultsArgument,
    #[command(flatten)]
    data: DataDirArgument,
}

/// One run of the sweep: a member with a seed.
struct Task<'a> {
    member: &'a Member,
    seed: u64,
    results: &'a Path,
    backend: String,
    /// What the run is; nothing where the data are not at hand to tell.
    signature: Option<String>,
}

impl<'a> Task<'a> {
    fn all(sweep: &'a Sweep, arguments: &'a SweepArguments) -> anyhow::Result<Vec<Self>> {
        let mut signatures = Signatures::new(arguments);
        let mut tasks = Vec::new();
        for member in &sweep.members {
            let signature = signatures.of(&member.plan)?;
            tasks.extend(member.plan.seeds().iter().map(|&seed| Self {
                member,
                seed,
                results: &arguments.results.folder,
                backend: arguments.backend.named.label(),
                signature: signature.clone(),
            }));
        }
        Ok(tasks)
    }

    fn name(&self) -> String {
        format!("{} seed {}", self.member.plan.name(), self.seed)
    }

    fn folder(&self) -> RunFolder {
        RunFolder::new(
            self.results,
            self.member.plan.name(),
            &self.backend,
            self.seed,
        )
    }

    /// The process that runs it.
    fn holder(&self) -> Option<String> {
        RunLock::holder(self.folder().path())
    }

    /// The finished run, whatever it is called. None if there is none, or only one of another config
    /// or of other data.
    ///
    /// # Errors
    ///
    /// If its record or another of its files is damaged.
    fn record(&self) -> Result<Option<Record>, RecordError> {
        let plan = &self.member.plan;
        let own = self.folder().read()?;
        let Some(signature) = &self.signature else {
            return Ok(own.filter(|record| is_of_config(plan, record)));
        };
        if let Some(record) = own {
            return Ok((record.signature == *signature).then_some(record));
        }
        match RunFolder::with_signature(self.results, signature, &self.backend, self.seed) {
            Some(elsewhere) => elsewhere.read(),
            None => Ok(None),
        }
    }

    fn is_done(&self) -> bool {
        matches!(self.record(), Ok(Some(_)))
    }
}

/// The signatures of members, most of which share their data: each data set is read once.
struct Signatures<'a> {
    arguments: &'a SweepArguments,
    /// By their config; nothing where they cannot be read.
    known: Vec<(Value, Option<record::DataSummary>)>,
}

impl<'a> Signatures<'a> {
    fn new(arguments: &'a SweepArguments) -> Self {
        Self {
            arguments,
            known: Vec::new(),
        }
    }

    fn of(&mut self, plan: &Plan) -> anyhow::Result<Option<String>> {
        // A member that starts from weights is a run of its own.
        if plan.experiment().training.initial_weights.is_some() {
            return Ok(self
                .prepared(plan)?
                .map(|prepared| prepared.signature().to_owned()));
        }
        let data = plan.config()["data"].take();
        let known = self.known.iter().position(|(config, _)| *config == data);
        let index = match known {
            Some(index) => index,
            None => {
                let prepared = self.prepared(plan)?;
                let read = prepared.map(|prepared| prepared.data().clone());
                self.known.push((data, read));
                self.known.len() - 1
            }
        };
        let (_, data) = &self.known[index];
        Ok(data.as_ref().map(|data| plan.signature(data, None)))
    }

    fn prepared(&self, plan: &Plan) -> anyhow::Result<Option<Prepared>> {
        let location = self.arguments.data.location();
        match Prepared::new(plan.clone(), &location, &mut downloads()) {
            Ok(prepared) => Ok(Some(prepared)),
            Err(RunError::Data(error)) => {
                exit::say(&format!("cannot check the data of finished runs: {error}"));
                Ok(None)
            }
            // The member itself says so when it is run, and stops no other.
            Err(RunError::InitialWeights { .. } | RunError::InitialWeightsIo { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}
