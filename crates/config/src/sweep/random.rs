//! Random search: values drawn for some keys.

use std::collections::{BTreeMap, BTreeSet};

use random::{Purpose, Stream};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

/// Values drawn at random: the same for the same file, on any machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Random {
    /// How many members to draw; with a grid, so many for each of its combinations.
    #[schemars(range(min = 1))]
    samples: usize,
    /// Another seed draws other values.
    #[serde(default)]
    seed: u64,
    /// Keys of the base and what to draw their values from.
    #[schemars(length(min = 1))]
    pub values: BTreeMap<String, Distribution>,
}

/// What values are drawn from. Numbers are rounded to four significant digits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Distribution {
    /// Between two positive numbers, every factor as likely as any other: for learning rates.
    LogUniform([f64; 2]),
    /// Between two numbers.
    Uniform([f64; 2]),
    /// A whole number, both ends included.
    Integers([i64; 2]),
    /// One of these values.
    AnyOf(Vec<Value>),
}

/// How often to draw again for each sample when values are the same as before.
const DRAWS_PER_SAMPLE: usize = 100;

impl Random {
    /// The number of samples.
    pub fn samples(&self) -> usize {
        self.samples
    }

    /// The samples: for each, a value for every key. All differ. A key's values do not depend on the other
    /// keys.
    ///
    /// # Errors
    ///
    /// The key at fault, relative to this part of the file, and what is wrong with it.
    pub fn draw(&self) -> Result<Vec<Vec<Value>>, (String, String)> {
        let says = |key: &str, problem: &str| Err((key.to_owned(), problem.to_owned()));
        if self.samples == 0 {
            return says("samples", "out of range: 0; give at least 1");
        }
        if self.values.is_empty() {
            return says("values", "needs a key");
        }
        for (key, distribution) in &self.values {
            if let Some(problem) = distribution.problem() {
                return Err((record::join_key("values", key), problem));
            }
        }
        let mut seen = BTreeSet::new();
        let mut samples = Vec::new();
        for draw in 0..self.samples * DRAWS_PER_SAMPLE {
            let values = self.values.iter();
            let values: Vec<Value> = values
                .map(|(key, distribution)| distribution.draw(self.seed, key, draw as u32))
                .collect();
            if seen.insert(Value::from(values.clone()).to_string()) {
                samples.push(values);
            }
            if samples.len() == self.samples {
                return Ok(samples);
            }
        }
        let found = samples.len();
        let problem = format!("only {found} different combinations could be drawn; ask for fewer");
        says("samples", &problem)
    }
}

impl Distribution {
    fn problem(&self) -> Option<String> {
        match self {
            Self::LogUniform([low, high]) if !(0.0 < *low && low < high) => Some(format!(
                "log_uniform: [{low}, {high}] is not two positive numbers, the smaller one first"
            )),
            Self::Uniform([low, high]) if !(low < high && (high - low).is_finite()) => Some(
                format!("uniform: [{low}, {high}] is not two numbers, the smaller one first"),
            ),
            Self::Integers([low, high]) if low >= high => Some(format!(
                "integers: [{low}, {high}] is not two whole numbers, the smaller one first"
            )),
            Self::AnyOf(values) if values.is_empty() => Some("any_of: needs a value".to_owned()),
            Self::LogUniform(_) | Self::Uniform(_) | Self::Integers(_) | Self::AnyOf(_) => None,
        }
    }

    fn draw(&self, seed: u64, key: &str, draw: u32) -> Value {
        // Which key it is: a number that other keys do not change.
        let hash = record::sha256(key.as_bytes());
        let which = u32::from_str_radix(&hash[hash.len() - 8..], 16);
        let which = which.expect("eight hexadecimal digits");
        let words = Stream::new(seed, Purpose::Sweep, which, draw).words(2);
        let word = u64::from(words[0]) << 32 | u64::from(words[1]);
        // Uniform in [0, 1), as many bits as a double has.
        let part = (word >> 11) as f64 / (1_u64 << 53) as f64;
        match self {
            Self::LogUniform([low, high]) => rounded(low * (high / low).powf(part)),
            Self::Uniform([low, high]) => rounded(low + (high - low) * part),
            Self::Integers([low, high]) => {
                let count = (i128::from(*high) - i128::from(*low) + 1) as u128;
                let offset = (u128::from(word) * count) >> 64;
                let drawn = i128::from(*low) + offset as i128;
                (i64::try_from(drawn).expect("between the ends")).into()
            }
            Self::AnyOf(values) => {
                let place = (u128::from(word) * values.len() as u128) >> 64;
                values[place as usize].clone()
            }
        }
    }
}

