//! The value of `--seeds`.

use config::Seeds;

/// More seeds than this on one command line are a typing error.
const MOST_SEEDS: usize = 10_000;

/// Seeds in the order they were named, each once: from `0,1,2`, `0..5` (0 to 4) or both.
pub fn seeds(text: &str) -> Result<Seeds, String> {
    let mut seeds = Vec::new();
    for part in text.split(',') {
        let number = |text: &str| {
            let number: Result<u64, _> = text.trim().parse();
            number.map_err(|_| format!("`{text}` is not a seed, give 0,1,2 or 0..5"))
        };
        match part.split_once("..") {
            None => seeds.push(number(part)?),
            Some((first, end)) => {
                let (first, end) = (number(first)?, number(end)?);
                if end <= first || end - first > MOST_SEEDS as u64 {
                    return Err(format!("`{part}` must hold 1 to {MOST_SEEDS} seeds"));
                }
                seeds.extend(first..end);
            }
        }
    }
    Seeds::try_from(seeds).map_err(|_| "names a seed twice".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn are_numbers_and_ranges() {
        for (text, named) in [
            ("0", vec![0]),
            ("2,0,1", vec![2, 0, 1]),
            ("7,0..3", vec![7, 0, 1, 2]),
        ] {
            assert_eq!(seeds(text).unwrap()[..], named);
        }
        for text in ["", "a", "1,,2", "-1", "3..3", "0..99999999", "1,0..3"] {
            assert!(seeds(text).is_err(), "{text}");
        }
    }
}
