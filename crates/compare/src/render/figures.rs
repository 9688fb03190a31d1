//! Numbers as they stand in tables and sentences: accuracies in per cent, their differences in
//! percentage points, all else as it is.

use std::fmt::Display;

use crate::statistics::Interval;
use crate::{Metric, Quantity};

/// The metric in words: `test accuracy`.
pub(super) fn named(metric: Metric) -> String {
    metric.to_string().replace(['.', '_'], " ")
}

pub(super) fn percent_or_plain(metric: Metric, value: f64) -> String {
    match metric.quantity {
        Quantity::Accuracy => format!("{:.2} %", 100.0 * value),
        _ => format!("{value:.4}"),
    }
}

pub(super) fn mean_and_deviation(
    metric: Metric,
    mean: Option<f64>,
    deviation: Option<f64>,
) -> String {
    match (mean, deviation, metric.quantity) {
        (None, ..) => "-".to_owned(),
        (Some(mean), None, _) => percent_or_plain(metric, mean),
        (Some(mean), Some(deviation), Quantity::Accuracy) => {
            format!("{:.2} ± {:.2} %", 100.0 * mean, 100.0 * deviation)
        }
        (Some(mean), Some(deviation), _) => format!("{mean:.4} ± {deviation:.4}"),
    }
}

/// With its sign and unit: `+1.82 points`.
pub(super) fn difference(metric: Metric, value: f64) -> String {
    signed(metric, value) + unit(metric)
}

/// In the unit of a difference beside it: `+1.36 to +2.28`.
pub(super) fn interval(metric: Metric, interval: Interval) -> String {
    let (low, high) = (signed(metric, interval.low), signed(metric, interval.high));
    format!("{low} to {high}")
}

/// `±0.20 points`.
pub(super) fn margin(metric: Metric, margin: f64) -> String {
    format!(
        "±{}{}",
        signed(metric, margin).trim_start_matches('+'),
        unit(metric)
    )
}

/// `p = 0.0034`.
pub(super) fn p_value(p: f64) -> String {
    match p {
        p if p < 0.0001 => "p < 0.0001".to_owned(),
        p if p < 0.1 => format!("p = {p:.4}"),
        p => format!("p = {p:.2}"),
    }
}

/// 140798 and 140798.3 as 140,798.
pub fn thousands(number: impl Display) -> String {
    let digits = format!("{number:.0}");
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

fn signed(metric: Metric, value: f64) -> String {
    let text = match metric.quantity {
        Quantity::Accuracy => format!("{:+.2}", 100.0 * value),
        _ => format!("{value:+.4}"),
    };
    match text.contains(|digit: char| ('1'..='9').contains(&digit)) {
        true => text,
        false => text.trim_start_matches(['+', '-']).to_owned(),
    }
}

fn unit(metric: Metric) -> &'static str {
    match metric.quantity {
        Quantity::Accuracy => " points",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::thousands;

    #[test]
    fn thousands_are_grouped() {
        let numbers = [0, 999, 1000, 118_282, 2_593_025].map(thousands);
        assert_eq!(numbers, ["0", "999", "1,000", "118,282", "2,593,025"]);
        assert_eq!(thousands(140_798.3), "140,798");
    }
}
