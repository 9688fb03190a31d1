//! Data sets as plain arrays: finding, downloading, verifying and parsing them. This crate has
//! hearth's only network code. It does not depend on Burn.
//!
//! A [`Source`] is the part of a config that selects a data set; loading it gives a [`Dataset`]. The
//! list of sources is in [`sources`].

mod cache;
mod checksum;
mod dataset;
mod described;
mod description;
mod download;
mod error;
mod examples;
pub mod files;
pub mod guess;
pub mod idx;
mod item;
mod own;
pub mod picture;
mod preprocessing;
mod progress;
mod published;
mod settings;
mod source;
pub mod sources;
mod split;
pub mod table;
pub mod text;
mod unzip;

pub use cache::folder as cache_folder;
pub use dataset::Dataset;
pub use description::{ClassCounts, Description, InputFacts};
pub use error::DataError;
pub use examples::{Examples, Inputs};
pub use item::{Example, Input};
pub use preprocessing::Preprocessing;
pub use progress::{Progress, Unit};
pub use source::{Location, Places, Published, Source, Validation, Verified};
pub use sources::Data;
pub use table::columns::Columns;
pub use text::encoding::Encoding;
pub use text::vocabulary::{Coverage, Vocabulary, VocabularyError};
