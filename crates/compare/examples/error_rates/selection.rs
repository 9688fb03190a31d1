//! The best of several by validation, compared with a baseline on the test set.

use compare::statistics::{ALPHA, Candidate, Failed, Verdict, optimism};
use compare::{Sample, verdicts};
use rand::rngs::StdRng;
use rand_distr::{Distribution, StandardNormal};

use crate::table::{DIFFERENT, DRAWS, MARGIN, entry_of, heading, mean, row};

const MEMBERS: [usize; 4] = [2, 5, 20, 50];
const DEVIATION: f64 = 0.003;

/// Members whose validation and test accuracy share some of the luck, with the true mean of each.
fn members(
    count: usize,
    seeds: usize,
    shared: f64,
    apart: f64,
    random: &mut StdRng,
) -> Vec<(f64, Candidate)> {
    let mut normal = || -> f64 { StandardNormal.sample(random) };
    (0..count)
        .map(|_| {
            let truth = 0.9 + apart * normal();
            let runs = (0..seeds).map(|_| {
                let common = shared.sqrt() * normal();
                let mut figure = || truth + DEVIATION * (common + (1.0 - shared).sqrt() * normal());
                (figure(), figure())
            });
            (truth, runs.collect())
        })
        .collect()
}

fn average(runs: &Candidate, figure: fn(&(f64, f64)) -> f64) -> f64 {
    runs.iter().map(figure).sum::<f64>() / runs.len() as f64
}

fn best(members: &[(f64, Candidate)]) -> &(f64, Candidate) {
    let by = |(_, runs): &(f64, Candidate)| average(runs, |run| run.0);
    let best = members
        .iter()
        .max_by(|one, other| by(one).total_cmp(&by(other)));
    best.expect("at least two members")
}

/// No member is better than the baseline: better or worse is wrong.
pub fn wrong_choices() -> usize {
    let columns = MEMBERS.map(|members| format!("of {members}"));
    heading("The best by validation of equals, better or worse", columns);
    let mut above = 0;
    for seeds in [2, 3, 5, 10] {
        for shared in [0.0, 0.5, 1.0] {
            row(format!("{seeds} seeds, {shared} shared with validation"));
            for count in MEMBERS {
                above += entry_of(|random| {
                    let all = members(count + 1, seeds, shared, 0.0, random);
                    let (baseline, candidates) = all.split_last().expect("one more than members");
                    let sample = |runs: &Candidate| {
                        let values = (0..).zip(runs).map(|(seed, run)| (seed, run.1));
                        let sample = Sample {
                            values: values.collect(),
                            resolution: 0.0,
                        };
                        let runs = runs.len();
                        (sample, Failed { failed: 0, runs })
                    };
                    let pair = [sample(&baseline.1), sample(&best(candidates).1)];
                    let found: Verdict = verdicts(&[pair], MARGIN, ALPHA / count as f64)[0];
                    DIFFERENT.contains(&found)
                });
            }
            println!();
        }
    }
    above
}

/// A figure of the validation accuracy's excess over the truth with the optimism, and the test accuracy's.
type Figure = fn([f64; 2], [f64; 2]) -> f64;

/// How far the figures of the best are from its true mean, as seen and corrected.
pub fn optimism_left() {
    let columns = ["valid.", "left", "test", "left"].map(str::to_owned);
    heading("Optimism of the best, in hundredths of a point", columns);
    for (count, seeds) in [(5, 3), (20, 3), (20, 5), (50, 5)] {
        for apart in [0.0, 0.001, 0.003, 0.01] {
            row(format!("{count} members, {seeds} seeds, {apart} apart"));
            let figures: [Figure; 4] = [
                |by, _| by[0],
                |by, _| by[0] - by[1],
                |_, test| test[0],
                |_, test| test[0] - test[1],
            ];
            for figure in figures {
                let left = mean(DRAWS / 40, 0, |random| {
                    let all = members(count, seeds, 0.5, apart, random);
                    let candidates: Vec<Candidate> =
                        all.iter().map(|(_, runs)| runs.clone()).collect();
                    let optimism = optimism(&candidates).expect("several seeds");
                    let (truth, runs) = best(&all);
                    figure(
                        [average(runs, |run| run.0) - truth, optimism.chosen_by],
                        [average(runs, |run| run.1) - truth, optimism.test],
                    )
                });
                print!("{:7.2} ", 1e4 * left);
            }
            println!();
        }
    }
}
