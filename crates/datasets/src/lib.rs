//! Data sets as plain arrays: finding, downloading, verifying and parsing them. No Burn here, and
//! the only network code of hearth.

mod cache;
mod checksum;
mod download;
mod error;
mod idx;
mod images;
pub mod mnist;
pub mod synthetic;

pub use download::Progress;
pub use error::DataError;
pub use images::{CLASSES, Dataset, ImageSet, PIXELS};

use std::path::PathBuf;

/// Where data sets are read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A folder that a person names, with a folder per data set; nothing is downloaded.
    Folder(PathBuf),
    /// Hearth's folder below the user's cache folder (XDG); what is missing is downloaded.
    Cache,
}