/// Four significant digits, so that a member's name can be read, and so that the last bit of a power, which
/// differs between mathematical libraries, does not matter.
fn rounded(value: f64) -> Value {
    let rounded: f64 = format!("{value:.3e}").parse().expect("a number");
    Number::from_f64(rounded).map_or(Value::Null, Value::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random(values: &str, samples: usize) -> Random {
        let text = format!(r#"{{ "samples": {samples}, "values": {values} }}"#);
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn the_draws_are_these() {
        // The plan of a published sweep depends on them.
        let values = r#"{ "a": { "log_uniform": [1e-4, 1] }, "b": { "integers": [1, 9] }, "c": { "any_of": [true, "x"] } }"#;
        let drawn = Value::from(random(values, 3).draw().unwrap().concat());
        let these = r#"[0.01318,3,"x",0.001596,7,"x",0.7763,3,"x"]"#;
        assert_eq!(drawn.to_string(), these);
    }

    #[test]
    fn a_key_is_drawn_the_same_whatever_the_other_keys_are() {
        let of = |values: &str, place: usize| -> Vec<Value> {
            let drawn = random(values, 20).draw().unwrap();
            drawn
                .into_iter()
                .map(|sample| sample[place].clone())
                .collect()
        };
        let alone = of(r#"{ "b": { "uniform": [0, 1] } }"#, 0);
        let among = of(
            r#"{ "a": { "uniform": [0, 1] }, "b": { "uniform": [0, 1] } }"#,
            1,
        );
        assert_eq!(alone, among);
        let other = of(r#"{ "a": { "uniform": [0, 1] } }"#, 0);
        assert_ne!(alone, other);
    }

    #[test]
    fn draws_are_spread_over_their_range() {
        let draw = |values: &str| -> Vec<f64> {
            let drawn = random(values, 1000).draw().unwrap();
            drawn
                .iter()
                .map(|sample| sample[0].as_f64().unwrap())
                .collect()
        };
        let rates = draw(r#"{ "a": { "log_uniform": [1e-4, 1] } }"#);
        assert!(rates.iter().all(|rate| (1e-4..=1.0).contains(rate)));
        // A decade has a quarter of them: 250 +- 14.
        for decade in [1e-4, 1e-3, 1e-2, 1e-1] {
            let within = rates
                .iter()
                .filter(|&&rate| (decade..10.0 * decade).contains(&rate));
            assert!((200..300).contains(&within.count()), "{decade}");
        }
        let widths = random(
            r#"{ "a": { "integers": [-2, 2] }, "b": { "uniform": [0, 1] } }"#,
            1000,
        );
        let mut counts = [0; 5];
        for sample in widths.draw().unwrap() {
            counts[(sample[0].as_i64().unwrap() + 2) as usize] += 1;
        }
        assert!(
            counts.iter().all(|count| (150..250).contains(count)),
            "{counts:?}"
        );
        let ends = random(
            &format!(
                r#"{{ "a": {{ "integers": [{}, {}] }} }}"#,
                i64::MIN,
                i64::MAX
            ),
            2,
        );
        assert_eq!(ends.draw().unwrap().len(), 2);
    }

    #[test]
    fn what_cannot_be_drawn_is_said() {
        for (values, samples, key, says) in [
            (r#"{}"#, 1, "values", "needs a key"),
            (
                r#"{ "a": { "uniform": [0, 1] } }"#,
                0,
                "samples",
                "out of range: 0",
            ),
            (
                r#"{ "a": { "uniform": [1, 1] } }"#,
                1,
                "values.a",
                "uniform: [1, 1] is not two numbers",
            ),
            (
                r#"{ "a": { "log_uniform": [0, 1] } }"#,
                1,
                "values.a",
                "log_uniform: [0, 1] is not two positive",
            ),
            (
                r#"{ "a": { "integers": [3, 2] } }"#,
                1,
                "values.a",
                "integers: [3, 2] is not two whole",
            ),
            (
                r#"{ "a": { "any_of": [] } }"#,
                1,
                "values.a",
                "any_of: needs a value",
            ),
            (
                r#"{ "a": { "any_of": [1, 2] } }"#,
                3,
                "samples",
                "only 2 different combinations",
            ),
        ] {
            let (at, problem) = random(values, samples).draw().unwrap_err();
            assert_eq!(at, key);
            assert!(problem.starts_with(says), "{problem}");
        }
    }
}
