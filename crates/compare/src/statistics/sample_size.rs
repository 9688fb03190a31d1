use statrs::distribution::{ContinuousCDF, Normal};
use statrs::function::gamma::ln_gamma;

use super::t_test::student;
use super::{ALPHA, deviation};

/// The chance of a decided verdict that the number of seeds must reach.
pub const POWER: f64 = 0.8;

/// The largest number of seeds reported.
pub const MOST_SEEDS: usize = 1000;

/// The sampling variance of a difference of means over n seeds, estimated from the observed seeds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// The difference's variance is this over n.
    variance: f64,
    /// The degrees of freedom of the estimated variance, for each seed after the first. In groups, they
    /// are more than those of the test, which are the fewest possible.
    freedom: f64,
}

/// The chances of the verdicts at a number of seeds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chances {
    /// Of better or worse.
    pub difference: f64,
    /// Of equivalent.
    pub equivalence: f64,
}

impl Chances {
    /// The chance that the verdict is not undecided.
    pub fn decided(self) -> f64 {
        self.difference + self.equivalence
    }
}

impl Spread {
    /// From paired differences; `None` for fewer than two.
    pub fn paired(differences: &[f64]) -> Option<Self> {
        let variance = deviation(differences)?.powi(2);
        Some(Self {
            variance,
            freedom: 1.0,
        })
    }

    /// From two groups of n each, with Welch's degrees of freedom. `None` if one has fewer than two
    /// values or neither has a spread.
    pub fn independent(baseline: &[f64], group: &[f64]) -> Option<Self> {
        let (a, b) = (deviation(baseline)?.powi(2), deviation(group)?.powi(2));
        let variance = a + b;
        if variance <= 0.0 || !variance.is_finite() {
            return None;
        }
        let share = a / variance;
        let freedom = 1.0 / (share.powi(2) + (1.0 - share).powi(2));
        Some(Self { variance, freedom })
    }

    /// The chances of the verdicts with this many seeds, if the true difference and the true spread
    /// are those observed. Both tests are at [`ALPHA`] over `divisor`, the strictest level of
    /// Holm's correction.
    ///
    /// The mean and the spread that the seeds will show are independent: the chances given the
    /// spread are those of a normal distribution, and the spread is integrated over its own (chi).
    pub fn chances(&self, seeds: usize, difference: f64, margin: f64, divisor: f64) -> Chances {
        let alpha = ALPHA / divisor;
        let freedom = self.freedom * (seeds - 1) as f64;
        let error = (self.variance / seeds as f64).sqrt();
        let student = student((seeds - 1) as f64);
        let differs = student.inverse_cdf(1.0 - alpha / 2.0);
        let equals = student.inverse_cdf(1.0 - alpha);
        let normal = Normal::standard();
        // The chance that the mean seen is within a distance of zero.
        let within = |distance: f64| {
            normal.cdf((distance - difference) / error)
                - normal.cdf((-distance - difference) / error)
        };
        // Up to these quotients of the estimated and the true deviation, equivalence is possible, and
        // a mean that is not equivalent is different.
        let knee = margin / (equals * error);
        let crossing = margin / ((equals + differs) * error);
        let estimates = Estimates { freedom };
        Chances {
            equivalence: estimates
                .expected([0.0, knee], |ratio| within(margin - equals * ratio * error)),
            difference: estimates.expected([0.0, crossing], |ratio| {
                1.0 - within(margin - equals * ratio * error)
            }) + estimates.expected([crossing, f64::INFINITY], |ratio| {
                1.0 - within(differs * ratio * error)
            }),
        }
    }

    /// The fewest seeds with which the verdict is decided with a chance of [`POWER`]; see
    /// [`chances`](Self::chances). `None` if that takes more than [`MOST_SEEDS`].
    pub fn seeds_to_decide(&self, difference: f64, margin: f64, divisor: f64) -> Option<usize> {
        if self.variance <= 0.0 {
            return None;
        }
        let decided = |seeds: usize| {
            let chances = self.chances(seeds, difference, margin, divisor);
            chances.decided() >= POWER
        };
        // The chance need not grow with each seed: where equivalence becomes possible, it may fall
        // for a while. Steps of an eighth pass over no wide gap.
        let mut few = 1;
        while few < MOST_SEEDS {
            let many = (few + few / 8 + 1).min(MOST_SEEDS);
            if decided(many) {
                return (few + 1..=many).find(|&seeds| decided(seeds));
            }
            few = many;
        }
        None
    }
}

/// Quotients of an estimated and the true standard deviation: chi over the root of the degrees of
/// freedom.
#[derive(Clone, Copy)]
struct Estimates {
    freedom: f64,
}

impl Estimates {
    /// The integral of a smooth function of the quotient over a range of it, by Simpson's rule. Beyond
    /// nine standard deviations the density is below 1e-12. With few seeds, the functions change fast
    /// near zero, so the points are denser there: they are cubes.
    fn expected(self, range: [f64; 2], value: impl Fn(f64) -> f64) -> f64 {
        const STEPS: usize = 1200;
        let width = 9.0 / (2.0 * self.freedom).sqrt();
        let low = range[0].max(1.0 - width).max(0.0);
        let high = range[1].min(1.0 + width);
        if low >= high {
            return 0.0;
        }
        let sum: f64 = (0..=STEPS)
            .map(|index| {
                let weight = match index {
                    0 | STEPS => 1.0,
                    odd if odd % 2 == 1 => 4.0,
                    _ => 2.0,
                };
                let place = index as f64 / STEPS as f64;
                let ratio = low + (high - low) * place.powi(3);
                // The cube's derivative.
                let stretch = 3.0 * place.powi(2);
                weight * stretch * value(ratio) * self.density(ratio)
            })
            .sum();
        sum * (high - low) / STEPS as f64 / 3.0
    }

    fn density(self, ratio: f64) -> f64 {
        let half = self.freedom / 2.0;
        let constant = std::f64::consts::LN_2 + half * half.ln() - ln_gamma(half);
        // Zero times the infinite logarithm of zero.
        let power = if self.freedom == 1.0 {
            0.0
        } else {
            (self.freedom - 1.0) * ratio.ln()
        };
        (constant + power - half * ratio.powi(2)).exp()
    }
}
