//! Simulates runs and prints how often a verdict is wrong, and how often it finds what is there:
//!
//! ```sh
//! cargo run --release -p compare --example error_rates
//! ```
//!
//! Accuracies are drawn around 98 %, in points of several shapes, and rounded to the examples of the
//! test set. Each rate is of 20,000 draws; one above 5 % and two Monte-Carlo errors is drawn again, 16
//! times as often. The margin is the default, 0.2 points.

#![allow(clippy::print_stdout, reason = "an example prints its results")]

use compare::statistics::{Failed, Verdict};
use compare::{Sample, verdicts};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Exp1, StandardNormal, StudentT};
use rayon::prelude::*;

const DRAWS: u32 = 20_000;
const MARGIN: f64 = 0.002;
const SEEDS: [usize; 5] = [2, 3, 5, 10, 30];
const CHANCE: f64 = 0.1;

fn main() {
    let mut above = 0;
    above += same_distribution();
    above += unequal_groups();
    above += collapses();
    above += equivalence();
    above += families();
    println!("\n{above} entries above 5 % and two Monte-Carlo errors\n");
    unlike_shapes();
    power();
}

/// A distribution with a mean of 0 and, but for heavy tails, a standard deviation of 1.
#[derive(Clone, Copy, Debug)]
enum Shape {
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
    const ALL: [Self; 6] = [
        Self::Normal,
        Self::Skewed,
        Self::Lognormal,
        Self::Heavy,
        Self::Outliers,
        Self::Bimodal,
    ];

