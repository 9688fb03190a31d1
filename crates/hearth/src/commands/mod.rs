//! A file per command.

pub mod check;
pub mod data;
pub mod export;
pub mod gradcheck;
pub mod list;
pub mod run;
pub mod schema;
pub mod summary;
