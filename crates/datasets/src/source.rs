use std::path::{Path, PathBuf};

use spec::{DataSpec, Problem};

use crate::dataset::Dataset;
use crate::error::DataError;
use crate::progress::Progress;

/// The config of a data set.
pub trait Source {
    /// Checks that the keys fit each other. The default accepts all.
    ///
    /// # Errors
    ///
    /// The first key that does not fit.
    fn check(&self) -> Result<(), Problem> {
        Ok(())
    }

    /// Shape and classes of the data; `None`, the default, if they are not known before the data are
    /// read.
    fn spec(&self) -> Option<DataSpec> {
        None
    }

    /// The examples that a model is measured on after each epoch.
    fn validation(&self) -> Validation;

    /// The keys that only say where the data are. They are no part of a run's identity: the data's
    /// digests are.
    fn path_keys(&self) -> &'static [&'static str] {
        &[]
    }

    /// Reads the data set and splits it. Downloads missing files if the location is
    /// [`Location::Cache`], and reports the progress to `on_progress`.
    ///
    /// # Errors
    ///
    /// If a file is missing, damaged, of another format, or cannot be downloaded, or if no examples
    /// are left to train on.
    fn load(
        &self,
        places: &Places,
        on_progress: &mut dyn FnMut(Progress),
    ) -> Result<Dataset, DataError>;

    /// The published files; `None` if the data are synthetic.
    fn published() -> Option<&'static dyn Published>
    where
        Self: Sized,
    {
        None
    }
}

/// The published files of a data set.
pub trait Published: Sync {
    /// Downloads the files that are missing from the cache or damaged, and returns their folder.
    ///
    /// # Errors
    ///
    /// If a download fails. Existing files then stay.
    fn fetch(&self, on_progress: &mut dyn FnMut(Progress)) -> Result<PathBuf, DataError>;

    /// Reads all files and computes their checksums, without downloading anything.
    ///
    /// # Errors
    ///
    /// If a file is missing, damaged or of another format.
    fn verify(&self, location: &Location) -> Result<Vec<Verified>, DataError>;
}

/// A file that was read and found intact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The file's path.
    pub path: PathBuf,
    /// The number of examples in it.
    pub examples: usize,
    /// Its SHA-256 in hexadecimal.
    pub sha256: String,
    /// Whether it is the published file, packed or unpacked.
    pub original: bool,
}

/// Where data are looked for.
#[derive(Clone, Copy, Debug)]
pub struct Places<'a> {
    /// Where published data sets are.
    pub published: &'a Location,
    /// The folder that relative paths in the config start from: the config file's.
    pub config_folder: &'a Path,
}

/// Where published data sets are read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A folder of the user's with a folder per data set. Nothing is downloaded.
    Folder(PathBuf),
    /// Hearth's folder in the user's cache folder (XDG). Missing files are downloaded.
    Cache,
    /// The same folder as [`Cache`](Self::Cache). Nothing is downloaded.
    Offline,
}

/// The examples that a model is measured on after each epoch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Validation {
    /// This fraction of the training set: from 0 (no examples) to below 1.
    HeldOut(f64),
    /// The test set. If validation is then used to choose among models or epochs, the test score is
    /// biased.
    TestSet,
}
