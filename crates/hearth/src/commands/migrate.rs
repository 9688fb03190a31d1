use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use config::migrated;
use present::count;
use record::{MIGRATED_VERSION, RunFolder, SCHEMA_VERSION};
use serde_json::Value;

use crate::exit::{self, BadInput};

/// Convert records of the previous schema in place
#[derive(Debug, Args)]
#[command(after_help = "Example: hearth migrate results")]
pub struct Arguments {
    /// Results folder
    #[arg(default_value = "results", value_name = "DIR")]
    results: PathBuf,
}

/// Rewrites every record of the previous schema. Measurements and current records are not changed.
/// Exits with 65 if a record cannot be converted.
pub fn execute(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let mut migrated = 0;
    let mut problem = None;
    for run in RunFolder::all(&arguments.results)? {
        match run.map_err(Into::into).and_then(|run| migrate(&run)) {
            Ok(Done::Migrated) => migrated += 1,
            Ok(Done::Unchanged) => {}
            Err(error) => {
                exit::say(&error.to_string());
                problem = Some(error);
            }
        }
    }
    writeln!(out, "migrated {}", count(migrated, "record"))?;
    match problem {
        None => Ok(ExitCode::SUCCESS),
        Some(error) => Err(error).context("the records named above were not changed"),
    }
}

enum Done {
    Migrated,
    Unchanged,
}

fn migrate(run: &RunFolder) -> anyhow::Result<Done> {
    let path = run.result();
    let Some(text) = run.json()? else {
        return Ok(Done::Unchanged);
    };
    let bad = |path: &Path, problem: &str| BadInput::new(format!("{}: {problem}", path.display()));
    let json: Value =
        serde_json::from_slice(&text).map_err(|error| bad(&path, &error.to_string()))?;
    match json["schema_version"].as_u64().map(u32::try_from) {
        Some(Ok(MIGRATED_VERSION)) => {}
        Some(Ok(SCHEMA_VERSION)) => return Ok(Done::Unchanged),
        _ => {
            let problem = format!(
                "has schema_version {}, only {MIGRATED_VERSION} can be converted; run it again",
                json["schema_version"]
            );
            return Err(bad(&path, &problem).into());
        }
    }
    let record = migrated(json, run.files()?).map_err(|problem| bad(&path, &problem))?;
    run.write(&record)?;
    Ok(Done::Migrated)
}
