//! Values held against their ranges.

use std::fmt::Display;

/// A key's path and what is wrong with its value.
pub(super) type Problem = (String, String);

pub(super) fn count(
    key: impl Into<String>,
    value: usize,
    least: usize,
    most: usize,
) -> Result<(), Problem> {
    match (least..=most).contains(&value) {
        true => Ok(()),
        false => refuse(key, value, &format!("{least} to {most}")),
    }
}

pub(super) fn fraction(key: impl Into<String>, value: f64) -> Result<(), Problem> {
    match (0.0..1.0).contains(&value) {
        true => Ok(()),
        false => refuse(key, value, "at least 0 and below 1"),
    }
}

pub(super) fn above_zero(key: &str, value: f64) -> Result<(), Problem> {
    // Training computes in 32 bits: what is no positive number there is none.
    match value as f32 > 0.0 && (value as f32).is_finite() {
        true => Ok(()),
        false => refuse(key, value, "above 0 and within the range of 32-bit floats"),
    }
}

pub(super) fn refuse(
    key: impl Into<String>,
    value: impl Display,
    range: &str,
) -> Result<(), Problem> {
    Err((
        key.into(),
        format!("{value} is out of range, must be {range}"),
    ))
}

pub(super) fn zero_or_more(key: &str, value: f64) -> Result<(), Problem> {
    match value >= 0.0 && (value as f32).is_finite() {
        true => Ok(()),
        false => refuse(
            key,
            value,
            "at least 0 and within the range of 32-bit floats",
        ),
    }
}

/// Between 0 and 1, neither of them.
pub(super) fn proper_fraction(key: &str, value: f64) -> Result<(), Problem> {
    match value > 0.0 && value < 1.0 {
        true => Ok(()),
        false => refuse(key, value, "above 0 and below 1"),
    }
}
