/// Shown for a number that is missing or not finite.
pub const MISSING: &str = "–";

/// A fraction in per cent, without the per cent sign: 0.98087 as `98.09`.
pub fn percent(fraction: f64) -> String {
    match fraction.abs() {
        size if size < 1e9 => format!("{:.2}", 100.0 * fraction),
        size if size.is_finite() => format!("{:.2e}", 100.0 * fraction),
        _ => MISSING.to_owned(),
    }
}

/// A mean of fractions in per cent with its standard deviation, if there is one: `98.07 ± 0.08`.
pub fn percent_with_deviation(mean: f64, deviation: Option<f64>) -> String {
    with_deviation(percent(mean), deviation.map(percent))
}

/// A loss with four decimals, or in scientific notation if it is very small or large: `0.0920`,
/// `1.000e-5`.
pub fn loss(loss: f64) -> String {
    match loss.abs() {
        size if !size.is_finite() => MISSING.to_owned(),
        size if size != 0.0 && !(0.001..1e5).contains(&size) => format!("{loss:.3e}"),
        _ => format!("{loss:.4}"),
    }
}

/// A mean of losses with its standard deviation, if there is one: `0.0938 ± 0.0035`. The deviation
/// has as many decimals as the mean.
pub fn loss_with_deviation(mean: f64, deviation: Option<f64>) -> String {
    let deviation = deviation.map(|deviation| {
        if mean.abs() >= 0.001 && deviation < 0.001 {
            format!("{deviation:.4}")
        } else {
            loss(deviation)
        }
    });
    with_deviation(loss(mean), deviation)
}

fn with_deviation(mean: String, deviation: Option<String>) -> String {
    match deviation {
        Some(deviation) => format!("{mean} ± {deviation}"),
        None => mean,
    }
}

/// Three digits or more, for times and speeds: `0.42`, `19.9`, `130,143`.
pub fn rough(number: f64) -> String {
    match number.abs() {
        size if !size.is_finite() => MISSING.to_owned(),
        size if size >= 1e15 => format!("{number:.2e}"),
        size if size >= 100.0 => crate::thousands(number),
        size if size >= 10.0 => format!("{number:.1}"),
        _ => format!("{number:.2}"),
    }
}

/// A difference of fractions in percentage points, with its sign: 0.0182 as `+1.82`. A difference
/// that rounds to zero has no sign.
pub fn points(difference: f64) -> String {
    unsigned_zero(format!("{:+.2}", 100.0 * difference))
}

/// A difference with its sign and four decimals: `+0.0035`. A difference that rounds to zero has no
/// sign.
pub fn signed(difference: f64) -> String {
    unsigned_zero(format!("{difference:+.4}"))
}

fn unsigned_zero(text: String) -> String {
    if text.contains(|digit: char| ('1'..='9').contains(&digit)) {
        text
    } else {
        text.trim_start_matches(['+', '-']).to_owned()
    }
}

/// `p = 0.0034`, `p = 0.25`, or `p < 0.0001`.
pub fn p_value(p: f64) -> String {
    match p {
        p if p < 0.0001 => "p < 0.0001".to_owned(),
        p if p < 0.1 => format!("p = {p:.4}"),
        p => format!("p = {p:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_long_as_they_need_be() {
        let losses = [0.09196, 0.0, 1e-5, 1e300, f64::INFINITY].map(loss);
        assert_eq!(losses, ["0.0920", "0.0000", "1.000e-5", "1.000e300", "–"]);
        let fractions = [0.98087, 1e300, f64::NAN].map(percent);
        assert_eq!(fractions, ["98.09", "1.00e302", "–"]);
        let speeds = [130_142.8, 19.92, 0.417, -700.0, 1e300].map(rough);
        assert_eq!(speeds, ["130,143", "19.9", "0.42", "-700", "1.00e300"]);
        let found = [0.00001, 0.0034, 0.25].map(p_value);
        assert_eq!(found, ["p < 0.0001", "p = 0.0034", "p = 0.25"]);
    }

    #[test]
    fn a_deviation_stands_beside_its_mean() {
        assert_eq!(
            percent_with_deviation(0.98, Some(0.001_414)),
            "98.00 ± 0.14"
        );
        assert_eq!(percent_with_deviation(0.98, None), "98.00");
        assert_eq!(loss_with_deviation(0.1001, Some(0.0001)), "0.1001 ± 0.0001");
        assert_eq!(
            loss_with_deviation(2e-6, Some(1.414e-6)),
            "2.000e-6 ± 1.414e-6"
        );
    }

    #[test]
    fn a_difference_has_a_sign_unless_it_is_none() {
        let differences = [0.0182, -0.0182, 0.00001, -0.00001].map(points);
        assert_eq!(differences, ["+1.82", "-1.82", "0.00", "0.00"]);
        let differences = [0.5, -0.00123, -0.00001].map(signed);
        assert_eq!(differences, ["+0.5000", "-0.0012", "0.0000"]);
    }
}
