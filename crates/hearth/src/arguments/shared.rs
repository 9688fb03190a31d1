//! What several commands take.

use std::path::{Path, PathBuf};

use clap::Args;
use config::Override;
use datasets::Location;
use runner::Backend;

#[derive(Debug, Args)]
pub struct OverrideArguments {
    /// Another value for a key, for instance training.epochs=5; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub overrides: Vec<Override>,
}

#[derive(Debug, Args)]
pub struct BackendArgument {
    /// What computes: flex, ndarray, wgpu or cuda, or one of several GPUs as wgpu:1; `hearth
    /// doctor` lists what there is
    #[arg(long = "backend", default_value_t, value_name = "BACKEND")]
    pub named: Backend,
}

#[derive(Debug, Args)]
pub struct ResultsArgument {
    /// Results folder
    #[arg(long = "out", default_value = "results", value_name = "DIR")]
    pub folder: PathBuf,
}

#[derive(Debug, Args)]
pub struct DataDirArgument {
    /// Folder with mnist/ and its four IDX files, or imdb/aclImdb_v1.tar.gz [default: the cache,
    /// downloaded when missing]
    #[arg(long, env = "HEARTH_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

impl DataDirArgument {
    pub fn folder(&self) -> Option<&Path> {
        self.data_dir.as_deref()
    }

    pub fn location(&self) -> Location {
        match &self.data_dir {
            Some(folder) => Location::Folder(folder.clone()),
            None => Location::Cache,
        }
    }
}
