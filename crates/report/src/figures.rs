//! Numbers as people read them. A dash stands for what is not there or no finite number.

use compare::thousands;

use crate::figure::Figure;

const NOTHING: &str = "–";

/// `1 run`, `3 runs`.
pub(crate) fn count(number: usize, thing: &str) -> String {
    match number {
        1 => format!("1 {thing}"),
        _ => format!("{} {thing}s", thousands(number)),
    }
}

/// A fraction as a percentage, without its sign.
pub(crate) fn percent(fraction: f64) -> String {
    match fraction.abs() {
        size if size < 1e9 => format!("{:.2}", 100.0 * fraction),
        size if size.is_finite() => format!("{:.2e}", 100.0 * fraction),
        _ => NOTHING.to_owned(),
    }
}

/// Four decimals where that says something, otherwise a power of ten.
pub(crate) fn loss(loss: f64) -> String {
    match loss.abs() {
        size if !size.is_finite() => NOTHING.to_owned(),
        size if size != 0.0 && !(0.001..1e5).contains(&size) => format!("{loss:.3e}"),
        _ => format!("{loss:.4}"),
    }
}

/// Of at least a hundred none after the point, else one or two.
pub(crate) fn rough(number: f64) -> String {
    match number.abs() {
        size if !size.is_finite() => NOTHING.to_owned(),
        size if size >= 1e15 => format!("{number:.2e}"),
        size if size >= 100.0 && number > 0.0 => thousands(number.round()),
        size if size >= 10.0 => format!("{number:.1}"),
        _ => format!("{number:.2}"),
    }
}

pub(crate) fn optional(number: Option<f64>, shown: fn(f64) -> String) -> String {
    number.map_or_else(|| NOTHING.to_owned(), shown)
}

/// The mean of fractions as a percentage, with the deviation where there is one.
pub(crate) fn percent_figure(figure: Option<Figure>) -> String {
    with_deviation(figure, percent, percent)
}

/// The mean of losses; the deviation has as many decimals.
pub(crate) fn loss_figure(figure: Option<Figure>) -> String {
    let decimals = |deviation: f64| match deviation < 0.001 {
        true => format!("{deviation:.4}"),
        false => loss(deviation),
    };
    match figure {
        Some(Figure { mean, .. }) if mean.abs() < 0.001 => with_deviation(figure, loss, loss),
        _ => with_deviation(figure, loss, decimals),
    }
}

fn with_deviation(
    figure: Option<Figure>,
    shown: fn(f64) -> String,
    shown_deviation: fn(f64) -> String,
) -> String {
    match figure.map(|figure| (figure.mean, figure.deviation)) {
        None => NOTHING.to_owned(),
        Some((mean, None)) => shown(mean),
        Some((mean, Some(deviation))) => {
            format!("{} ± {}", shown(mean), shown_deviation(deviation))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_long_as_they_need_be() {
        assert_eq!(
            [1, 2000].map(|runs| count(runs, "run")),
            ["1 run", "2,000 runs"]
        );
        let losses = [0.09196, 0.0, 1e-5, 1e300, f64::INFINITY].map(loss);
        assert_eq!(losses, ["0.0920", "0.0000", "1.000e-5", "1.000e300", "–"]);
        assert_eq!([0.98087, 1e300].map(percent), ["98.09", "1.00e302"]);
        let speeds = [130_142.8, 19.92, 0.417, -700.0, 1e300].map(rough);
        assert_eq!(speeds, ["130,143", "19.9", "0.42", "-700.0", "1.00e300"]);
    }

    #[test]
    fn a_deviation_stands_beside_its_mean() {
        let percent = |values: &[f64]| percent_figure(Figure::of(values));
        assert_eq!(percent(&[0.979, 0.981]), "98.00 ± 0.14");
        assert_eq!(percent(&[0.98]), "98.00");
        assert_eq!(percent(&[]), "–");
        let losses = |values: &[f64]| loss_figure(Figure::of(values));
        assert_eq!(losses(&[0.1, 0.1002]), "0.1001 ± 0.0001");
        assert_eq!(losses(&[1e-6, 3e-6]), "2.000e-6 ± 1.414e-6");
    }
}
