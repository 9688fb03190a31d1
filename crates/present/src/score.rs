//! Formats scores in their units: accuracies in per cent, differences of accuracies in percentage
//! points, losses without a unit.

use record::Quantity;

use crate::{loss, loss_with_deviation, percent, percent_with_deviation, points, signed};

/// `98.07 %`, or `0.0938`.
pub fn score(quantity: Quantity, value: f64) -> String {
    match quantity {
        Quantity::Accuracy => percent(value) + " %",
        Quantity::Loss | Quantity::PlainLoss => loss(value),
    }
}

/// A mean with its standard deviation, if there is one: `98.07 ± 0.08 %`, or `0.0938 ± 0.0035`.
pub fn score_with_deviation(quantity: Quantity, mean: f64, deviation: Option<f64>) -> String {
    match quantity {
        Quantity::Accuracy => percent_with_deviation(mean, deviation) + " %",
        Quantity::Loss | Quantity::PlainLoss => loss_with_deviation(mean, deviation),
    }
}

/// A difference with its sign and without its unit: `+1.82`, or `+0.0035`.
pub fn score_difference(quantity: Quantity, difference: f64) -> String {
    match quantity {
        Quantity::Accuracy => points(difference),
        Quantity::Loss | Quantity::PlainLoss => signed(difference),
    }
}

/// The unit to append to a [`score_difference`]: ` points`, or nothing for losses.
pub fn score_unit(quantity: Quantity) -> &'static str {
    match quantity {
        Quantity::Accuracy => " points",
        Quantity::Loss | Quantity::PlainLoss => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accuracies_are_in_per_cent_and_losses_plain() {
        assert_eq!(score(Quantity::Accuracy, 0.98087), "98.09 %");
        assert_eq!(score(Quantity::PlainLoss, 0.09196), "0.0920");
        assert_eq!(
            score_with_deviation(Quantity::Accuracy, 0.98, Some(0.001)),
            "98.00 ± 0.10 %"
        );
        assert_eq!(score_difference(Quantity::Loss, -0.01), "-0.0100");
    }
}
