//! A file per command.

pub mod check;
pub mod data;
pub mod diff;
pub mod doctor;
pub mod evaluate;
pub mod export;
pub mod gradcheck;
pub mod list;
pub mod predict;
pub mod report;
pub mod run;
pub mod schema;
pub mod summary;
pub mod sweep;
pub mod verify;
