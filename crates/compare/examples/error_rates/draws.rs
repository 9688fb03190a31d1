//! Runs drawn from distributions.

use compare::Sample;
use compare::statistics::Failed;
use rand::RngExt;
use rand::rngs::StdRng;
use rand_distr::{Distribution, Exp1, StandardNormal, StudentT};

const CHANCE: f64 = 0.1;

/// A distribution with a mean of 0 and, but for heavy tails, a standard deviation of 1.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    Normal,
    /// Some seeds are much worse.
    Skewed,
    /// Few seeds are very much worse.
    Lognormal,
    /// Student's t with two degrees of freedom: no variance.
    Heavy,
    /// Normal, with one value in twenty ten times as far away.
    Outliers,
    /// One seed in ten is worse, all by the same.
    Bimodal,
}

impl Shape {
    pub const ALL: [Self; 6] = [
        Self::Normal,
        Self::Skewed,
        Self::Lognormal,
        Self::Heavy,
        Self::Outliers,
        Self::Bimodal,
    ];

    pub fn draw(self, random: &mut StdRng) -> f64 {
        let normal: f64 = StandardNormal.sample(random);
        match self {
            Self::Normal => normal,
            Self::Skewed => {
                let exponential: f64 = Exp1.sample(random);
                1.0 - exponential
            }
            Self::Lognormal => {
                let e = std::f64::consts::E;
                (e.sqrt() - normal.exp()) / (e * (e - 1.0)).sqrt()
            }
            Self::Heavy => {
                let t = StudentT::new(2.0).expect("two degrees of freedom");
                t.sample(random) / 2.0
            }
            Self::Outliers => {
                let scale = if random.random_bool(0.05) { 10.0 } else { 1.0 };
                normal * scale / 5.95_f64.sqrt()
            }
            Self::Bimodal => {
                if random.random_bool(0.1) {
                    -3.0
                } else {
                    1.0 / 3.0
                }
            }
        }
    }
}

/// An experiment whose runs are drawn.
#[derive(Clone, Copy, Debug)]
pub struct Experiment {
    pub shape: Shape,
    pub mean: f64,
    pub deviation: f64,
    pub runs: usize,
    /// The share of runs that learn nothing.
    pub collapse: f64,
    /// Examples of the test set.
    pub examples: f64,
}

impl Experiment {
    pub fn new(shape: Shape, deviation: f64, runs: usize) -> Self {
        Self {
            shape,
            mean: 0.98,
            deviation,
            runs,
            collapse: 0.0,
            examples: 10_000.0,
        }
    }

    /// Runs with seeds from `first` on. `shared` is what each seed has in common with the other
    /// group's, and its share of the variance.
    pub fn draw(
        &self,
        first: u64,
        shared: Option<(&[f64], f64)>,
        random: &mut StdRng,
    ) -> (Sample, Failed) {
        let mut values = Vec::new();
        let mut failed = 0;
        for index in 0..self.runs {
            let own = self.shape.draw(random);
            let value = match shared {
                Some((common, share)) => share.sqrt() * common[index] + (1.0 - share).sqrt() * own,
                None => own,
            };
            if random.random_bool(self.collapse) {
                failed += 1;
                continue;
            }
            let value = (self.mean + self.deviation * value).clamp(CHANCE, 1.0);
            let value = (value * self.examples).round() / self.examples;
            values.push((first + index as u64, value));
        }
        let sample = Sample {
            values,
            resolution: 1.0 / self.examples,
        };
        let failed = Failed {
            failed,
            runs: self.runs,
        };
        (sample, failed)
    }
}

/// How the runs of two groups go together.
#[derive(Clone, Copy, Debug)]
pub enum Design {
    /// By seed, with this correlation.
    Paired(f64),
    Independent,
}

pub fn pair(
    experiments: [Experiment; 2],
    design: Design,
    random: &mut StdRng,
) -> [(Sample, Failed); 2] {
    match design {
        Design::Paired(share) => {
            let count = experiments[0].runs.max(experiments[1].runs);
            let common: Vec<f64> = (0..count)
                .map(|_| experiments[0].shape.draw(random))
                .collect();
            experiments.map(|each| each.draw(0, Some((&common, share)), random))
        }
        Design::Independent => {
            let first = experiments[0].draw(0, None, random);
            [first, experiments[1].draw(1000, None, random)]
        }
    }
}
