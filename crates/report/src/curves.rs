//! Learning curves: loss and accuracy by epoch, the mean over seeds and from the lowest to the
//! highest.

use std::collections::BTreeMap;

use record::{Epoch, Record, Scores};

use crate::axis::Axis;
use crate::experiment::Experiment;
use crate::figures::{self, count};
use crate::plot::{Mark, Plot, Shape, plottable};

/// A line of more points than a screen has is no finer.
const MOST_POINTS: usize = 400;

/// From this factor between the largest and the smallest loss on, the axis is logarithmic.
const LOGARITHMIC: f64 = 100.0;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Measure {
    Loss,
    Accuracy,
}

impl Measure {
    pub fn name(self) -> &'static str {
        match self {
            Self::Loss => "Loss",
            Self::Accuracy => "Accuracy",
        }
    }

    fn axis(self) -> &'static str {
        match self {
            Self::Loss => "loss per example",
            Self::Accuracy => "accuracy in %",
        }
    }

    /// As it is drawn.
    fn of(self, scores: &Scores) -> f64 {
        match self {
            Self::Loss => scores.loss,
            Self::Accuracy => 100.0 * scores.accuracy,
        }
    }

    fn shown(self, value: f64) -> String {
        match self {
            Self::Loss => figures::loss(value),
            Self::Accuracy => figures::percent(value / 100.0) + " %",
        }
    }
}

/// What is known of an epoch over the seeds.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Point {
    epoch: usize,
    mean: f64,
    low: f64,
    high: f64,
}

/// What was measured on a part of the data.
struct Series {
    mark: Mark,
    name: &'static str,
    points: Vec<Point>,
}

/// A measure's plot, and what it shows in words; nothing where no epoch was finished.
pub(crate) fn curves(experiment: &Experiment, measure: Measure) -> Option<(Plot, String)> {
    let train = |epoch: &Epoch| Some(measure.of(&epoch.train));
    let validation = |epoch: &Epoch| epoch.validation.as_ref().map(|scores| measure.of(scores));
    let parts = [
        Series {
            mark: Mark::Train,
            name: "Training",
            points: points(experiment.completed(), train),
        },
        Series {
            mark: Mark::Validation,
            name: "Validation",
            points: points(experiment.completed(), validation),
        },
    ];
    let diverged = experiment.diverged();
    let diverged: Vec<(&Record, Vec<Point>)> = diverged
        .map(|run| (run, points([run].into_iter(), train)))
        .collect();
    let y = Height::of(measure, &parts, &diverged)?;
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
    Some((plot, gist(experiment, measure, &parts)))
}

fn last_epoch(run: &Record) -> Option<usize> {
    let last = run.result.epochs.iter().map(|epoch| epoch.epoch).max();
    last.max(run.result.diverged.map(|diverged| diverged.epoch))
}

/// The axis of a measure's values.
struct Height {
    axis: Axis,
    /// The smallest value, where the axis is logarithmic.
    logarithmic_from: Option<f64>,
}

impl Height {
    fn of(measure: Measure, parts: &[Series], diverged: &[(&Record, Vec<Point>)]) -> Option<Self> {
        let mut points: Vec<&Point> = parts.iter().flat_map(|part| &part.points).collect();
        // A run on its way to infinity must not flatten those that stayed.
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
        let logarithmic = measure == Measure::Loss && low > 0.0 && high / low >= LOGARITHMIC;
        Some(Self {
            axis: match logarithmic {
                true => Axis::logarithmic(measure.axis(), low, high),
                false => Axis::linear(measure.axis(), low, high),
            },
            logarithmic_from: logarithmic.then_some(low),
        })
    }

    fn at(&self, value: f64) -> f64 {
        match self.logarithmic_from {
            Some(low) => value.max(low).log10(),
            None => value,
        }
    }
}

/// A single point is no line, and a dot.
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

fn points<'a>(
    runs: impl Iterator<Item = &'a Record>,
    value: impl Fn(&Epoch) -> Option<f64>,
) -> Vec<Point> {
    let mut by_epoch: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
    for epoch in runs.flat_map(|run| &run.result.epochs) {
        if let Some(value) = value(epoch).filter(|&value| plottable(value)) {
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

fn gist(experiment: &Experiment, measure: Measure, parts: &[Series]) -> String {
    let completed = experiment.completed().count();
    let mut gist = match completed {
        0 => "No seed was trained to the end.".to_owned(),
        1 => "One seed.".to_owned(),
        _ => format!("Mean of {}.", count(completed, "seed")),
    };
    for Series { name, points, .. } in parts {
        let (Some(first), Some(last)) = (points.first(), points.last()) else {
            continue;
        };
        gist += &format!(
            " {name} {}: {} after epoch {}, {} after epoch {}",
            measure.name().to_lowercase(),
            measure.shown(first.mean),
            first.epoch,
            measure.shown(last.mean),
            last.epoch,
        );
        let (word, best) = match measure {
            Measure::Loss => (
                "lowest",
                points
                    .iter()
                    .min_by(|one, other| one.mean.total_cmp(&other.mean)),
            ),
            Measure::Accuracy => (
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
                measure.shown(best.mean),
                best.epoch
            );
        }
        gist += ".";
    }
    gist
}

/// Where the runs did not go the whole way, a sentence on each.
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
            "Seeds trained for {shortest} to {longest} epochs; a line goes on with those that did."
        ));
    }
    remarks
}
