use std::fmt;
use std::ops::{Range, RangeInclusive};
use std::str::FromStr;

/// A set of task numbers, written as batch systems do: `3,7,19-21`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Indexes(Vec<RangeInclusive<usize>>);

/// A text that is no set of task numbers.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a list of numbers; write, for instance, 3,7,19-21")]
pub struct BadIndexes(String);

impl Indexes {
    /// The number of tasks.
    pub fn len(&self) -> usize {
        self.0
            .iter()
            .map(|range| range.end() - range.start() + 1)
            .sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The numbers, ascending.
    pub fn iter(&self) -> impl Iterator<Item = usize> {
        self.0.iter().cloned().flatten()
    }

    /// The number at a place in the ascending order.
    pub fn get(&self, place: usize) -> Option<usize> {
        let mut before = 0;
        self.0.iter().find_map(|range| {
            let found = range.start() + (place - before);
            let ends_before = found > *range.end();
            before += range.end() - range.start() + 1;
            (!ends_before).then_some(found)
        })
    }

    /// Those within a range, counted from its start.
    pub(crate) fn within(&self, range: &Range<usize>) -> Self {
        let cut = self.0.iter().filter_map(|own| {
            let start = *own.start().max(&range.start);
            let end = (own.end() + 1).min(range.end);
            (start < end).then(|| start - range.start..=end - 1 - range.start)
        });
        Self(cut.collect())
    }
}

impl FromIterator<usize> for Indexes {
    fn from_iter<I: IntoIterator<Item = usize>>(numbers: I) -> Self {
        let mut numbers: Vec<usize> = numbers.into_iter().collect();
        numbers.sort_unstable();
        let mut ranges: Vec<RangeInclusive<usize>> = Vec::new();
        for number in numbers {
            match ranges.last_mut() {
                Some(last) if number <= last.end().saturating_add(1) => {
                    *last = *last.start()..=number
                }
                _ => ranges.push(number..=number),
            }
        }
        Self(ranges)
    }
}

impl fmt::Display for Indexes {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        for (place, range) in self.0.iter().enumerate() {
            let comma = if place == 0 { "" } else { "," };
            write!(out, "{comma}{}", range.start())?;
            if range.start() != range.end() {
                write!(out, "-{}", range.end())?;
            }
        }
        Ok(())
    }
}

/// The largest number that is read. No engine has arrays of more.
const MOST: usize = 10_000_000;

impl FromStr for Indexes {
    type Err = BadIndexes;

    fn from_str(text: &str) -> Result<Self, BadIndexes> {
        let bad = || BadIndexes(text.to_owned());
        let number = |text: &str| -> Result<usize, BadIndexes> {
            let number = text.trim().parse().map_err(|_| bad())?;
            if number <= MOST {
                Ok(number)
            } else {
                Err(bad())
            }
        };
        let mut numbers = Vec::new();
        for part in text.split(',') {
            match part.split_once('-') {
                Some((start, end)) => {
                    let (start, end) = (number(start)?, number(end)?);
                    if start > end || numbers.len() > MOST {
                        return Err(bad());
                    }
                    numbers.extend(start..=end);
                }
                None => numbers.push(number(part)?),
            }
        }
        Ok(numbers.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_written_as_ranges_and_read_again() {
        let numbers = [21, 3, 7, 20, 19, 7];
        let indexes: Indexes = numbers.into_iter().collect();
        assert_eq!(indexes.to_string(), "3,7,19-21");
        assert_eq!("19-21,3, 7,20".parse(), Ok(indexes.clone()));
        assert_eq!(indexes.len(), 5);
        assert_eq!(indexes.iter().collect::<Vec<_>>(), [3, 7, 19, 20, 21]);
        let places: Vec<_> = (0..6).map(|place| indexes.get(place)).collect();
        assert_eq!(
            places,
            [Some(3), Some(7), Some(19), Some(20), Some(21), None]
        );
        assert_eq!(Indexes::default().to_string(), "");
        for bad in ["", "a", "3-", "5-3", "1,,2", "-1", "99999999999"] {
            assert_eq!(bad.parse::<Indexes>(), Err(BadIndexes(bad.to_owned())));
        }
    }

    #[test]
    fn is_cut_at_a_range() {
        let indexes: Indexes = "3,7,9-12".parse().unwrap();
        let cut = |range| indexes.within(&range).to_string();
        assert_eq!(cut(0..10), "3,7,9");
        assert_eq!(cut(10..20), "0-2");
        assert_eq!(cut(20..30), "");
    }
}
