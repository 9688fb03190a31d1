use std::fmt::Display;

/// A number without decimals and with grouped thousands: 140798 and 140798.3 as `140,798`.
pub fn thousands(number: impl Display) -> String {
    let rounded = format!("{number:.0}");
    let (sign, digits) = match rounded.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", rounded.as_str()),
    };
    let mut grouped = sign.to_owned();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A number of things, with `thing` in the singular: `1 run`, `3 runs`, `2 classes`.
pub fn count(number: impl Display, thing: &str) -> String {
    let number = thousands(number);
    if number == "1" {
        format!("1 {thing}")
    } else if thing.ends_with('s') {
        format!("{number} {thing}es")
    } else {
        format!("{number} {thing}s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        let numbers = [0, 999, 1000, 118_282, 2_593_025, -700, -7000].map(thousands);
        assert_eq!(
            numbers,
            [
                "0",
                "999",
                "1,000",
                "118,282",
                "2,593,025",
                "-700",
                "-7,000"
            ]
        );
        assert_eq!(thousands(140_798.3), "140,798");
    }

    #[test]
    fn one_thing_is_singular() {
        let runs = [0, 1, 2000].map(|runs| count(runs, "run"));
        assert_eq!(runs, ["0 runs", "1 run", "2,000 runs"]);
        assert_eq!(count(40, "class"), "40 classes");
    }
}
