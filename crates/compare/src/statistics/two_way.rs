//! The difference over two sources of error at once: other seeds and other test examples.

use super::{TTest, mean};

/// Rows of examples, one for each seed: 1 where the model is right and 0 where it is wrong, or for pairs
/// of models the difference, -1 to 1.
pub type Rows = [Vec<i8>];

/// A difference as a sample of seeds and of test examples, both random: what other seeds would give on
/// another test set of the kind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TwoWay {
    /// The t-test; its variance is that of the seeds and of the examples together.
    pub t_test: TTest,
    /// The standard error that remains with any number of seeds, because of the examples.
    pub of_examples: f64,
}

/// The variance of a mean that one source gives, with its degrees of freedom.
#[derive(Clone, Copy)]
struct Part {
    variance: f64,
    freedom: f64,
}

/// What the rows of one group, or of pairs, give.
struct Layout {
    seeds: usize,
    examples: usize,
    mean: f64,
    /// The mean over seeds, for each example.
    by_example: Vec<f64>,
    /// Of the seeds' means, which includes the rest.
    of_seeds: Part,
    /// Of what neither the seed nor the example explains.
    rest: Part,
}

impl Layout {
    /// `None` for fewer than two seeds or examples.
    fn of(rows: &Rows) -> Option<Self> {
        let (seeds, examples) = (rows.len(), rows.first()?.len());
        if seeds < 2 || examples < 2 {
            return None;
        }
        let (n, m) = (seeds as f64, examples as f64);
        let mut totals = vec![0i64; examples];
        let (mut by_seed, mut squares) = (Vec::new(), 0i64);
        for row in rows {
            let mut total = 0i64;
            for (sum, &value) in totals.iter_mut().zip(row) {
                *sum += i64::from(value);
                total += i64::from(value);
                squares += i64::from(value * value);
            }
            by_seed.push(total as f64 / m);
        }
        let by_example: Vec<f64> = totals.iter().map(|&total| total as f64 / n).collect();
        let mean = mean(&by_seed)?;
        let around =
            |means: &[f64]| -> f64 { means.iter().map(|each| (each - mean).powi(2)).sum() };
        let (seed_squares, example_squares) = (m * around(&by_seed), n * around(&by_example));
        let total = squares as f64 - n * m * mean.powi(2);
        let part = |squares: f64, freedom: f64| Part {
            variance: squares / freedom / (n * m),
            freedom,
        };
        let rest = (total - seed_squares - example_squares).max(0.0);
        Some(Self {
            seeds,
            examples,
            mean,
            of_seeds: part(seed_squares, n - 1.0),
            rest: part(rest, (n - 1.0) * (m - 1.0)),
            by_example,
        })
    }
}

/// Below as many seeds, Satterthwaite's degrees of freedom are too many.
const FEW_SEEDS: usize = 10;

impl TwoWay {
    /// For pairs of models with the same seeds. `None` for fewer than two, or without a spread.
    pub fn paired(differences: &Rows) -> Option<Self> {
        let layout = Layout::of(differences)?;
        Self::new(layout.mean, &layout.by_example, &[&layout])
    }

    /// For two groups with seeds of their own, on the same examples.
    pub fn independent(baseline: &Rows, group: &Rows) -> Option<Self> {
        let (a, b) = (Layout::of(baseline)?, Layout::of(group)?);
        let means = a.by_example.iter().zip(&b.by_example);
        let by_example: Vec<f64> = means.map(|(a, b)| b - a).collect();
        Self::new(b.mean - a.mean, &by_example, &[&a, &b])
    }

    /// The variance of the mean is (MS seeds + MS examples - MS rest) over all values, and its degrees of
    /// freedom are approximated (Satterthwaite 1946, doi:10.2307/3002019). It is at least that of either
    /// source alone.
    fn new(difference: f64, by_example: &[f64], layouts: &[&Layout]) -> Option<Self> {
        let examples = by_example.len() as f64;
        let squares = by_example.iter().map(|each| (each - difference).powi(2));
        let of_examples = Part {
            variance: squares.sum::<f64>() / (examples - 1.0) / examples,
            freedom: examples - 1.0,
        };
        let sum = |part: fn(&Layout) -> Part| -> f64 {
            layouts.iter().map(|layout| part(layout).variance).sum()
        };
        let (seeds, rest) = (sum(|layout| layout.of_seeds), sum(|layout| layout.rest));
        let variance = (seeds + of_examples.variance - rest)
            .max(seeds)
            .max(of_examples.variance);
        if variance <= 0.0
            || layouts
                .iter()
                .any(|layout| layout.examples != by_example.len())
        {
            return None;
        }
        let parts = layouts
            .iter()
            .flat_map(|layout| [layout.of_seeds, layout.rest])
            .chain([of_examples]);
        let spread: f64 = parts.map(|part| part.variance.powi(2) / part.freedom).sum();
        let fewest = layouts.iter().map(|layout| layout.seeds).min()?;
        let satterthwaite = variance.powi(2) / spread;
        let freedom = if fewest < FEW_SEEDS {
            satterthwaite.min(fewest as f64 - 1.0)
        } else {
            satterthwaite
        };
        Some(Self {
            t_test: TTest::new(difference, variance.sqrt(), freedom, fewest),
            of_examples: (of_examples.variance - rest).max(0.0).sqrt(),
        })
    }
}
