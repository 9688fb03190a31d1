//! The binary end to end.

mod data;
mod hearth;
mod interrupt;
mod readme;
mod real_data;
mod refusals;
mod repository;
mod results;
