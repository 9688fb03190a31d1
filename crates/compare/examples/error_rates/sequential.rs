//! Seeds that are added until the verdict is decided.

use compare::statistics::{Failed, Verdict, level_of_looks, planned_looks};
use compare::verdicts;
use rand::rngs::StdRng;

use crate::draws::{Design, Experiment, Shape, pair};
use crate::table::{DIFFERENT, DRAWS, MARGIN, entry_of, heading, mean, row};

/// Looks planned beforehand, with the level of each.
struct Plan {
    looks: Vec<usize>,
    level: f64,
}

impl Plan {
    fn up_to(most: usize) -> Self {
        let looks = planned_looks(most);
        let level = level_of_looks(&looks);
        Self { looks, level }
    }

    /// The first decided verdict, with the number of seeds that it took.
    fn decided(
        &self,
        experiments: [Experiment; 2],
        design: Design,
        random: &mut StdRng,
    ) -> (Verdict, usize) {
        let all = pair(experiments, design, random);
        let mut used = 0;
        for &look in &self.looks {
            used = look;
            let seen = all.clone().map(|(mut sample, _)| {
                sample.values.retain(|&(seed, _)| seed < look as u64);
                let failed = look - sample.values.len();
                (sample, Failed { failed, runs: look })
            });
            let verdict = verdicts(&[seen], MARGIN, self.level)[0];
            if verdict != Verdict::Undecided {
                return (verdict, look);
            }
        }
        (Verdict::Undecided, used)
    }
}

const CORRELATED: [Design; 2] = [Design::Paired(0.0), Design::Paired(0.5)];

/// A wrong verdict at any look counts.
pub fn ever_wrong() -> usize {
    const MOST: [usize; 4] = [10, 20, 30, 50];
    let plans = MOST.map(Plan::up_to);
    let columns = plans
        .iter()
        .map(|plan| format!("to {}", plan.looks[plan.looks.len() - 1]));
    heading("Seeds added until decided, ever wrong", columns);
    let mut above = 0;
    for (what, deviation, apart, wrong) in [
        ("different", 0.0013, 0.0, DIFFERENT.as_slice()),
        ("different", 0.005, 0.0, &DIFFERENT),
        ("equivalent", 0.0006, MARGIN, &[Verdict::Equivalent]),
        ("equivalent", 0.0013, MARGIN, &[Verdict::Equivalent]),
    ] {
        for shape in Shape::ALL {
            for design in CORRELATED {
                row(format!("{shape:?}, {deviation}, {design:?}, {what}"));
                for plan in &plans {
                    let runs = plan.looks[plan.looks.len() - 1];
                    let one = Experiment::new(shape, deviation, runs);
                    let other = Experiment {
                        mean: one.mean - apart,
                        ..one
                    };
                    above += entry_of(|random| {
                        wrong.contains(&plan.decided([one, other], design, random).0)
                    });
                }
                println!();
            }
        }
    }
    above
}

/// What the looks save, and what they cost.
pub fn seeds_used() {
    let columns = ["seeds", "decided", "fixed"].map(str::to_owned);
    heading(
        "Seeds used of 30, verdicts decided, and those of a fixed 30",
        columns,
    );
    let plan = Plan::up_to(30);
    let fixed = Plan {
        looks: vec![30],
        level: compare::statistics::ALPHA,
    };
    for deviation in [0.0006, 0.0013, 0.003] {
        for apart in [0.0, 0.001, 0.002, 0.003, 0.005, 0.01] {
            row(format!("{:.1} points, Normal, {deviation}", 100.0 * apart));
            let one = Experiment::new(Shape::Normal, deviation, 30);
            let other = Experiment {
                mean: one.mean - apart,
                ..one
            };
            let of = |plan: &Plan, random: &mut StdRng| {
                plan.decided([one, other], Design::Paired(0.0), random)
            };
            let decided = |plan: &Plan| {
                100.0
                    * mean(DRAWS / 10, 0, |random| {
                        f64::from(u8::from(of(plan, random).0 != Verdict::Undecided))
                    })
            };
            let used = mean(DRAWS / 10, 0, |random| of(&plan, random).1 as f64);
            println!("{used:7.1} {:7.1} {:7.1} ", decided(&plan), decided(&fixed));
        }
    }
}
