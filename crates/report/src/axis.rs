use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};

/// An axis with explicit ticks: the values of a sweep, whole epochs, or round numbers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Axis {
    pub title: String,
    pub range: Range<f64>,
    pub ticks: Vec<(f64, String)>,
}

impl Axis {
    /// From `low` to `high` with some margin, with ticks at round numbers.
    pub fn linear(title: &str, low: f64, high: f64) -> Self {
        // A single value needs a range around it.
        let room = if high > low {
            (high - low) * 0.05
        } else {
            low.abs().max(1.0) * 0.05
        };
        let range = low - room..high + room;
        let step = round_step(range.end - range.start);
        let decimals = (-step.log10().floor()).max(0.0) as usize;
        let first = (range.start / step).ceil();
        let ticks = (0..10).map(|index| (first + f64::from(index)) * step);
        let ticks = ticks.take_while(|&tick| tick <= range.end);
        let text = |tick: f64| {
            if (1e-4..1e5).contains(&step) {
                // Adding zero removes the sign of a negative zero.
                format!("{:.decimals$}", tick + 0.0)
            } else {
                format!("{tick:.1e}")
            }
        };
        Self {
            title: title.to_owned(),
            ticks: ticks.map(|tick| (tick, text(tick))).collect(),
            range,
        }
    }

    /// From `low` to `high`, with ticks at powers of ten. Both must be positive and differ by a
    /// factor of at least 100. Positions are base-10 logarithms.
    pub fn logarithmic(title: &str, low: f64, high: f64) -> Self {
        let (low, high) = (low.log10(), high.log10());
        let room = (high - low) * 0.05;
        let powers: Vec<i32> = (low.ceil() as i32..=high.floor() as i32).collect();
        let step = powers.len().div_ceil(6).max(1);
        let text = |power: i32| match power {
            -4..=4 => 10f64.powi(power).to_string(),
            _ => format!("1e{power}"),
        };
        let ticks = powers.into_iter().step_by(step);
        Self {
            title: format!("{title}, logarithmic"),
            range: low - room..high + room,
            ticks: ticks.map(|power| (f64::from(power), text(power))).collect(),
        }
    }

    /// The position at a fraction of the axis, from 0 to 1.
    pub fn at_part(&self, part: f64) -> f64 {
        self.range.start + part * (self.range.end - self.range.start)
    }

    /// With ticks at the given positions, except those whose label would overlap the previous one.
    pub fn at(title: &str, mut ticks: Vec<(f64, String)>) -> Self {
        ticks.sort_by(|one, other| one.0.total_cmp(&other.0));
        let places = ticks.iter().map(|&(place, _)| place);
        let low = places.clone().fold(f64::INFINITY, f64::min);
        let high = places.fold(f64::NEG_INFINITY, f64::max);
        let room = if high > low { (high - low) * 0.1 } else { 1.0 };
        let range = low - room..high + room;
        let width = range.end - range.start;
        let mut free = f64::NEG_INFINITY;
        ticks.retain_mut(|(place, text)| {
            *text = shortened(text);
            let half = text.chars().count() as f64 * CHARACTER / 2.0 * width;
            let fits = *place - half >= free;
            if fits {
                free = *place + half + CHARACTER * width;
            }
            fits
        });
        Self {
            title: title.to_owned(),
            range,
            ticks,
        }
    }

    /// Whole epochs from 1 to `last`.
    pub fn epochs(last: usize) -> Self {
        let step = (round_step(last as f64) as usize).max(1);
        let ticks = (step..=last).step_by(step);
        Self {
            title: "epoch".to_owned(),
            range: match last {
                0 | 1 => 0.5..1.5,
                _ => 1.0..last as f64,
            },
            ticks: ticks.map(|tick| (tick as f64, tick.to_string())).collect(),
        }
    }
}

/// The width of a character, as a fraction of the axis.
const CHARACTER: f64 = 0.0175;

/// At most sixteen characters, without the brackets of a list.
fn shortened(text: &str) -> String {
    let text = text.trim_start_matches('[').trim_end_matches(']');
    match text.char_indices().nth(16) {
        Some((end, _)) => text[..end].to_owned() + "…",
        None => text.to_owned(),
    }
}

/// A step of 1, 2 or 5 times a power of ten that divides the span into four to ten steps.
fn round_step(span: f64) -> f64 {
    let rough = span / 5.0;
    let power = 10f64.powf(rough.log10().floor());
    let factor = match rough / power {
        factor if factor < 1.5 => 1.0,
        factor if factor < 3.5 => 2.0,
        factor if factor < 7.5 => 5.0,
        _ => 10.0,
    };
    factor * power
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        let part = (value - self.range.start) / (self.range.end - self.range.start);
        limit.0 + (part * f64::from(limit.1 - limit.0)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        self.ticks.iter().map(|&(tick, _)| tick).collect()
    }

    fn range(&self) -> Range<f64> {
        self.range.clone()
    }
}

impl ValueFormatter<f64> for Axis {
    fn format_ext(&self, value: &f64) -> String {
        let tick = self.ticks.iter().find(|(tick, _)| tick == value);
        tick.map_or_else(String::new, |(_, text)| text.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|(_, text)| text.as_str()).collect()
    }

    #[test]
    fn ticks_are_round_and_few() {
        assert_eq!(
            texts(&Axis::linear("", 0.03, 0.41)),
            ["0.1", "0.2", "0.3", "0.4"]
        );
        assert_eq!(
            texts(&Axis::linear("", 96.9, 98.0)),
            ["97.0", "97.2", "97.4", "97.6", "97.8", "98.0"]
        );
        assert_eq!(texts(&Axis::epochs(50)), ["10", "20", "30", "40", "50"]);
        assert_eq!(texts(&Axis::epochs(3)), ["1", "2", "3"]);
        assert_eq!(texts(&Axis::epochs(1)), ["1"]);
        for (low, high) in [(0.0, 0.0), (1.0, 1.0), (-1e12, 1e12), (1e-12, 2e-12)] {
            let axis = Axis::linear("", low, high);
            assert!((2..=10).contains(&axis.ticks.len()), "{axis:?}");
        }
    }
}
