use std::io::Write;
use std::process::ExitCode;

use anyhow::Context;
use compare::{Verification, verify as compared};
use config::Plan;
use record::{Record, RunFolder};
use runner::{Backend, Outcome, Run, RunError};
use serde_json::json;

use crate::arguments::VerifyArguments;
use crate::progress::RunProgress;
use crate::{exit, interrupt, threads};

pub fn verify(arguments: &VerifyArguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    interrupt::listen();
    let folder = RunFolder::at(arguments.run.clone());
    let written = folder.read()?.ok_or_else(|| RunError::Unfinished {
        folder: arguments.run.clone(),
    })?;
    let again = run_again(arguments, &written)?;
    let verification = compared(&written.result, &again.result, arguments.tolerance);
    let (verdict, details) = described(&verification);
    match arguments.json {
        true => {
            let json = json!({
                "run": arguments.run,
                "verdict": verdict,
                "details": details,
                "digest": written.digest,
                "digest_again": again.digest,
            });
            writeln!(out, "{json:#}")?;
        }
        false => writeln!(out, "{}: {verdict}: {details}", arguments.run.display())?,
    }
    Ok(match verification {
        Verification::Differs(_) => ExitCode::from(exit::FAILED),
        _ => ExitCode::SUCCESS,
    })
}

/// The same run, in a folder that goes when it is over.
fn run_again(arguments: &VerifyArguments, written: &Record) -> anyhow::Result<Record> {
    let plan = Plan::of(written, &arguments.run.display().to_string())?;
    let backend: Backend = match arguments.backend {
        Some(backend) => backend,
        None => written.run.backend.parse()?,
    };
    threads::size_ndarrays_pool(None, std::slice::from_ref(&plan))?;
    let pool = threads::pool(None, &plan)?;
    let folder = tempfile::tempdir().context("no folder for temporary files")?;
    let run = Run {
        backend,
        threads: pool.current_num_threads(),
        data: &arguments.data.location(),
        results: folder.path(),
        overwrite: false,
        checkpointing: None,
    };
    let mut progress = RunProgress::new(format!("{} seed {}", plan.name(), written.seed));
    let outcome = pool.install(|| run.run(&plan, written.seed, &mut progress));
    progress.finish();
    match outcome? {
        Outcome::Finished(record) | Outcome::AlreadyThere(record) => Ok(*record),
    }
}

/// The verdict and what is to be said of it.
fn described(verification: &Verification) -> (&'static str, String) {
    match verification {
        Verification::BitExact => (
            "bit-exact",
            "every figure is the same to the last bit".to_owned(),
        ),
        Verification::WithinTolerance { largest } => (
            "within tolerance",
            format!("the largest difference is {largest:.1e}"),
        ),
        Verification::Differs(difference) => {
            let place = match difference.epoch {
                Some(epoch) => format!("in epoch {epoch} "),
                None => String::new(),
            };
            let said = format!(
                "{place}{} was {}, now it is {}",
                difference.what, difference.was, difference.is
            );
            ("differs", said)
        }
    }
}
