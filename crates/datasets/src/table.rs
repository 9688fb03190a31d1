//! Tables: CSV and TSV files, and their columns as numbers.

pub mod columns;
pub(crate) mod file;
pub(crate) mod fitting;
pub(crate) mod value;
