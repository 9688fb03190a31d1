//! The comparison's numbers with their units.

use present::{score_difference, score_unit};
use record::Metric;

use crate::statistics::Interval;

/// The metric in words: `test accuracy`.
pub(super) fn named(metric: Metric) -> String {
    metric.to_string().replace(['.', '_'], " ")
}

/// With its sign and unit: `+1.82 points`.
pub(super) fn difference(metric: Metric, value: f64) -> String {
    score_difference(metric.quantity, value) + score_unit(metric.quantity)
}

/// Without the unit, which the difference next to it has: `+1.36 to +2.28`.
pub(super) fn interval(metric: Metric, interval: Interval) -> String {
    let low = score_difference(metric.quantity, interval.low);
    let high = score_difference(metric.quantity, interval.high);
    format!("{low} to {high}")
}

/// `±0.20 points`.
pub(super) fn margin(metric: Metric, margin: f64) -> String {
    format!("±{}", difference(metric, margin).trim_start_matches('+'))
}
