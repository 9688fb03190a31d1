//! Formats numbers, config values and tables for the terminal, Markdown, CSV, and the report's
//! page.
//!
//! All output uses this crate, so that a loss has four decimals everywhere. It only formats; it
//! computes and measures nothing.

mod bytes;
mod count;
pub mod diagram;
pub mod noticed;
mod number;
mod score;
mod table;
mod value;

pub use bytes::bytes;
pub use count::{count, thousands};
pub use number::{
    MISSING, loss, loss_with_deviation, p_value, percent, percent_with_deviation, points, rough,
    signed,
};
pub use score::{score, score_difference, score_unit, score_with_deviation};
pub use table::{Cell, Column, Table, csv_of};
pub use value::{shown, shown_apart};
