/// What `--seeds` names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seeds(pub Vec<u64>);

/// More runs than this on one command line are a slip of the finger.
const MOST_SEEDS: usize = 10_000;

pub(super) fn parse_seeds(text: &str) -> Result<Seeds, String> {
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
    let mut distinct = seeds.clone();
    distinct.sort_unstable();
    distinct.dedup();
    match distinct.len() == seeds.len() {
        true => Ok(Seeds(seeds)),
        false => Err("names a seed twice".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_numbers_and_ranges() {
        for (text, seeds) in [
            ("0", vec![0]),
            ("2,0,1", vec![2, 0, 1]),
            ("7,0..3", vec![7, 0, 1, 2]),
        ] {
            assert_eq!(parse_seeds(text), Ok(Seeds(seeds)));
        }
        for text in ["", "a", "1,,2", "-1", "3..3", "0..99999999", "1,0..3"] {
            assert!(parse_seeds(text).is_err(), "{text}");
        }
    }
}
