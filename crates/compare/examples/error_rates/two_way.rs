//! Other seeds and other test examples: how often a difference between equals is found.

use compare::statistics::{ALPHA, Pairs, TTest, TwoWay};
use rand::rngs::StdRng;
use rand_distr::{Distribution, StandardNormal};

use crate::SEEDS;
use crate::table::{DRAWS, entry_of, heading, mean, row};

const EXAMPLES: usize = 200;

/// What makes a model right or wrong on an example, in standard deviations of a normal distribution.
#[derive(Clone, Copy, Debug)]
struct Sources {
    /// What a seed adds on all examples.
    seed: f64,
    /// How differently the two experiments find an example hard.
    example: f64,
}

impl Sources {
    const ALL: [Self; 5] = [
        Self {
            seed: 0.0,
            example: 0.0,
        },
        Self {
            seed: 0.2,
            example: 0.0,
        },
        Self {
            seed: 0.0,
            example: 0.5,
        },
        Self {
            seed: 0.1,
            example: 0.5,
        },
        Self {
            seed: 0.5,
            example: 0.5,
        },
    ];

    /// The outcomes of two experiments that are equally good, by seed and example.
    fn draw(self, seeds: usize, random: &mut StdRng) -> [Vec<Vec<i8>>; 2] {
        let mut normal = || -> f64 { StandardNormal.sample(random) };
        let hard: Vec<f64> = (0..EXAMPLES).map(|_| normal()).collect();
        [0, 1].map(|_| {
            let examples: Vec<f64> = hard
                .iter()
                .map(|hard| 1.5 + hard + self.example * normal())
                .collect();
            let seeds = (0..seeds).map(|_| {
                let seed = self.seed * normal();
                let right = examples
                    .iter()
                    .map(|example| i8::from(example + seed + 0.5 * normal() > 0.0));
                right.collect()
            });
            seeds.collect()
        })
    }
}

fn differences([baseline, group]: &[Vec<Vec<i8>>; 2]) -> Vec<Vec<i8>> {
    let rows = baseline.iter().zip(group);
    rows.map(|(a, b)| a.iter().zip(b).map(|(a, b)| b - a).collect())
        .collect()
}

/// The interval excludes a difference of zero.
pub fn wrong_intervals() -> usize {
    let counts = || SEEDS.iter().map(|seeds| format!("n={seeds}"));
    heading("Equals, over seeds and test examples, different", counts());
    let is_wrong = |test: Option<TwoWay>| test.is_some_and(|test| test.t_test.p < ALPHA);
    let mut above = 0;
    for sources in Sources::ALL {
        let name = format!("seed {}, example {}", sources.seed, sources.example);
        row(format!("{name}, paired"));
        for seeds in SEEDS {
            above += entry_of(|random| {
                is_wrong(TwoWay::paired(&differences(&sources.draw(seeds, random))))
            });
        }
        println!();
        row(format!("{name}, independent"));
        for seeds in SEEDS {
            above += entry_of(|random| {
                let [baseline, group] = sources.draw(seeds, random);
                is_wrong(TwoWay::independent(&baseline, &group))
            });
        }
        println!();
        row(format!("{name}, as if over seeds alone"));
        for seeds in SEEDS {
            let wrong = mean(DRAWS / 4, 0, |random| {
                let both = sources.draw(seeds, random);
                let accuracy = |row: &Vec<i8>| {
                    row.iter().map(|&right| f64::from(right)).sum::<f64>() / EXAMPLES as f64
                };
                let [baseline, group] = both.map(|rows| rows.iter().map(accuracy).collect());
                let (baseline, group): (Vec<f64>, Vec<f64>) = (baseline, group);
                let pairs = Pairs {
                    values: baseline.into_iter().zip(group).collect(),
                };
                let test = TTest::paired(&pairs, 1.0 / EXAMPLES as f64);
                f64::from(u8::from(test.is_some_and(|test| test.p < ALPHA)))
            });
            print!("{:7.2} ", 100.0 * wrong);
        }
        println!();
    }
    above
}
