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

mod draws;
mod selection;
mod sequential;
mod table;
mod two_way;

use compare::statistics::Verdict;

use crate::draws::{Design, Experiment, Shape, pair};
use crate::table::{DIFFERENT, DRAWS, MARGIN, entry, heading, rate, row};

const SEEDS: [usize; 5] = [2, 3, 5, 10, 30];

fn main() {
    let mut above = 0;
    above += same_distribution();
    above += unequal_groups();
    above += collapses();
    above += equivalence();
    above += families();
    above += sequential::ever_wrong();
    above += two_way::wrong_intervals();
    above += selection::wrong_choices();
    println!("\n{above} entries above 5 % and two Monte-Carlo errors\n");
    unlike_shapes();
    power();
    sequential::seeds_used();
    selection::optimism_left();
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
                row(format!("{shape:?}, {deviation}, {design:?}"));
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
            row(format!("Normal, {deviation}, {design:?}"));
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
        row(format!("{one} and {other}"));
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
            row(format!("{share} of {name}"));
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
                row(format!("{shape:?}, {deviation}, {design:?}"));
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
                row(format!("{groups} groups, {name}, {what}"));
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
        row(format!("{shape:?}, 0.005, against Normal, 0.0005"));
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
        row(format!("{collapse} of the group, Normal, 0.0006"));
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
    let found = rate(DRAWS, &[verdict], |random| {
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
            row(format!("{:.1} points, {design:?}", 100.0 * apart));
            for [n, m] in SIZES {
                let one = Experiment::new(Shape::Normal, 0.0013, n);
                let other = Experiment {
                    mean: one.mean + apart,
                    runs: m,
                    ..one
                };
                let found = rate(DRAWS, &[Verdict::Better], |random| {
                    vec![pair([one, other], design, random)]
                });
                print!("{:7.2} ", 100.0 * found);
            }
            println!();
        }
    }
}
