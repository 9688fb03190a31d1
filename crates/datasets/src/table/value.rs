//! The values of a table's cells.

/// A cell's text without the white space around it; `None` if it stands for a missing value: nothing,
/// or `NA`, `N/A`, `NaN` or `null` in any case.
pub(crate) fn present(cell: &str) -> Option<&str> {
    const MISSING: [&str; 4] = ["na", "n/a", "nan", "null"];
    let cell = cell.trim();
    let is_missing = cell.is_empty()
        || MISSING
            .iter()
            .any(|missing| cell.eq_ignore_ascii_case(missing));
    (!is_missing).then_some(cell)
}

/// A finite number; `None` if the text is none.
pub(crate) fn number(text: &str) -> Option<f64> {
    let number: f64 = text.parse().ok()?;
    number.is_finite().then_some(number)
}

/// Whether a text is a number but for its comma: `0,5` or `1,000`.
pub(crate) fn is_number_with_comma(text: &str) -> bool {
    text.contains(',') && number(&text.replace(',', ".")).is_some()
}

/// What is wrong with such a number.
pub(crate) fn comma_problem(text: &str) -> String {
    format!(
        "is {}; write numbers with a point and without commas, or list the column in \"categorical\"",
        quoted(text)
    )
}

/// A cell's content as an error quotes it: on one line, cut if it is long.
pub(crate) fn quoted(cell: &str) -> String {
    const SHOWN: usize = 40;
    let short: String = cell.chars().take(SHOWN).collect();
    let cut = if short.len() < cell.len() { "…" } else { "" };
    format!("`{}{cut}`", short.escape_debug())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_values_have_many_names() {
        for missing in ["", "  ", "NA", "n/a", "NaN", "nan", "NULL", " null "] {
            assert_eq!(present(missing), None, "{missing}");
        }
        for (cell, value) in [(" 0 ", "0"), ("None", "None"), ("-", "-"), ("nana", "nana")] {
            assert_eq!(present(cell), Some(value));
        }
    }

    #[test]
    fn numbers_are_finite() {
        for (text, expected) in [
            ("1", Some(1.0)),
            ("-2.5e3", Some(-2500.0)),
            (".5", Some(0.5)),
            ("inf", None),
            ("1e999", None),
            ("1,5", None),
            ("0x10", None),
            ("12 kg", None),
        ] {
            assert_eq!(number(text), expected, "{text}");
        }
    }

    #[test]
    fn long_cells_are_cut() {
        assert_eq!(quoted("a\nb"), r"`a\nb`");
        let long = quoted(&"é".repeat(1000));
        assert_eq!(long.chars().count(), 40 + 3);
    }
}
