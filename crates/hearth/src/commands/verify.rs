mod temporary;

use std::io::Write;
use std::process::ExitCode;

use clap::Args;
use compare::{Verification, verify as compared};
use config::Plan;
use record::{Measured, Record, RunFolder};
use runner::{Backend, Outcome, Prepared, Results, Run, RunError, is_of_config};
use serde_json::json;

use self::temporary::Temporary;
use crate::arguments::{ConfigDirArgument, DataDirArgument, RunArgument};
use crate::output::shown;
use crate::progress::{RunProgress, downloads};
use crate::{exit, interrupt, threads};

/// Repeat a finished run and compare the results
#[derive(Debug, Args)]
#[command(after_help = "Example: hearth verify results/mnist-l2/flex-seed0")]
pub struct Arguments {
    #[command(flatten)]
    run: RunArgument,
    /// Backend to use instead of the run's
    #[arg(long, value_name = "BACKEND")]
    backend: Option<Backend>,
    /// Largest difference that still counts as equal; relative for losses above 1
    #[arg(long, default_value_t = 1e-3, value_name = "DIFFERENCE", value_parser = tolerance)]
    tolerance: f64,
    #[command(flatten)]
    data: DataDirArgument,
    #[command(flatten)]
    config_dir: ConfigDirArgument,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

fn tolerance(text: &str) -> Result<f64, String> {
    let tolerance = text.parse().ok();
    tolerance
        .filter(|tolerance| (0.0..1.0).contains(tolerance))
        .ok_or_else(|| "must be at least 0 and below 1".to_owned())
}

/// Repeats the run and prints the verdict. Exits with 1 if the results differ.
pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    interrupt::listen();
    let path = arguments.run.folder()?;
    let name = shown(&path);
    let folder = RunFolder::at(path);
    let written = folder.read()?.ok_or_else(|| RunError::Unfinished {
        folder: folder.path().to_owned(),
    })?;
    let again = run_again(arguments, &folder, &written)?;
    let verification = compared(&written, &again, arguments.tolerance);
    let (verdict, details) = described(&verification);
    if arguments.json {
        let json = json!({
            "run": name,
            "verdict": verdict,
            "details": details,
            "digest": written.digest,
            "digest_again": again.digest,
        });
        writeln!(out, "{json:#}")?;
    } else {
        writeln!(out, "{name}: {verdict}: {details}")?;
    }
    Ok(match verification {
        Verification::Differs(_) => ExitCode::from(exit::FAILED),
        Verification::BitExact | Verification::WithinTolerance { .. } => ExitCode::SUCCESS,
    })
}

/// What comes of the run when it is repeated in a temporary folder. On other data it is not.
fn run_again(
    arguments: &Arguments,
    folder: &RunFolder,
    written: &Record,
) -> anyhow::Result<Record> {
    let named = arguments.config_dir.config_dir.clone();
    let config_folder = named.unwrap_or_else(|| folder.config_folder(written));
    let plan = Plan::of(written, config_folder, &shown(folder.path()))?;
    // Training would take long to tell.
    if !is_of_config(&plan, written) {
        let path = folder.result();
        return Err(RunError::ChangedConfig { path }.into());
    }
    let backend: Backend = match arguments.backend {
        Some(backend) => backend,
        None => written.run.backend.parse()?,
    };
    threads::size_ndarrays_pool(None, std::slice::from_ref(&plan))?;
    let prepared = Prepared::new(plan, &arguments.data.location(), &mut downloads())?;
    if !prepared.data().is_same_as(&written.result.data) {
        let result = Measured {
            data: prepared.data().clone(),
            ..written.result.clone()
        };
        let written = written.clone();
        return Ok(Record { result, ..written }.sealed());
    }
    let pool = threads::pool(None, prepared.plan())?;
    let temporary = Temporary::new().map_err(|error| {
        let said = format!("{error}; TMPDIR names the folder for temporary files");
        anyhow::Error::new(error).context(said)
    })?;
    let run = Run {
        backend,
        threads: pool.current_num_threads(),
        results: &Results::keeping(temporary.path()),
        checkpointing: None,
        looks: None,
        tensorboard: false,
    };
    let name = format!("{} seed {}", prepared.plan().name(), written.seed);
    let mut progress = RunProgress::new(name, None);
    let _saving = interrupt::saving();
    let outcome = pool.install(|| run.run(&prepared, written.seed, &mut progress));
    progress.finish();
    match outcome? {
        Outcome::Finished(record) | Outcome::AlreadyThere(record, _) => Ok(*record),
    }
}

/// The verdict and its details.
fn described(verification: &Verification) -> (&'static str, String) {
    match verification {
        Verification::BitExact => (
            "bit-exact",
            "every figure and every weight is the same to the last bit".to_owned(),
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
