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

/// A number of things, with `thing` in the singular: `1 run`, `3 runs`, `2 classes`. A verb may follow: of
/// `run is`, `1 run is` and `3 runs are`.
pub fn count(number: impl Display, thing: &str) -> String {
    let number = thousands(number);
    if number == "1" {
        return format!("1 {thing}");
    }
    for (of_one, of_several) in [(" is", " are"), (" has", " have")] {
        if let Some(thing) = thing.strip_suffix(of_one) {
            return format!("{number} {}{of_several}", plural(thing));
        }
    }
    format!("{number} {}", plural(thing))
}

fn plural(thing: &str) -> String {
    let ending = if thing.ends_with('s') { "es" } else { "s" };
    format!("{thing}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verb_agrees_with_the_number() {
        assert_eq!(count(1, "run is"), "1 run is");
        assert_eq!(count(0, "run is"), "0 runs are");
        assert_eq!(count(2, "class has"), "2 classes have");
    }

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