    fn draw(self, random: &mut StdRng) -> f64 {
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
struct Experiment {
    shape: Shape,
    mean: f64,
    deviation: f64,
    runs: usize,
    /// The share of runs that learn nothing.
    collapse: f64,
    /// Examples of the test set.
    examples: f64,
}

impl Experiment {
    fn new(shape: Shape, deviation: f64, runs: usize) -> Self {
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
    fn draw(
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
enum Design {
    /// By seed, with this correlation.
    Paired(f64),
    Independent,
}

fn pair(
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

const DIFFERENT: [Verdict; 2] = [Verdict::Better, Verdict::Worse];

/// The share of draws of a family in which a verdict is one of the `wrong` ones.
fn rate(
    draws: u32,
    seed: u64,
    wrong: &[Verdict],
    family: impl Fn(&mut StdRng) -> Vec<[(Sample, Failed); 2]> + Sync,
) -> f64 {
    let counts = (0..draws).into_par_iter().map(|draw| {
        let mut random = StdRng::seed_from_u64(seed << 32 | u64::from(draw));
        let found = verdicts(&family(&mut random), MARGIN);
        u32::from(found.iter().any(|verdict| wrong.contains(verdict)))
    });
    f64::from(counts.sum::<u32>()) / f64::from(draws)
}

/// Prints a rate, marked if it is above 5 %. Returns whether it is.
fn entry(
    wrong: &[Verdict],
    family: impl Fn(&mut StdRng) -> Vec<[(Sample, Failed); 2]> + Sync,
) -> usize {
    let is_above = |rate: f64, draws: u32| rate > 0.05 + 2.0 * (0.0475 / f64::from(draws)).sqrt();
    let mut found = rate(DRAWS, 0, wrong, &family);
    let mut above = is_above(found, DRAWS);
    if above {
        found = rate(16 * DRAWS, 1, wrong, &family);
        above = is_above(found, 16 * DRAWS);
    }
    print!("{:7.2}{}", 100.0 * found, if above { "*" } else { " " });
    usize::from(above)
}

fn heading(title: &str, columns: impl IntoIterator<Item = String>) {
    println!("\n{title}, %");
    print!("{:44}", "");
    for column in columns {
        print!("{column:>7} ");
    }
    println!();
}

fn counts() -> impl Iterator<Item = String> {
    SEEDS.iter().map(|seeds| format!("n={seeds}"))
}

/// Both groups are drawn from one distribution: better or worse is wrong.
fn same_distribution() -> usize {
    heading("The same distribution, better or worse", counts());
    let designs = [
        Design::Paired(0.0),
        Design::Paired(0.5),
        Design::Paired(0.9),
        Design::Independent,
    ];
    let mut above = 0;
    for deviation in [0.0013, 0.005] {
        for shape in Shape::ALL {
            for design in designs {
                print!("{:44}", format!("{shape:?}, {deviation}, {design:?}"));
                for seeds in SEEDS {
                    let one = Experiment::new(shape, deviation, seeds);
                    above += entry(&DIFFERENT, |random| vec![pair([one; 2], design, random)]);
                }
                println!();
            }
        }
    }
    // The deviations of the README's reference runs.
    for deviation in [0.0005, 0.001, 0.0017, 0.0026] {
        for design in [Design::Paired(0.0), Design::Independent] {
            print!("{:44}", format!("Normal, {deviation}, {design:?}"));
            for seeds in SEEDS {
                let one = Experiment::new(Shape::Normal, deviation, seeds);
                above += entry(&DIFFERENT, |random| vec![pair([one; 2], design, random)]);
            }
            println!();
        }
    }
    for (examples, deviation) in [(100.0, 0.01), (1000.0, 0.002)] {
        for design in [Design::Paired(0.0), Design::Independent] {
            print!(
                "{:44}",
                format!("{examples} test examples, {deviation}, {design:?}")
            );
            for seeds in SEEDS {
                let one = Experiment {
                    examples,
                    ..Experiment::new(Shape::Normal, deviation, seeds)
                };
                above += entry(&DIFFERENT, |random| vec![pair([one; 2], design, random)]);
            }
            println!();
        }
    }
    above
}

/// Equal means, but not equal numbers of runs or deviations: better or worse is wrong.
fn unequal_groups() -> usize {
    const SIZES: [[usize; 2]; 9] = [
        [2, 2],
        [3, 3],
        [5, 5],
        [10, 2],
        [2, 10],
        [30, 2],
        [30, 3],
        [3, 30],
        [5, 30],
    ];
    heading(
        "Unequal groups of normal runs, better or worse",
        SIZES.map(|[n, m]| format!("{n}/{m}")),
    );
    let mut above = 0;
    for [one, other] in [
        [0.005, 0.005],
        [0.001, 0.005],
        [0.0013, 0.0026],
        [0.005, 0.0002],
    ] {
        print!("{:44}", format!("{one} and {other}"));
        for [n, m] in SIZES {
            let experiments = [
                Experiment::new(Shape::Normal, one, n),
                Experiment::new(Shape::Normal, other, m),
            ];
            above += entry(&DIFFERENT, |random| {
                vec![pair(experiments, Design::Independent, random)]
            });
        }
        println!();
    }
    above
}

/// Runs that learn nothing. In both groups: better or worse is wrong. In the group only: better and
/// equivalent are wrong.
fn collapses() -> usize {
    heading("Runs that learn nothing", counts());
    let mut above = 0;
    for share in [0.02, 0.05, 0.1, 0.3] {
        for (name, baseline, wrong) in [
            ("both, better or worse", share, &DIFFERENT),
            (
                "the group alone, better or equivalent",
                0.0,
                &[Verdict::Better, Verdict::Equivalent],
            ),
        ] {
            print!("{:44}", format!("{share} of {name}"));
            for seeds in SEEDS {
                let learning = Experiment::new(Shape::Normal, 0.005, seeds);
                let collapsing = |collapse| Experiment {
                    collapse,
                    ..learning
                };
                let both = [collapsing(baseline), collapsing(share)];
                above += entry(wrong, |random| {
                    vec![pair(both, Design::Paired(0.0), random)]
                });
            }
            println!();
        }
    }
    above
}

/// Means as far apart as the margin: equivalent is wrong.
fn equivalence() -> usize {
    heading("As far apart as the margin, equivalent", counts());
    let mut above = 0;
    for deviation in [0.0003, 0.0006, 0.0013, 0.003] {
        for shape in Shape::ALL {
            for design in [Design::Paired(0.0), Design::Independent] {
                print!("{:44}", format!("{shape:?}, {deviation}, {design:?}"));
                for seeds in SEEDS {
                    let one = Experiment::new(shape, deviation, seeds);
                    let other = Experiment {
                        mean: one.mean - MARGIN,
                        ..one
                    };
                    above += entry(&[Verdict::Equivalent], |random| {
                        vec![pair([one, other], design, random)]
                    });
                }
                println!();
            }
        }
    }
    above
}

/// Several groups at once: any wrong verdict counts.
fn families() -> usize {
    heading("Several groups, any wrong verdict", counts());
    let mut above = 0;
    for groups in [2, 3, 5, 11] {
        for (name, all_pairs) in [("against the first", false), ("all pairs", true)] {
            for (what, deviation, apart, wrong) in [
                ("better or worse", 0.005, 0.0, DIFFERENT.as_slice()),
                ("equivalent", 0.0006, MARGIN, &[Verdict::Equivalent]),
            ] {
                // All pairs cannot be a margin apart.
                if all_pairs && apart > 0.0 {
                    continue;
                }
                print!("{:44}", format!("{groups} groups, {name}, {what}"));
                for seeds in SEEDS {
                    above += entry(wrong, |random| {
                        let first = Experiment::new(Shape::Normal, deviation, seeds);
                        let other = Experiment {
                            mean: first.mean - apart,
                            ..first
                        };
                        let mut drawn = vec![first.draw(0, None, random)];
                        drawn.extend((1..groups).map(|_| other.draw(0, None, random)));
                        let pairs = (0..groups).flat_map(|a| (a + 1..groups).map(move |b| (a, b)));
                        pairs
                            .filter(|&(a, _)| all_pairs || a == 0)
                            .map(|(a, b)| [drawn[a].clone(), drawn[b].clone()])
                            .collect()
                    });
                }
                println!();
            }
        }
    }
    above
}

/// What no test can see in a few runs: bad seeds that did not occur. Verdicts are about runs as those
/// seen.
fn unlike_shapes() {
    heading(
        "Equal means, but few of the group's seeds are much worse: better",
        counts(),
    );
    for shape in [Shape::Skewed, Shape::Lognormal, Shape::Bimodal] {
        print!("{:44}", format!("{shape:?}, 0.005, against Normal, 0.0005"));
        for seeds in SEEDS {
            let experiments = [
                Experiment::new(Shape::Normal, 0.0005, seeds),
                Experiment::new(shape, 0.005, seeds),
            ];
            unseen(experiments, Verdict::Better);
        }
        println!();
    }
    heading(
        "The same, but some of the group's runs learn nothing: equivalent",
        counts(),
    );
    for collapse in [0.02, 0.05, 0.1] {
        print!("{:44}", format!("{collapse} of the group, Normal, 0.0006"));
        for seeds in SEEDS {
            let learning = Experiment::new(Shape::Normal, 0.0006, seeds);
            let collapsing = Experiment {
                collapse,
                ..learning
            };
            unseen([learning, collapsing], Verdict::Equivalent);
        }
        println!();
    }
}

fn unseen(experiments: [Experiment; 2], verdict: Verdict) {
    let found = rate(DRAWS, 0, &[verdict], |random| {
        vec![pair(experiments, Design::Independent, random)]
    });
    print!("{:7.2} ", 100.0 * found);
}

/// How often a difference is found that is there.
fn power() {
    const SIZES: [[usize; 2]; 8] = [
        [2, 2],
        [3, 3],
        [5, 5],
        [10, 10],
        [30, 30],
        [2, 10],
        [3, 10],
        [3, 30],
    ];
    heading(
        "Power: better, of normal runs with a deviation of 0.0013",
        SIZES.map(|[n, m]| format!("{n}/{m}")),
    );
    for apart in [0.001, 0.002, 0.003, 0.005, 0.01] {
        for design in [Design::Paired(0.0), Design::Independent] {
            print!("{:44}", format!("{:.1} points, {design:?}", 100.0 * apart));
            for [n, m] in SIZES {
                let one = Experiment::new(Shape::Normal, 0.0013, n);
                let other = Experiment {
                    mean: one.mean + apart,
                    runs: m,
                    ..one
                };
                let found = rate(DRAWS, 0, &[Verdict::Better], |random| {
                    vec![pair([one, other], design, random)]
                });
                print!("{:7.2} ", 100.0 * found);
            }
            println!();
        }
    }
}
