//! Arguments that several commands take.
//!
//! The structs have no doc comments: clap would show them in place of the command's own.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::{FalseyValueParser, PathBufValueParser, TypedValueParser};
use compare::{Options, Source};
use config::Override;
use datasets::Location;
use record::Metric;
use runner::Backend;

use crate::exit::Usage;
use crate::output::shown;
use crate::threads;

// A finished run.
#[derive(Debug, Args)]
pub struct RunArgument {
    /// A finished run: its folder or result.json, its experiment's folder or a glob if they hold one run
    #[arg(value_name = "RUN")]
    run: PathBuf,
}

impl RunArgument {
    /// The run's folder.
    pub fn folder(&self) -> anyhow::Result<PathBuf> {
        run_folder(&self.run)
    }
}

/// The folder of the only run that a path or pattern names.
pub fn run_folder(named: &Path) -> anyhow::Result<PathBuf> {
    let mut runs = Source::find(named)?.finished;
    if let [only] = runs.as_slice() {
        return Ok(only.clone());
    }
    runs.sort();
    let some: Vec<String> = runs.iter().take(MOST_NAMED).map(|run| shown(run)).collect();
    let more = if runs.len() > MOST_NAMED { ", ..." } else { "" };
    Err(Usage::new(format!(
        "{}: holds {} runs; name one of them: {}{more}",
        named.display(),
        runs.len(),
        some.join(", ")
    ))
    .into())
}

/// The most runs that an error names.
const MOST_NAMED: usize = 10;

// Config files.
#[derive(Debug, Args)]
pub struct ConfigArguments {
    /// Config files or globs
    #[arg(required = true, value_name = "CONFIG")]
    configs: Vec<PathBuf>,
}

impl ConfigArguments {
    /// The files, with each glob replaced by what it matches, in order.
    pub fn files(&self) -> anyhow::Result<Vec<PathBuf>> {
        expanded(&self.configs)
    }
}

/// The paths, with each glob replaced by what it matches, in order.
pub fn expanded(named: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for path in named {
        // Paths first: a file's name may look like a pattern.
        match path.to_str().filter(|name| name.contains(['*', '?', '['])) {
            Some(pattern) if !path.exists() => paths.extend(matching(pattern)?),
            _ => paths.push(path.clone()),
        }
    }
    Ok(paths)
}

/// What a pattern matches, sorted by name; an error if that is nothing.
fn matching(pattern: &str) -> anyhow::Result<Vec<PathBuf>> {
    let found = glob::glob(pattern)
        .map_err(|error| Usage::new(format!("{pattern}: not a valid pattern: {}", error.msg)))?;
    let files = found
        .collect::<Result<Vec<PathBuf>, _>>()
        .map_err(std::io::Error::from)?;
    if files.is_empty() {
        return Err(Usage::new(format!("{pattern}: nothing matches")).into());
    }
    Ok(files)
}

// Changes to a config.
#[derive(Debug, Args)]
pub struct OverrideArguments {
    /// Set a key of the config, for example training.epochs=5; can be repeated
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub overrides: Vec<Override>,
}

// The backend to compute with.
#[derive(Debug, Args)]
pub struct BackendArgument {
    /// Backend: flex, ndarray, wgpu or cuda; wgpu:1 is the second GPU. `hearth doctor` lists what is
    /// available
    #[arg(long = "backend", default_value_t, value_name = "BACKEND")]
    pub named: Backend,
}

// Where results are written, or read.
#[derive(Debug, Args)]
pub struct ResultsArgument {
    /// Results folder
    #[arg(long = "out", default_value = "results", value_name = "DIR", value_parser = PathBufValueParser::new().try_map(no_file))]
    pub folder: PathBuf,
}

fn no_file(path: PathBuf) -> Result<PathBuf, &'static str> {
    if path.is_file() {
        Err("this is a file; name a folder")
    } else {
        Ok(path)
    }
}

// Where the config of a finished run was.
#[derive(Debug, Args)]
pub struct ConfigDirArgument {
    /// Folder that the run's relative paths start from [default: that of its config file]
    #[arg(long, value_name = "DIR")]
    pub config_dir: Option<PathBuf>,
}

// Where the data sets are.
#[derive(Debug, Args)]
pub struct DataDirArgument {
    /// Folder with mnist/ and its four IDX files, or imdb/aclImdb_v1.tar.gz, or where another program
    /// keeps them [default: the cache, where missing files are downloaded]
    #[arg(long, env = "HEARTH_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

impl DataDirArgument {
    /// The folder that was named, if any.
    pub fn folder(&self) -> Option<&Path> {
        self.data_dir.as_deref()
    }

    /// Where to look for data sets: the named folder, or else the cache.
    pub fn location(&self) -> Location {
        match &self.data_dir {
            Some(folder) => Location::Folder(folder.clone()),
            None => Location::Cache,
        }
    }
}

// How runs are computed, and where their data and results are.
#[derive(Debug, Args)]
pub struct ComputeArguments {
    #[command(flatten)]
    pub backend: BackendArgument,
    #[command(flatten)]
    pub data: DataDirArgument,
    #[command(flatten)]
    pub results: ResultsArgument,
    /// Number of threads, which does not change the results [default: as many as the model keeps busy,
    /// at most one per core]
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
    /// Epochs between checkpoints [default: 1, or more where writing them would take over 1 % of the
    /// time]
    #[arg(long, value_name = "EPOCHS")]
    pub checkpoint_every: Option<NonZeroUsize>,
    /// Write no event files for TensorBoard (`tb` in each run's folder)
    #[arg(long, env = "HEARTH_NO_TENSORBOARD", value_parser = FalseyValueParser::new())]
    pub no_tensorboard: bool,
}

impl ComputeArguments {
    /// Checks what the parser cannot.
    pub fn check(&self) -> anyhow::Result<()> {
        if let Some(wanted) = self.threads {
            threads::limited(wanted, "--threads")?;
        }
        Ok(())
    }
}

// What a verdict is about.
#[derive(Debug, Args)]
pub struct VerdictArguments {
    /// Metric to compare: loss or accuracy, of train, validation or test [default: test.accuracy]
    #[arg(long, value_name = "METRIC")]
    pub metric: Option<Metric>,
    /// Equivalence margin: absolute for accuracy [default: 0.002], relative to the first group for
    /// loss [default: 0.02]
    #[arg(long, value_name = "DIFFERENCE", value_parser = margin)]
    pub margin: Option<f64>,
}

impl VerdictArguments {
    /// Whether any of them is given.
    pub fn is_given(&self) -> bool {
        self.metric.is_some() || self.margin.is_some()
    }

    /// The options of a comparison over seeds.
    pub fn options(&self) -> Options {
        Options {
            metric: self.metric.unwrap_or_default(),
            margin: self.margin,
            ..Options::default()
        }
    }
}

fn margin(text: &str) -> Result<f64, String> {
    let margin = text.parse().ok();
    margin
        .filter(|margin| 0.0 < *margin && *margin < 1.0)
        .ok_or_else(|| "must be above 0 and below 1".to_owned())
}
