//! Learning curves: loss and accuracy by epoch, as the mean over seeds with a band from the minimum
//! to the maximum.

use std::collections::BTreeMap;

use present::{count, score};
use record::{Metric, Quantity, Record};
use spec::Split;

use crate::axis::Axis;
use crate::experiment::Experiment;
use crate::plot::{Mark, Plot, Shape, plottable};

/// The most points per curve; more would not be visible on a screen.
const MOST_POINTS: usize = 400;

/// The ratio of the largest to the smallest loss from which the axis is logarithmic.
const LOGARITHMIC: f64 = 100.0;

/// A quantity's name for use within a sentence, for example `accuracy`.
pub(crate) fn in_words(quantity: Quantity) -> String {
    quantity.name().replace('_', " ")
}

/// A value at one epoch, over the seeds.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Point {
    /// From 1.
    epoch: usize,
    mean: f64,
    low: f64,
    high: f64,
}

/// The curve of one data split.
struct Series {
    mark: Mark,
    name: &'static str,
    points: Vec<Point>,
}

impl Series {
    fn of(experiment: &Experiment, mark: Mark, name: &'static str, metric: Metric) -> Self {
        Self {
            mark,
            name,
            points: points(experiment.completed(), metric),
        }
    }
}

/// A quantity's plot and its description in words; `None` if no epoch was finished.
pub(crate) fn curves(experiment: &Experiment, quantity: Quantity) -> Option<(Plot, String)> {
    let train = Metric::of_kept(Split::Train, quantity);
    let validation = Metric::of_kept(Split::Validation, quantity);
    let parts = [
        Series::of(experiment, Mark::Train, "Training", train),
        Series::of(experiment, Mark::Validation, "Validation", validation),
    ];
    let diverged = experiment.diverged();
    let diverged: Vec<(&Record, Vec<Point>)> = diverged
        .map(|run| (run, points([run].into_iter(), train)))
        .collect();
    let y = Height::of(quantity, &parts, &diverged)?;
    let last = experiment.runs().filter_map(last_epoch).max()?;

    let mut shapes = Vec::new();
    if experiment.completed().count() > 1 {
        for Series { mark, points, .. } in &parts {
            let band = points.iter();
            let band = band.map(|point| (point.epoch as f64, y.at(point.low), y.at(point.high)));
            shapes.push((*mark, Shape::Band(band.collect())));
        }
    }
    for Series { mark, points, .. } in &parts {
        shapes.extend(line(*mark, points, &y));
    }
    for (run, points) in &diverged {
        shapes.extend(line(Mark::Diverged, points, &y));
        let epoch = run.result.diverged.map_or(last, |diverged| diverged.epoch);
        let height = points
            .last()
            .map_or(y.axis.range.end, |point| y.at(point.mean));
        let end = (epoch as f64, height);
        if let Some(point) = points.last() {
            let rest = vec![(point.epoch as f64, height), end];
            shapes.push((Mark::Diverged, Shape::Line(rest)));
        }
        shapes.push((Mark::Diverged, Shape::Cross(end.0, end.1)));
    }
    let plot = Plot {
        x: Axis::epochs(last),
        y: y.axis,
        shapes,
    };
    Some((plot, gist(experiment, quantity, &parts)))
}

fn last_epoch(run: &Record) -> Option<usize> {
    let last = run.result.epochs.iter().map(|epoch| epoch.epoch).max();
    last.max(run.result.diverged.map(|diverged| diverged.epoch))
}

/// The vertical axis and the mapping of values to it.
struct Height {
    axis: Axis,
    /// The factor from a value to its position on a linear axis.
    scale: f64,
    /// The smallest value drawn, if the axis is logarithmic.
    logarithmic_from: Option<f64>,
}

impl Height {
    fn of(
        quantity: Quantity,
        parts: &[Series],
        diverged: &[(&Record, Vec<Point>)],
    ) -> Option<Self> {
        let mut points: Vec<&Point> = parts.iter().flat_map(|part| &part.points).collect();
        // A diverged run must not squash the other curves.
        if points.is_empty() {
            points = diverged.iter().flat_map(|(_, points)| points).collect();
        }
        let low = points
            .iter()
            .map(|point| point.low)
            .min_by(f64::total_cmp)?;
        let high = points
            .iter()
            .map(|point| point.high)
            .max_by(f64::total_cmp)?;
        let (title, scale) = match quantity {
            Quantity::Accuracy => ("accuracy in %", 100.0),
            Quantity::Loss => ("loss per example", 1.0),
            Quantity::PlainLoss => ("loss per example, without penalties", 1.0),
        };
        let (low, high) = (scale * low, scale * high);
        let is_loss = quantity != Quantity::Accuracy;
        let logarithmic = is_loss && low > 0.0 && high / low >= LOGARITHMIC;
        Some(Self {
            axis: if logarithmic {
                Axis::logarithmic(title, low, high)
            } else {
                Axis::linear(title, low, high)
            },
            scale,
            logarithmic_from: logarithmic.then_some(low),
        })
    }

