//! Formats means over seeds for tables.

use compare::statistics::MeanAndDeviation;
use present::{MISSING, loss_with_deviation, percent_with_deviation};

/// A mean accuracy in per cent, such as `98.07 ± 0.08`.
pub(crate) fn accuracy(mean: Option<MeanAndDeviation>) -> String {
    or_dash(mean.map(|found| percent_with_deviation(found.mean, found.deviation)))
}

/// A mean loss, such as `0.0938 ± 0.0035`.
pub(crate) fn loss(mean: Option<MeanAndDeviation>) -> String {
    or_dash(mean.map(|found| loss_with_deviation(found.mean, found.deviation)))
}

/// The text, or a dash for a missing value.
pub(crate) fn or_dash(shown: Option<String>) -> String {
    shown.unwrap_or_else(|| MISSING.to_owned())
}
