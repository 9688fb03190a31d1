//! Plots a sweep's accuracy against its values: on validation where it was measured, since that is what
//! to choose by.

use compare::statistics::MeanAndDeviation;
use present::score_with_deviation;
use record::Quantity;
use spec::Split;

use crate::axis::Axis;
use crate::plot::{Mark, Plot, Shape, plottable};
use crate::sweep::{Point, Sweep};

/// The ratio of the largest to the smallest value from which the axis is logarithmic.
const LOGARITHMIC: f64 = 50.0;

/// The positions of a sweep's values on its axis.
struct Positions {
    /// A position for each value.
    at: Vec<f64>,
    /// Whether positions reflect size, so that a line between the points is meaningful.
    by_size: bool,
    /// A suffix of the axis title.
    remark: &'static str,
}

impl Sweep {
    /// A plot of accuracy by value and its description in words; `None` if no run was tested.
    pub fn plot(&self) -> Option<(Plot, String)> {
        let positions = self.positions();
        // Position, then mean and deviation in per cent.
        let drawn = positions
            .at
            .iter()
            .zip(&self.points)
            .filter_map(|(&x, point)| {
                let MeanAndDeviation { mean, deviation } = self.accuracy(point)?;
                let (mean, deviation) = (100.0 * mean, 100.0 * deviation.unwrap_or(0.0));
                (plottable(mean) && plottable(deviation)).then_some((x, mean, deviation))
            });
        let drawn: Vec<(f64, f64, f64)> = drawn.collect();
        let ends = drawn
            .iter()
            .flat_map(|(_, mean, deviation)| [mean - deviation, mean + deviation]);
        let (low, high) = span(ends)?;
        let y = Axis::linear(&format!("{} accuracy in %", self.split()), low, high);

        let mut shapes = Vec::new();
        if positions.by_size {
            let line = drawn.iter().map(|&(x, mean, _)| (x, mean));
            shapes.push((Mark::Text, Shape::Line(line.collect())));
        }
        for &(x, mean, deviation) in &drawn {
            let bar = Shape::ErrorBar(x, mean - deviation, mean + deviation);
            shapes.extend((deviation > 0.0).then_some((Mark::Validation, bar)));
            shapes.push((Mark::Validation, Shape::Dot(x, mean)));
        }
        for (&x, point) in positions.at.iter().zip(&self.points) {
            let cross = Shape::Cross(x, y.at_part(0.06));
            shapes.extend((point.diverged > 0).then_some((Mark::Diverged, cross)));
        }
        let labels = self.points.iter().map(|point| point.label.clone());
        let ticks = positions.at.iter().copied().zip(labels).collect();
        let x = Axis::at(&format!("{}{}", self.key, positions.remark), ticks);
        Some((Plot { x, y, shapes }, self.gist()))
    }

    /// What the plot shows.
    pub fn plot_title(&self) -> String {
        let split = match self.split() {
            Split::Validation => "Validation",
            Split::Train | Split::Test => "Test",
        };
        format!("{split} accuracy by {}", self.key)
    }

    /// What the plotted accuracy is measured on.
    fn split(&self) -> Split {
        if self.is_validated() {
            Split::Validation
        } else {
            Split::Test
        }
    }

    fn accuracy(&self, point: &Point) -> Option<MeanAndDeviation> {
        match self.split() {
            Split::Validation => point.validation,
            Split::Train | Split::Test => point.accuracy,
        }
    }

    fn positions(&self) -> Positions {
        let numbers = self.points.iter().map(|point| point.value.as_f64());
        let numbers: Option<Vec<f64>> = numbers.collect();
        let span = numbers
            .as_ref()
            .and_then(|numbers| span(numbers.iter().copied()));
        match (numbers, span) {
            (Some(numbers), Some((low, high))) if low > 0.0 && high / low >= LOGARITHMIC => {
                Positions {
                    at: numbers.iter().map(|number| number.log10()).collect(),
                    by_size: true,
                    remark: ", logarithmic",
                }
            }
            (Some(numbers), Some((low, high))) if plottable(low) && plottable(high) => Positions {
                at: numbers,
                by_size: true,
                remark: "",
            },
            _ => Positions {
                at: (0..self.points.len()).map(|index| index as f64).collect(),
                by_size: false,
                remark: "",
            },
        }
    }

    fn gist(&self) -> String {
        let points = self.points.iter().map(|point| {
            let accuracy = match self.accuracy(point) {
                Some(MeanAndDeviation { mean, deviation }) => {
                    score_with_deviation(Quantity::Accuracy, mean, deviation)
                }
                None => "diverged".to_owned(),
            };
            format!("{}: {accuracy}", point.label)
        });
        let points: Vec<String> = points.collect();
        format!("{}. {}.", self.plot_title(), points.join("; "))
    }
}

/// The smallest and the largest number; `None` if there are none.
fn span(numbers: impl Iterator<Item = f64> + Clone) -> Option<(f64, f64)> {
    let low = numbers.clone().min_by(f64::total_cmp)?;
    let high = numbers.max_by(f64::total_cmp)?;
    Some((low, high))
}