    fn at(&self, value: f64) -> f64 {
        let value = self.scale * value;
        match self.logarithmic_from {
            Some(low) => value.max(low).log10(),
            None => value,
        }
    }
}

/// A line, or a dot if there is only one point.
fn line(mark: Mark, points: &[Point], y: &Height) -> Option<(Mark, Shape)> {
    match points {
        [] => None,
        [only] => Some((mark, Shape::Dot(only.epoch as f64, y.at(only.mean)))),
        _ => {
            let points = points
                .iter()
                .map(|point| (point.epoch as f64, y.at(point.mean)));
            Some((mark, Shape::Line(points.collect())))
        }
    }
}

fn points<'a>(runs: impl Iterator<Item = &'a Record>, metric: Metric) -> Vec<Point> {
    let mut by_epoch: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
    for epoch in runs.flat_map(|run| &run.result.epochs) {
        if let Some(value) = metric.at(epoch).filter(|&value| plottable(value)) {
            by_epoch.entry(epoch.epoch).or_default().push(value);
        }
    }
    let step = by_epoch.len().div_ceil(MOST_POINTS).max(1);
    let last = by_epoch.len().saturating_sub(1);
    let kept = by_epoch.into_iter().enumerate();
    let kept = kept.filter(|(index, _)| index % step == 0 || *index == last);
    kept.map(|(_, (epoch, values))| Point {
        epoch,
        mean: values.iter().sum::<f64>() / values.len() as f64,
        low: values.iter().copied().fold(f64::INFINITY, f64::min),
        high: values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
    })
    .collect()
}

fn gist(experiment: &Experiment, quantity: Quantity, parts: &[Series]) -> String {
    let completed = experiment.completed().count();
    let mut gist = match completed {
        0 => "No seed finished training.".to_owned(),
        1 => "One seed.".to_owned(),
        _ => format!("Mean of {}.", count(completed, "seed")),
    };
    for Series { name, points, .. } in parts {
        let (Some(first), Some(last)) = (points.first(), points.last()) else {
            continue;
        };
        gist += &format!(
            " {name} {}: {} after epoch {}, {} after epoch {}",
            in_words(quantity),
            score(quantity, first.mean),
            first.epoch,
            score(quantity, last.mean),
            last.epoch,
        );
        let (word, best) = match quantity {
            Quantity::Loss | Quantity::PlainLoss => (
                "lowest",
                points
                    .iter()
                    .min_by(|one, other| one.mean.total_cmp(&other.mean)),
            ),
            Quantity::Accuracy => (
                "highest",
                points
                    .iter()
                    .max_by(|one, other| one.mean.total_cmp(&other.mean)),
            ),
        };
        if let Some(best) =
            best.filter(|best| best.epoch != last.epoch && best.epoch != first.epoch)
        {
            gist += &format!(
                ", {word} {} after epoch {}",
                score(quantity, best.mean),
                best.epoch
            );
        }
        gist += ".";
    }
    gist
}

/// A sentence on each diverged run, and one if runs differ in length.
pub(crate) fn remarks(experiment: &Experiment) -> Vec<String> {
    let mut remarks: Vec<String> = experiment
        .diverged()
        .map(|run| match run.result.diverged {
            Some(at) => format!(
                "Seed {} diverged in epoch {}, step {}.",
                run.seed, at.epoch, at.step
            ),
            None => format!("Seed {} diverged.", run.seed),
        })
        .collect();
    let lengths = || experiment.completed().map(|run| run.result.epochs.len());
    if let (Some(shortest), Some(longest)) = (lengths().min(), lengths().max())
        && shortest < longest
    {
        remarks.push(format!(
            "Seeds trained for {shortest} to {longest} epochs; later epochs are means over fewer seeds."
        ));
    }
    remarks
}
