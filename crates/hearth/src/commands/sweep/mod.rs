//! A sweep's commands: a file each.

mod collect;
mod plan;
mod run;
mod status;

use std::io::Write;
use std::process::ExitCode;

use config::{Member, Sweep};
use record::{Record, RunFolder};

use crate::arguments::{SweepArguments, SweepCommand, SweepFileArguments};

pub fn sweep(arguments: &SweepArguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    match &arguments.command {
        SweepCommand::Plan(arguments) => plan::plan(arguments, out),
        SweepCommand::Run(arguments) => run::run(arguments, out),
        SweepCommand::Status(arguments) => status::status(arguments, out),
        SweepCommand::Collect(arguments) => collect::collect(arguments, out),
    }
}

/// A member with one seed.
struct Task<'a> {
    member: &'a Member,
    seed: u64,
    folder: RunFolder,
}

impl<'a> Task<'a> {
    fn all(sweep: &'a Sweep, arguments: &SweepFileArguments) -> Vec<Self> {
        let results = &arguments.results.folder;
        let of_member = |member: &'a Member| {
            member.plan.seeds().iter().map(move |&seed| Self {
                member,
                seed,
                folder: RunFolder::new(
                    results,
                    member.plan.name(),
                    &arguments.backend.named.label(),
                    seed,
                ),
            })
        };
        sweep.members.iter().flat_map(of_member).collect()
    }

    fn name(&self) -> String {
        format!("{} seed {}", self.member.plan.name(), self.seed)
    }

    /// The finished run; nothing where there is none, or one of another config.
    fn record(&self) -> Option<Record> {
        let record = self.folder.read().ok()??;
        (record.signature == self.member.plan.signature()).then_some(record)
    }
}
