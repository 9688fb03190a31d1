//! Data sets as plain arrays: finding, downloading, verifying and parsing them. No Burn here, and
//! the only network code of hearth.

mod cache;
mod checksum;
mod corpus;
mod dataset;
mod download;
pub mod encoded;
mod error;
pub mod idx;
mod images;
pub mod imdb;
pub mod mnist;
pub mod picture;
mod published;
mod reviews;
pub mod synthetic;
mod vocabulary;
mod words;

pub use dataset::{Dataset, Verified};
pub use download::Progress;
pub use error::DataError;
pub use images::{CLASSES, ImageSet, PIXELS};
pub use picture::Picture;
pub use reviews::{Encoding, ReviewSet, Reviews};
pub use vocabulary::{Vocabulary, VocabularyError};

use std::path::PathBuf;

/// Where data sets are read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A folder that a person names, with a folder per data set; nothing is downloaded.
    Folder(PathBuf),
    /// Hearth's folder below the user's cache folder (XDG); what is missing is downloaded.
    Cache,
}
