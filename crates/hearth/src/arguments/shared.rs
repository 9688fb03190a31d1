//! Arguments that several commands take.
//!
//! The structs have no doc comments: clap would show them in place of the command's own.

use std::path::{Path, PathBuf};

use clap::Args;
use config::Override;
use datasets::Location;
use runner::Backend;

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
    #[arg(long = "out", default_value = "results", value_name = "DIR")]
    pub folder: PathBuf,
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
